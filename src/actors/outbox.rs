//! Bounded delivery to one member of a room. The room never learns what a socket is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix::Recipient;
use actix::prelude::SendError;

use crate::domain::ids::{ConnectionId, SessionId};

use super::messages::delivery::{Deliver, ForceClose, Frame, Replay, SessionClosed};

/// Bytes that wait in a connection's mailbox, over all its sessions.
#[derive(Debug)]
pub(crate) struct Pressure {
    waiting: AtomicUsize,
    limit: usize,
}

impl Pressure {
    /// Nothing waits; `limit` in bytes, 0 for none.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            waiting: AtomicUsize::new(0),
            limit: if limit == 0 { usize::MAX } else { limit },
        })
    }

    /// The connection has taken a delivery out of its mailbox.
    pub(crate) fn took(&self, frame: &Frame) {
        self.waiting.fetch_sub(frame.text.len(), Ordering::Relaxed);
    }

    /// An event larger than the whole limit passes when nothing else waits: it must pass some time.
    fn add(&self, bytes: usize) -> bool {
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        if before > 0 && before + bytes > self.limit {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        true
    }
}

/// The capacity of a member's mailbox for `events` at most, 0 for no limit.
pub(crate) const fn capacity(events: usize) -> usize {
    if events == 0 { usize::MAX >> 1 } else { events }
}

/// Set by the room when it stops pushing, cleared by it when the member has caught up; the connection
/// looks at it after everything it sends.
pub(crate) type Lag = Arc<AtomicBool>;

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is in the mailbox.
    Delivered,
    /// The mailbox is full: the member lags from this event on.
    Full,
    /// The connection is gone.
    Gone,
}

/// One member's side of a room.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub id: ConnectionId,
    /// One recipient kept for as long as the session is joined: a fresh clone may always send one message
    /// over the mailbox's capacity.
    pub deliver: Recipient<Deliver>,
    /// At most one outstanding, so not bounded by the mailbox.
    pub replay: Recipient<Replay>,
    /// At most one in a session's life.
    pub closed: Recipient<SessionClosed>,
    /// Shared by all sessions of the connection.
    pub pressure: Arc<Pressure>,
    /// Of this session alone.
    pub lag: Lag,
    /// Ends the connection by force.
    pub force_close: ForceClose,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Outbox {
    /// Puts one live event into the member's mailbox, if there is room.
    pub(crate) fn push(&self, session: SessionId, frame: &Frame) -> Pushed {
        if !self.pressure.add(frame.text.len()) {
            return self.full();
        }
        match self.deliver.try_send(Deliver {
            session,
            frame: frame.clone(),
        }) {
            Ok(()) => Pushed::Delivered,
            Err(refused) => {
                self.pressure.took(frame);
                match refused {
                    SendError::Full(_) => self.full(),
                    SendError::Closed(_) => Pushed::Gone,
                }
            }
        }
    }

    fn full(&self) -> Pushed {
        self.lag.store(true, Ordering::Release);
        Pushed::Full
    }
}

#[cfg(test)]
#[path = "tests/outbox.rs"]
mod tests;
