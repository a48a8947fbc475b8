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
pub struct Places(Arc<Inner>);

/// One of the places; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    whose: Whose,
}

impl Places {
    /// So many places, of which one user has so many at most; at least one each.
    pub fn new(places: usize, of_one_user: usize) -> Self {
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
    pub async fn enter(&self, whose: Whose) -> Place {
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
    pub fn free(&self) -> usize {
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
mod tests {
    use super::*;
    use crate::store::new_id;

    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// Whether a future is ready now.
    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn one_user_leaves_a_place_and_the_rest_take_turns() {
        let places = Places::new(3, 2);
        let [ada, bob, eve]: [Whose; 3] = std::array::from_fn(|_| Some(new_id()));
        let mut of_ada: Vec<_> = (0..6).map(|_| Box::pin(places.enter(ada))).collect();
        let mut got: Vec<Place> = Vec::new();
        for asked in &mut of_ada {
            if let Poll::Ready(place) = poll(asked.as_mut()) {
                got.push(place);
            }
        }
        assert_eq!((got.len(), places.free()), (2, 1));
        // The place that is left is for whoever comes, at once.
        let Poll::Ready(of_bob) = poll(pin!(places.enter(bob))) else {
            panic!("bob waits behind ada");
        };
        let mut of_eve = Box::pin(places.enter(eve));
        assert!(poll(of_eve.as_mut()).is_pending(), "all are taken");
        // Ada asked first and has more waiting; Eve has none yet.
        got.pop();
        assert!(poll(of_ada[2].as_mut()).is_pending());
        let Poll::Ready(of_eve) = poll(of_eve.as_mut()) else {
            panic!("eve waits behind ada");
        };
        drop(of_bob);
        let Poll::Ready(again) = poll(of_ada[2].as_mut()) else {
            panic!("a free place is not used");
        };
        drop((of_eve, again));
        assert_eq!(
            places.free(),
            1,
            "ada has two again, since she waits for more"
        );
    }

    #[test]
    fn who_has_gone_holds_nobody_up_and_leaves_nothing_behind() {
        let places = Places::new(1, 1);
        let (ada, bob): (Whose, Whose) = (Some(new_id()), Some(new_id()));
        let Poll::Ready(first) = poll(pin!(places.enter(ada))) else {
            panic!("it is free");
        };
        let mut of_ada = Box::pin(places.enter(ada));
        assert!(poll(of_ada.as_mut()).is_pending());
        let mut of_bob = Box::pin(places.enter(bob));
        assert!(poll(of_bob.as_mut()).is_pending());
        drop(of_ada);
        drop(first);
        let Poll::Ready(place) = poll(of_bob.as_mut()) else {
            panic!("it waits for somebody who has gone");
        };
        drop(place);
        let state = places.state();
        assert_eq!((state.free, state.users.len(), state.next.len()), (1, 0, 0));
    }

    #[test]
    fn a_crowd_of_one_user_is_served_in_turns_with_another() {
        let places = Places::new(1, 1);
        let (ada, bob): (Whose, Whose) = (Some(new_id()), Some(new_id()));
        let mut asked: Vec<_> = (0..100)
            .map(|_| (ada, Box::pin(places.enter(ada))))
            .collect();
        asked.extend((0..3).map(|_| (bob, Box::pin(places.enter(bob)))));
        let mut order = Vec::new();
        while !asked.is_empty() {
            let ready = asked.iter_mut().enumerate();
            let ready = ready.filter_map(|(at, (_, asked))| match poll(asked.as_mut()) {
                Poll::Ready(place) => Some((at, place)),
                Poll::Pending => None,
            });
            let all: Vec<(usize, Place)> = ready.collect();
            // Dropping a place hands it to the next one, which is seen in the next round.
            let [(at, place)] = <[(usize, Place); 1]>::try_from(all).unwrap();
            order.push(asked.remove(at).0);
            drop(place);
        }
        let last_of_bob = order.iter().rposition(|whose| *whose == bob).unwrap();
        assert!(last_of_bob <= 6, "bob's third came as number {last_of_bob}");
        assert_eq!(order.len(), 103);
    }
}
