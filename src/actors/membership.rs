//! A watcher's side of one joined session: which event comes next, and whether it lags.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::ids::ConnectionId;

use super::messages::{CatchUp, Door, Frame, Leave};
use super::outbox::Lag;

/// One joined session of a connection, or of whoever else watches.
pub struct Membership {
    door: Door,
    lag: Lag,
    next_seq: i64,
    asking: bool,
}

impl Membership {
    /// A session joined just now.
    pub fn new(door: Door, lag: Lag, next_seq: i64) -> Self {
        Self {
            door,
            lag,
            next_seq,
            asking: false,
        }
    }

    /// The frames that the client has not had, in order. Pushed and pulled frames may overlap where a
    /// member lagged and caught up; the sequence number decides.
    pub fn fresh(&mut self, frames: impl IntoIterator<Item = Frame>) -> Vec<Frame> {
        let mut fresh = Vec::new();
        for frame in frames {
            if frame.seq == self.next_seq {
                self.next_seq += 1;
                fresh.push(frame);
            }
        }
        fresh
    }

    /// Asks the room for the next batch if the room has stopped pushing. The connection calls it after
    /// everything it sends: it runs only while its socket takes more, so it pulls at the reader's speed.
    pub fn pull(&mut self, id: ConnectionId) {
        if self.asking || !self.lag.load(Ordering::Acquire) {
            return;
        }
        self.asking = true;
        self.door.catch_up.do_send(CatchUp {
            id,
            next_seq: self.next_seq,
        });
    }

    /// The answer to a pull has come.
    pub fn answered(&mut self) {
        self.asking = false;
    }

    /// Leaves the room.
    pub fn leave(self, id: ConnectionId) {
        self.door.leave.do_send(Leave { id });
    }

    /// The flag that the room sets.
    pub fn lag(&self) -> Lag {
        Arc::clone(&self.lag)
    }
}
