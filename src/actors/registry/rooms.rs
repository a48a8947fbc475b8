//! The rooms that exist, by session.

use std::collections::HashMap;

use actix::Addr;

use crate::domain::ids::SessionId;

use crate::actors::room::Room;

/// What stands for a room: whether it still takes messages.
pub(super) trait RoomHandle {
    /// False once its actor is gone.
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

/// The rooms of a process. Whatever is done with one session costs the same however many rooms there
/// are: each message of the registry goes through here.
pub(super) struct Rooms<R>(HashMap<SessionId, Entry<R>>);

impl<R> Default for Rooms<R> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<R: RoomHandle> Rooms<R> {
    /// The room of a session, made by `open` where there is none or it is gone without a word, as after a
    /// panic. Counts the message that is about to be passed on to it.
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

    /// The room of a session, if there is one.
    pub(super) fn get(&self, session: SessionId) -> Option<&R> {
        self.0.get(&session).map(|entry| &entry.room)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &R> {
        self.0.values().map(|entry| &entry.room)
    }

    /// Takes a room out.
    pub(super) fn remove(&mut self, session: SessionId) -> Option<R> {
        self.0.remove(&session).map(|entry| entry.room)
    }

    /// Takes a room out if so many messages, and no more, have been passed on to it.
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
