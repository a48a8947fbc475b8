//! Permits for heavy work of one kind, with limits on the work that waits for them.
//!
//! [`FairSemaphore`] decides who is next. This module counts each user's work in progress and the memory
//! that all of it holds, and rejects work beyond the limits at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fair_semaphore::{FairPermit, FairSemaphore};
use crate::domain::ids::UserId;

/// Limits of the work in progress: waiting, running, or done but not yet handed over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Maximum number of pieces of work in progress of one user.
    pub of_a_user: usize,
    /// Maximum for everything that waits or runs together, in the unit passed to [`Turns::take`].
    pub held: usize,
}

/// The limit that rejected some work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The user has too much work in progress.
    OfUser,
    /// All users together have too much work in progress.
    OfAll,
}

/// Permits for one kind of work. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    permits: FairSemaphore,
    bounds: Bounds,
    in_progress: Arc<Mutex<InProgress>>,
}

#[derive(Debug, Default)]
struct InProgress {
    /// Only users with work in progress.
    users: HashMap<UserId, usize>,
    held: usize,
}

/// A permit, released when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _permit: FairPermit,
    _reservation: Reservation,
    under_way: UnderWay,
}

/// Counts a user's work as in progress until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    turns: Turns,
    user: UserId,
}

/// Counts memory as held until it is dropped.
#[derive(Debug)]
struct Reservation {
    turns: Turns,
    amount: usize,
}

impl Turn {
    /// Releases the permit, while the finished work still counts as in progress for its user.
    pub(crate) fn made(self) -> UnderWay {
        self.under_way
    }
}

impl Turns {
    /// Uses these permits, which other kinds of work may share, with these limits.
    pub(crate) fn new(permits: &FairSemaphore, bounds: Bounds) -> Self {
        Self {
            permits: permits.clone(),
            bounds,
            in_progress: Arc::default(),
        }
    }

    /// Waits for a permit for work that holds `held` units. Dropping the future leaves the queue.
    ///
    /// # Errors
    /// The work would exceed a limit.
    pub(crate) async fn take(&self, user: UserId, held: usize) -> Result<Turn, Full> {
        let (under_way, held) = self.admit(user, held)?;
        Ok(Turn {
            _permit: self.permits.acquire(Some(user)).await,
            _reservation: held,
            under_way,
        })
    }

    fn admit(&self, user: UserId, amount: usize) -> Result<(UnderWay, Reservation), Full> {
        let mut in_progress = self.in_progress();
        let under_way = in_progress.users.get(&user).copied().unwrap_or_default();
        if under_way >= self.bounds.of_a_user {
            return Err(Full::OfUser);
        }
        let held = in_progress.held.saturating_add(amount);
        if held > self.bounds.held {
            return Err(Full::OfAll);
        }
        in_progress.users.insert(user, under_way + 1);
        in_progress.held = held;
        let turns = self.clone();
        let under_way = UnderWay { turns, user };
        let turns = self.clone();
        Ok((under_way, Reservation { turns, amount }))
    }

    fn in_progress(&self) -> MutexGuard<'_, InProgress> {
        // The lock is never poisoned halfway through a change, as no code under it panics there.
        self.in_progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut in_progress = self.turns.in_progress();
        if let Some(under_way) = in_progress.users.get_mut(&self.user) {
            *under_way -= 1;
            if *under_way == 0 {
                in_progress.users.remove(&self.user);
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.turns.in_progress().held -= self.amount;
    }
}

#[cfg(test)]
#[path = "tests/turns.rs"]
mod tests;
