//! Turns at heavy work of one kind: places that users share, and a bound on what waits for them.
//!
//! [`Places`] says whose turn it is. Here is counted what each user has under way, and what all of it holds:
//! what would be too much is refused at once, and waits for nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::places::{Place, Places};
use crate::domain::ids::UserId;

/// What may be under way: waiting, at work, or made and not yet handed over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Under way of one user.
    pub of_a_user: usize,
    /// What everything that waits or is at work holds, in the unit in which [`Turns::take`] is told.
    pub held: usize,
}

/// Why there is no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The user has enough under way.
    OfUser,
    /// All users together have.
    OfAll,
}

/// Turns at one kind of work. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    places: Places,
    bounds: Bounds,
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug, Default)]
struct Counted {
    /// Only users who have something under way.
    users: HashMap<UserId, usize>,
    held: usize,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _place: Place,
    _held: Held,
    under_way: UnderWay,
}

/// That a user has something under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    turns: Turns,
    user: UserId,
}

/// Given back when it is dropped.
#[derive(Debug)]
struct Held {
    turns: Turns,
    amount: usize,
}

impl Turn {
    /// Gives the place back, while what was made still counts as under way for its user.
    pub(crate) fn made(self) -> UnderWay {
        self.under_way
    }
}

impl Turns {
    /// At these places, which other kinds of work may share, and within these bounds.
    pub(crate) fn new(places: &Places, bounds: Bounds) -> Self {
        Self {
            places: places.clone(),
            bounds,
            counted: Arc::default(),
        }
    }

    /// Waits for a place for work that holds so much. Dropping the future leaves the queue.
    ///
    /// # Errors
    /// It would be too much.
    pub(crate) async fn take(&self, user: UserId, held: usize) -> Result<Turn, Full> {
        let (under_way, held) = self.admit(user, held)?;
        Ok(Turn {
            _place: self.places.enter(Some(user)).await,
            _held: held,
            under_way,
        })
    }

    fn admit(&self, user: UserId, amount: usize) -> Result<(UnderWay, Held), Full> {
        let mut counted = self.counted();
        let under_way = counted.users.get(&user).copied().unwrap_or_default();
        if under_way >= self.bounds.of_a_user {
            return Err(Full::OfUser);
        }
        let held = counted.held.saturating_add(amount);
        if held > self.bounds.held {
            return Err(Full::OfAll);
        }
        counted.users.insert(user, under_way + 1);
        counted.held = held;
        let turns = self.clone();
        let under_way = UnderWay { turns, user };
        let turns = self.clone();
        Ok((under_way, Held { turns, amount }))
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        // Nothing in here panics between two changes that belong together.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counted = self.turns.counted();
        if let Some(under_way) = counted.users.get_mut(&self.user) {
            *under_way -= 1;
            if *under_way == 0 {
                counted.users.remove(&self.user);
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.turns.counted().held -= self.amount;
    }
}

#[cfg(test)]
#[path = "tests/turns.rs"]
mod tests;
