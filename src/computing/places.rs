//! A fair queue: a number of places, and users who want one.
//!
//! A place that becomes free goes to the user with the fewest places, of these to the one who was
//! served longest ago; within a user to whoever asked first. One user never has more than a set number of
//! them, however many requests are made, so that a place for others is soon free.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::domain::ids::UserId;

/// Whose work it is; nobody's where there are no users, as on the command line.
type Whose = Option<UserId>;

#[derive(Debug, Default)]
struct OfUser {
    /// Places that the user has.
    held: usize,
    /// When the user last got a place, or came.
    served: u64,
    waiting: VecDeque<oneshot::Sender<Place>>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Only users who have a place or wait for one.
    users: HashMap<Whose, OfUser>,
    /// Who waits and may have one more, the next one first.
    next: BTreeSet<(usize, u64, Whose)>,
    turn: u64,
}

#[derive(Debug)]
struct Inner {
    of_one_user: usize,
    state: Mutex<State>,
}

/// Places that users share. Clones are the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Places(Arc<Inner>);

/// One of the places; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    whose: Whose,
}

impl Places {
    /// So many places, of which one user has so many at most; at least one each.
    pub(crate) fn new(places: usize, of_one_user: usize) -> Self {
        Self(Arc::new(Inner {
            of_one_user: of_one_user.max(1),
            state: Mutex::new(State {
                free: places.max(1),
                users: HashMap::new(),
                next: BTreeSet::new(),
                turn: 0,
            }),
        }))
    }

    /// Waits for a place. Dropping the future leaves the queue.
    pub(crate) async fn enter(&self, whose: Whose) -> Place {
        loop {
            let (sender, mine) = oneshot::channel();
            {
                let mut state = self.state();
                state.turn += 1;
                let turn = state.turn;
                // Whoever comes, or comes back, queues behind those who are here.
                let user = state.users.entry(whose).or_insert_with(|| OfUser {
                    served: turn,
                    ..OfUser::default()
                });
                user.waiting.push_back(sender);
                let (held, served) = (user.held, user.served);
                if held < self.0.of_one_user {
                    state.next.insert((held, served, whose));
                }
            }
            self.hand_out();
            // The sender is only ever dropped with a place in it.
            if let Ok(place) = mine.await {
                return place;
            }
        }
    }

    /// Places that nobody has.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.state().free
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics between two changes that belong together.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives free places to who is next. A place whose taker has gone comes back outside of the lock.
    fn hand_out(&self) {
        while let Some((taker, place)) = self.next() {
            // Refused by who has gone: dropping it gives it back, and the next one gets it.
            drop(taker.send(place));
        }
    }

    fn next(&self) -> Option<(oneshot::Sender<Place>, Place)> {
        let mut state = self.state();
        loop {
            if state.free == 0 {
                return None;
            }
            let (_, _, whose) = state.next.pop_first()?;
            state.turn += 1;
            let turn = state.turn;
            let Some(user) = state.users.get_mut(&whose) else {
                continue;
            };
            let taker = loop {
                match user.waiting.pop_front() {
                    // Whoever has gone needs none.
                    Some(taker) if taker.is_closed() => {}
                    taker => break taker,
                }
            };
            let Some(taker) = taker else {
                if user.held == 0 {
                    state.users.remove(&whose);
                }
                continue;
            };
            user.held += 1;
            user.served = turn;
            let again = !user.waiting.is_empty() && user.held < self.0.of_one_user;
            let held = user.held;
            if again {
                state.next.insert((held, turn, whose));
            }
            state.free -= 1;
            let place = Place {
                places: self.clone(),
                whose,
            };
            return Some((taker, place));
        }
    }

    fn give_back(&self, whose: Whose) {
        {
            let mut state = self.state();
            state.free += 1;
            if let Some(user) = state.users.get_mut(&whose) {
                let before = (user.held, user.served, whose);
                user.held = user.held.saturating_sub(1);
                let after = (user.held, user.served, whose);
                let (gone, waits) = (
                    user.held == 0 && user.waiting.is_empty(),
                    !user.waiting.is_empty(),
                );
                state.next.remove(&before);
                if gone {
                    state.users.remove(&whose);
                } else if waits {
                    state.next.insert(after);
                }
            }
        }
        self.hand_out();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.give_back(self.whose);
    }
}

#[cfg(test)]
#[path = "tests/places.rs"]
mod tests;
