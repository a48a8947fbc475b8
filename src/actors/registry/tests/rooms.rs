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
