//! Bounded delivery to one member of a room, which hides from the room what kind
//! of connection it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix::Recipient;
use actix::prelude::SendError;

use crate::domain::ids::{ConnectionId, SessionId};

use super::delivery::{Deliver, ForceClose, Frame, Replay, SessionClosed};

/// The bytes queued in a connection's mailbox, over all its sessions.
#[derive(Debug)]
pub(crate) struct Pressure {
    waiting: AtomicUsize,
    limit: usize,
}

impl Pressure {
    /// Starts with no bytes queued; `limit` is in bytes, 0 for no limit.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            waiting: AtomicUsize::new(0),
            limit: if limit == 0 { usize::MAX } else { limit },
        })
    }

    /// Counts a delivery down that the connection has taken out of its mailbox.
    pub(crate) fn took(&self, frame: &Frame) {
        self.waiting.fetch_sub(frame.text.len(), Ordering::Relaxed);
    }

    /// Counts an event up, unless that exceeds the limit. An event larger than the whole limit is
    /// accepted when nothing else is queued, as it could never be sent otherwise.
    fn add(&self, bytes: usize) -> bool {
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        if before > 0 && before + bytes > self.limit {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        true
    }
}

/// The mailbox capacity for at most `events` events; 0 means no limit.
pub(crate) const fn capacity(events: usize) -> usize {
    if events == 0 { usize::MAX >> 1 } else { events }
}

/// Set by the room when it stops sending live events, and cleared when the member has caught up; the
/// connection reads it after everything that it sends.
pub(crate) type Lag = Arc<AtomicBool>;

/// The result of delivering one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// The event is in the mailbox.
    Delivered,
    /// The mailbox is full: from this event on the member lags.
    Full,
    /// The connection is closed.
    Gone,
}

/// A room's handle of one member.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub id: ConnectionId,
    /// Kept for as long as the member stays: each new clone may send one message
    /// beyond the mailbox's capacity.
    pub deliver: Recipient<Deliver>,
    /// Not bounded by the mailbox, since at most one is outstanding.
    pub replay: Recipient<Replay>,
    /// Sent at most once.
    pub closed: Recipient<SessionClosed>,
    /// Shared by all sessions of the connection.
    pub pressure: Arc<Pressure>,
    pub lag: Lag,
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
    /// Puts one live event into the member's mailbox, if it has capacity.
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
