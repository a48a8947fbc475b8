//! From frames to whole messages: fragments are joined up to the limit, and frames that carry next to
//! nothing are counted, since no other limit sees them.

use actix_http::ws::Item;
use actix_web_actors::ws::{Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::protocol::error::CloseReason;
use crate::service::limits::Limit;
use crate::telemetry::meters::Counter;

/// Fragments of fewer bytes count as small. Of larger ones a message can't have many.
const SMALL_FRAGMENT_BYTES: usize = 256;

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
mod tests {
    use super::*;

    /// Without a limit of small frames.
    fn unlimited(limit: usize) -> Assembler {
        Assembler::new(limit, Limit::new(0, 0), None)
    }

    #[test]
    fn frames_that_carry_next_to_nothing_are_counted_and_others_are_not() {
        const BURST: u32 = 10;
        let long = Bytes::from(vec![b'x'; SMALL_FRAGMENT_BYTES]);
        let floods: [fn() -> Message; 5] = [
            || Message::Ping(Bytes::new()),
            || Message::Pong(Bytes::new()),
            || Message::Pong("x".into()),
            || Message::Continuation(Item::FirstText(Bytes::new())),
            || Message::Continuation(Item::Continue("x".into())),
        ];
        for flood in floods {
            let meters = crate::telemetry::meters::Meters::new().unwrap();
            let refused = meters.rate_limited.of("frames").unwrap().clone();
            let mut assembler =
                Assembler::new(1 << 20, Limit::new(1, BURST), Some(refused.clone()));
            // A message that is under way, in fragments worth their header.
            let first = Item::FirstText(long.clone());
            assert_eq!(assembler.take(part(first)), Ok(Inbound::Nothing));
            for _ in 0..1000 {
                let next = Item::Continue(long.clone());
                assert_eq!(assembler.take(part(next)), Ok(Inbound::Nothing));
                let whole = Ok(Message::Text("{}".into()));
                assert_eq!(assembler.take(whole), Ok(Inbound::Text("{}".into())));
            }
            let taken = (0..1000).take_while(|_| assembler.take(Ok(flood())).is_ok());
            let taken = taken.count();
            // One a second comes back.
            assert!((10..13).contains(&taken), "{taken} of {:?}", flood());
            assert_eq!(refused.get(), 1);
            assert_eq!(assembler.take(Ok(flood())), Err(CloseReason::RateAbuse));
        }
    }

    fn part(item: Item) -> Result<Message, ProtocolError> {
        Ok(Message::Continuation(item))
    }

    #[test]
    fn fragments_become_one_message() {
        let mut assembler = unlimited(10);
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
            assert_eq!(unlimited(10).take(frame), Err(expected));
        }
        let mut assembler = unlimited(10);
        assembler
            .take(part(Item::FirstText("123456".into())))
            .unwrap();
        assert_eq!(
            assembler.take(part(Item::Continue("78901".into()))),
            Err(CloseReason::TooBig)
        );
        let mut assembler = unlimited(10);
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
