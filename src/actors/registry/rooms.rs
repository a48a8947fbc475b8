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
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::store::new_id;

    /// Counts how often rooms are looked at.
    struct Looked {
        there: bool,
        looks: Rc<Cell<usize>>,
    }

    impl RoomHandle for Looked {
        fn is_there(&self) -> bool {
            self.looks.set(self.looks.get() + 1);
            self.there
        }
    }

    #[test]
    fn a_message_looks_at_one_room_however_many_there_are() {
        let looks = Rc::new(Cell::new(0));
        let mut rooms = Rooms::default();
        let sessions: Vec<SessionId> = (0..10_000).map(|_| new_id()).collect();
        let open = || Looked {
            there: true,
            looks: Rc::clone(&looks),
        };
        for session in &sessions {
            rooms.enter(*session, open);
        }
        assert_eq!(looks.get(), 0, "to open a room looks at no other");
        for session in &sessions {
            rooms.enter(*session, || panic!("it is there"));
        }
        assert_eq!(looks.get(), sessions.len());
        assert!(rooms.remove_idle(sessions[0], 1).is_none(), "two were sent");
        assert!(rooms.remove_idle(sessions[0], 2).is_some());
        assert!(rooms.get(sessions[0]).is_none());
    }

    #[test]
    fn a_room_that_is_gone_is_opened_anew() {
        let looks = Rc::new(Cell::new(0));
        let room = |there| Looked {
            there,
            looks: Rc::clone(&looks),
        };
        let mut rooms = Rooms::default();
        let session = new_id();
        rooms.enter(session, || room(false));
        assert!(rooms.enter(session, || room(true)).there);
        assert!(
            rooms.remove_idle(session, 1).is_some(),
            "what the old one was sent does not count for the new one"
        );
    }
}
