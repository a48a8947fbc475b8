//! Limits the concurrent calls of one judge to this process's share of the configured number.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::judges::llm::shared_counters::SharedCounters;

/// The permits of one judge. The share of this process changes as other processes come and go:
/// permits that belong to others are withheld one by one as calls end.
#[derive(Debug)]
pub(super) struct Permits {
    semaphore: Semaphore,
    whole: usize,
    counters: SharedCounters,
    withheld: Mutex<usize>,
}

impl Permits {
    pub(super) fn new(whole: usize, counters: SharedCounters) -> Self {
        let whole = whole.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            semaphore: Semaphore::new(whole),
            whole,
            counters,
            withheld: Mutex::new(0),
        }
    }

    /// Waits for a permit; `None` once the semaphore is closed.
    pub(super) async fn acquire(&self) -> Option<SemaphorePermit<'_>> {
        loop {
            self.release();
            let permit = self.semaphore.acquire().await.ok()?;
            if let Some(own) = self.unless_withheld(permit) {
                return Some(own);
            }
        }
    }

    /// Returns a permit if one is free now.
    pub(super) fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        loop {
            self.release();
            let permit = self.semaphore.try_acquire().ok()?;
            if let Some(own) = self.unless_withheld(permit) {
                return Some(own);
            }
        }
    }

    fn share_of_others(&self) -> usize {
        let part = self
            .counters
            .get()
            .map(|counters| counters.part_of(self.whole));
        self.whole.saturating_sub(part.unwrap_or(self.whole).max(1))
    }

    /// Releases permits that were withheld for processes that are gone.
    fn release(&self) {
        let mut withheld = self.withheld();
        let too_many = withheld.saturating_sub(self.share_of_others());
        *withheld -= too_many;
        self.semaphore.add_permits(too_many);
    }

    /// Returns the permit, unless it has to be withheld for other processes.
    fn unless_withheld<'a>(&self, permit: SemaphorePermit<'a>) -> Option<SemaphorePermit<'a>> {
        let mut withheld = self.withheld();
        if *withheld < self.share_of_others() {
            *withheld += 1;
            permit.forget();
            return None;
        }
        Some(permit)
    }

    /// A poisoned lock is harmless: a thread that panicked leaves a plain number behind.
    fn withheld(&self) -> MutexGuard<'_, usize> {
        self.withheld.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "tests/permits.rs"]
mod tests;
