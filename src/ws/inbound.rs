//! From frames to whole messages: fragments are joined up to the limit.

use actix_http::ws::Item;
use actix_web_actors::ws::{Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::protocol::error::CloseReason;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A whole text message.
    Text(ByteString),
    /// To be answered with a pong.
    Ping(Bytes),
    /// A sign of life, or part of a message.
    Nothing,
    /// The peer closes.
    Closed,
}

/// Joins fragments.
#[derive(Debug)]
pub(super) struct Assembler {
    limit: usize,
    partial: Option<BytesMut>,
}

impl Assembler {
    /// For messages of up to `limit` bytes.
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            partial: None,
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
        match frame {
            Ok(Message::Text(text)) => Ok(Inbound::Text(text)),
            Ok(Message::Continuation(item)) => self.join(item),
            Ok(Message::Binary(_)) => Err(CloseReason::Unsupported),
            Ok(Message::Ping(payload)) => Ok(Inbound::Ping(payload)),
            Ok(Message::Pong(_) | Message::Nop) => Ok(Inbound::Nothing),
            Ok(Message::Close(_)) => Ok(Inbound::Closed),
            Err(ProtocolError::Overflow) => Err(CloseReason::TooBig),
            // Broken UTF-8 is an I/O error here; a peer that vanishes just ends the stream (`bound`).
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

#[cfg(test)]
mod tests {
    use super::*;

    fn part(item: Item) -> Result<Message, ProtocolError> {
        Ok(Message::Continuation(item))
    }

    #[test]
    fn fragments_become_one_message() {
        let mut assembler = Assembler::new(10);
        assert_eq!(
            assembler.take(part(Item::FirstText("ab".into()))),
            Ok(Inbound::Nothing)
        );
        assert_eq!(
            assembler.take(Ok(Message::Ping("x".into()))),
            Ok(Inbound::Ping("x".into()))
        );
        assert_eq!(
            assembler.take(part(Item::Continue("cd".into()))),
            Ok(Inbound::Nothing)
        );
        assert_eq!(
            assembler.take(part(Item::Last("e".into()))),
            Ok(Inbound::Text("abcde".into()))
        );
        assert_eq!(
            assembler.take(part(Item::Last("e".into()))),
            Err(CloseReason::ProtocolViolation),
            "nothing was begun"
        );
    }

    #[test]
    fn what_must_close_the_connection_does() {
        let cases = [
            (Ok(Message::Binary("x".into())), CloseReason::Unsupported),
            (
                part(Item::FirstBinary("x".into())),
                CloseReason::Unsupported,
            ),
            (Err(ProtocolError::Overflow), CloseReason::TooBig),
            (
                Err(ProtocolError::BadOpCode),
                CloseReason::ProtocolViolation,
            ),
        ];
        for (frame, expected) in cases {
            assert_eq!(Assembler::new(10).take(frame), Err(expected));
        }
        let mut assembler = Assembler::new(10);
        assembler
            .take(part(Item::FirstText("123456".into())))
            .unwrap();
        assert_eq!(
            assembler.take(part(Item::Continue("78901".into()))),
            Err(CloseReason::TooBig)
        );
        let mut assembler = Assembler::new(10);
        assembler
            .take(part(Item::FirstText(Bytes::from_static(b"\xff"))))
            .unwrap();
        assert_eq!(
            assembler.take(part(Item::Last("".into()))),
            Err(CloseReason::ProtocolViolation),
            "not UTF-8"
        );
    }
}
