//! A semaphore whose permits are shared fairly between users.
//!
//! A free permit goes to the waiting user with the fewest permits, among these to the one who was
//! served longest ago, and of one user to the earliest request. The number of one user's permits is
//! limited however many requests are made, so that a permit for others is soon free.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::domain::ids::UserId;

/// The owner of a permit; `None` where there are no users, as on the command line.
type Whose = Option<UserId>;

#[derive(Debug, Default)]
struct OfUser {
    /// The number of permits that the user holds.
    held: usize,
    /// The turn in which the user last got a permit, or was added.
    served: u64,
    waiting: VecDeque<oneshot::Sender<FairPermit>>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Only users who hold a permit or wait for one.
    users: HashMap<Whose, OfUser>,
    /// Users who wait and may hold one more permit, the next one first.
    next: BTreeSet<(usize, u64, Whose)>,
    turn: u64,
}

#[derive(Debug)]
struct Inner {
    of_one_user: usize,
    state: Mutex<State>,
}

/// Permits that users share. Clones share them too.
#[derive(Debug, Clone)]
pub(crate) struct FairSemaphore(Arc<Inner>);

/// A permit, released when it is dropped.
#[derive(Debug)]
pub(crate) struct FairPermit {
    semaphore: FairSemaphore,
    whose: Whose,
}

impl FairSemaphore {
    /// Creates `permits` permits, of which one user may hold `of_one_user`; both are at least one.
    pub(crate) fn new(permits: usize, of_one_user: usize) -> Self {
        Self(Arc::new(Inner {
            of_one_user: of_one_user.max(1),
            state: Mutex::new(State {
                free: permits.max(1),
                users: HashMap::new(),
                next: BTreeSet::new(),
                turn: 0,
            }),
        }))
    }

    /// Waits for a permit. Dropping the future leaves the queue.
    pub(crate) async fn acquire(&self, whose: Whose) -> FairPermit {
        loop {
            let (sender, mine) = oneshot::channel();
            {
                let mut state = self.state();
                state.turn += 1;
                let turn = state.turn;
                // A new or returning user queues behind those who are waiting.
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
            // The sender is only dropped together with a permit.
            if let Ok(permit) = mine.await {
                return permit;
            }
        }
    }

    /// The number of unused permits.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.state().free
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The lock is never poisoned halfway through a change, as no code under it panics there.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands free permits to the next users. If a receiver is gone, its permit is dropped
    /// outside of the lock.
    fn hand_out(&self) {
        while let Some((taker, permit)) = self.next() {
            // An unsent permit is dropped, which releases it for the next user.
            drop(taker.send(permit));
        }
    }

    fn next(&self) -> Option<(oneshot::Sender<FairPermit>, FairPermit)> {
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
                    // A request whose future was dropped needs no permit.
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
            let permit = FairPermit {
                semaphore: self.clone(),
                whose,
            };
            return Some((taker, permit));
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

impl Drop for FairPermit {
    fn drop(&mut self) {
        self.semaphore.give_back(self.whose);
    }
}

#[cfg(test)]
#[path = "tests/fair_semaphore.rs"]
mod tests;
