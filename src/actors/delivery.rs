//! Messages from a room to its members: live events, missed events, and the end of the session.

use std::sync::Arc;

use actix::Message;
use bytestring::ByteString;

use crate::domain::ids::SessionId;

/// Closes a connection's socket from outside, whatever its actor is doing.
///
/// A connection whose peer does not read is not polled and can't end itself.
pub(crate) type ForceClose = Arc<dyn Fn() + Send + Sync>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The event's sequence number in the log.
    pub seq: i64,
    /// The serialized event, shared by all members.
    pub text: ByteString,
}

#[derive(Message, Debug, Clone)]
#[rtype(result = "()")]
pub(crate) struct Deliver {
    pub session: SessionId,
    pub frame: Frame,
}

/// A batch of missed events.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Replay {
    pub session: SessionId,
    /// In order, from the `next_seq` that was asked for.
    pub frames: Vec<Frame>,
    /// True if live events follow; otherwise the connection asks for the next batch.
    pub caught_up: bool,
}

/// The session was deleted or its log was replaced.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct SessionClosed {
    pub session: SessionId,
    pub reason: &'static str,
}
