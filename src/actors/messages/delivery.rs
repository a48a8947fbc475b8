//! From a room to its members: events, what was missed, the end.

use std::sync::Arc;

use actix::Message;
use bytestring::ByteString;

use crate::domain::ids::SessionId;

/// Shuts a connection's socket from outside, whatever its actor is doing.
///
/// A connection whose peer does not read is not polled and can't end itself.
pub(crate) type ForceClose = Arc<dyn Fn() + Send + Sync>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its place in the log.
    pub seq: i64,
    /// Its bytes, the same for everybody.
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
    /// Whether live events follow; else the connection has to ask again.
    pub caught_up: bool,
}

/// The session is no more.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct SessionClosed {
    pub session: SessionId,
    pub reason: &'static str,
}
