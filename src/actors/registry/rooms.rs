//! The open rooms, by session.

use std::collections::HashMap;

use actix::Addr;

use crate::domain::ids::SessionId;

use crate::actors::room::Room;

/// A handle to a room; a trait so that tests need no actor.
pub(super) trait RoomHandle {
    /// Returns false once the room's actor has stopped.
    fn is_there(&self) -> bool;
}

impl RoomHandle for Addr<Room> {
    fn is_there(&self) -> bool {
        self.connected()
    }
}

struct Entry<R> {
    room: R,
    forwarded: u64,
}

/// The rooms of a process. Every operation takes constant time however many rooms there are, as
/// each message to the registry needs one.
pub(super) struct Rooms<R>(HashMap<SessionId, Entry<R>>);

impl<R> Default for Rooms<R> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<R: RoomHandle> Rooms<R> {
    /// Returns the room of a session. Calls `open` if there is none, or if it stopped unannounced,
    /// as after a panic. Counts the message that is about to be forwarded to it.
    pub(super) fn enter(&mut self, session: SessionId, open: impl FnOnce() -> R) -> &R {
        if self
            .0
            .get(&session)
            .is_some_and(|entry| !entry.room.is_there())
        {
            self.0.remove(&session);
        }
        let entry = self.0.entry(session).or_insert_with(|| Entry {
            room: open(),
            forwarded: 0,
        });
        entry.forwarded += 1;
        &entry.room
    }

    pub(super) fn get(&self, session: SessionId) -> Option<&R> {
        self.0.get(&session).map(|entry| &entry.room)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &R> {
        self.0.values().map(|entry| &entry.room)
    }

    pub(super) fn remove(&mut self, session: SessionId) -> Option<R> {
        self.0.remove(&session).map(|entry| entry.room)
    }

    /// Removes a room if exactly `seen` messages have been forwarded to it.
    pub(super) fn remove_idle(&mut self, session: SessionId, seen: u64) -> Option<R> {
        let idle = self
            .0
            .get(&session)
            .is_some_and(|entry| entry.forwarded == seen);
        if idle { self.remove(session) } else { None }
    }
}

#[cfg(test)]
#[path = "tests/rooms.rs"]
mod tests;
