//! Assembles messages from frames: fragments are joined up to the limit, and very small frames are
//! rate-limited, since no other limit counts them.

use actix_http::ws::Item;
use actix_web_actors::ws::{Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::protocol::error::CloseReason;
use crate::service::limits::Limit;
use crate::telemetry::metrics::Counter;

/// A fragment of fewer bytes counts as small. The limit on a message's size bounds the number of
/// larger ones.
const SMALL_FRAGMENT_BYTES: usize = 256;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A complete text message.
    Text(ByteString),
    /// A ping, which has to be answered with a pong that holds the same bytes.
    Ping(Bytes),
    /// A frame that only shows that the peer is alive, or part of a message.
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
    /// Accepts messages of up to `limit` bytes, and pings, pongs and small fragments up to the rate
    /// of `small`; those over the rate are counted in `refused`.
    pub(super) const fn new(limit: usize, small: Limit, refused: Option<Counter>) -> Self {
        Self {
            limit,
            partial: None,
            small,
            refused,
        }
    }

    /// Processes one frame.
    ///
    /// # Errors
    /// Returns the reason for which the connection has to be closed.
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
            // The codec reports invalid UTF-8 as an I/O error here; a peer that disconnects just
            // ends the stream (`frames`).
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

/// Returns whether the frame is one that the limits of messages and commands do not bound.
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
