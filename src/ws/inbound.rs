//! From frames to whole messages: fragments are joined up to the limit, and frames that carry next to
//! nothing are counted, since no other limit sees them.

use actix_http::ws::Item;
use actix_web_actors::ws::{Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::protocol::error::CloseReason;
use crate::service::limits::Limit;
use crate::telemetry::metrics::Counter;

/// Fragments of fewer bytes count as small. Of larger ones a message can't have many.
const SMALL_FRAGMENT_BYTES: usize = 256;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A whole text message.
    Text(ByteString),
    /// To be answered with a pong.
    Ping(Bytes),
    /// A sign of life, or part of a message.
    Nothing,
    Closed,
}

pub(super) struct Assembler {
    limit: usize,
    partial: Option<BytesMut>,
    small: Limit,
    refused: Option<Counter>,
}

impl Assembler {
    /// For messages of up to `limit` bytes, and pings, pongs and small fragments within the rate `small`;
    /// what goes over it is counted in `refused`.
    pub(super) const fn new(limit: usize, small: Limit, refused: Option<Counter>) -> Self {
        Self {
            limit,
            partial: None,
            small,
            refused,
        }
    }

    /// Takes one frame.
    ///
    /// # Errors
    /// Why the connection has to be closed.
    pub(super) fn take(
        &mut self,
        frame: Result<Message, ProtocolError>,
    ) -> Result<Inbound, CloseReason> {
        if frame.as_ref().is_ok_and(is_small) && self.small.check().is_err() {
            if let Some(refused) = &self.refused {
                refused.inc();
            }
            return Err(CloseReason::RateAbuse);
        }
        match frame {
            Ok(Message::Text(text)) => Ok(Inbound::Text(text)),
            Ok(Message::Continuation(item)) => self.join(item),
            Ok(Message::Binary(_)) => Err(CloseReason::Unsupported),
            Ok(Message::Ping(payload)) => Ok(Inbound::Ping(payload)),
            Ok(Message::Pong(_) | Message::Nop) => Ok(Inbound::Nothing),
            Ok(Message::Close(_)) => Ok(Inbound::Closed),
            Err(ProtocolError::Overflow) => Err(CloseReason::TooBig),
            // Broken UTF-8 is an I/O error here; a peer that vanishes just ends the stream (`frames`).
            Err(_) => Err(CloseReason::ProtocolViolation),
        }
    }

    fn join(&mut self, item: Item) -> Result<Inbound, CloseReason> {
        let (part, last) = match item {
            Item::FirstText(part) => {
                self.partial = Some(BytesMut::new());
                (part, false)
            }
            Item::FirstBinary(_) => return Err(CloseReason::Unsupported),
            Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
        };
        let Some(partial) = &mut self.partial else {
            return Err(CloseReason::ProtocolViolation);
        };
        if partial.len() + part.len() > self.limit {
            return Err(CloseReason::TooBig);
        }
        partial.extend_from_slice(&part);
        if !last {
            return Ok(Inbound::Nothing);
        }
        let whole = self.partial.take().unwrap_or_default().freeze();
        ByteString::try_from(whole)
            .map(Inbound::Text)
            .map_err(|_| CloseReason::ProtocolViolation)
    }
}

/// Whether the frame is none of those that the limits of messages and commands bound.
fn is_small(frame: &Message) -> bool {
    match frame {
        Message::Ping(_) | Message::Pong(_) => true,
        Message::Continuation(
            Item::FirstText(part)
            | Item::FirstBinary(part)
            | Item::Continue(part)
            | Item::Last(part),
        ) => part.len() < SMALL_FRAGMENT_BYTES,
        Message::Text(_) | Message::Binary(_) | Message::Close(_) | Message::Nop => false,
    }
}

#[cfg(test)]
#[path = "tests/inbound.rs"]
mod tests;
