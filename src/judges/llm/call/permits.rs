//! How many calls of one judge are under way at once: this process's part of what all processes may have.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::judges::llm::others::Others;

/// The permits of one judge. The part of this process changes as others come and go: what is not its own is kept
/// back, permit by permit as calls end.
#[derive(Debug)]
pub(super) struct Permits {
    semaphore: Semaphore,
    whole: usize,
    others: Others,
    kept_back: Mutex<usize>,
}

impl Permits {
    pub(super) fn new(whole: usize, others: Others) -> Self {
        let whole = whole.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            semaphore: Semaphore::new(whole),
            whole,
            others,
            kept_back: Mutex::new(0),
        }
    }

    /// Waits for one; none once there are no more.
    pub(super) async fn acquire(&self) -> Option<SemaphorePermit<'_>> {
        loop {
            self.release();
            let permit = self.semaphore.acquire().await.ok()?;
            if let Some(own) = self.own(permit) {
                return Some(own);
            }
        }
    }

    /// One that is free now.
    pub(super) fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        loop {
            self.release();
            let permit = self.semaphore.try_acquire().ok()?;
            if let Some(own) = self.own(permit) {
                return Some(own);
            }
        }
    }

    fn not_own(&self) -> usize {
        let part = self.others.get().map(|others| others.part_of(self.whole));
        self.whole.saturating_sub(part.unwrap_or(self.whole).max(1))
    }

    /// Gives back what was kept for others that are gone.
    fn release(&self) {
        let mut kept_back = self.kept_back();
        let too_many = kept_back.saturating_sub(self.not_own());
        *kept_back -= too_many;
        self.semaphore.add_permits(too_many);
    }

    /// The permit, unless it has to be kept for others.
    fn own<'a>(&self, permit: SemaphorePermit<'a>) -> Option<SemaphorePermit<'a>> {
        let mut kept_back = self.kept_back();
        if *kept_back < self.not_own() {
            *kept_back += 1;
            permit.forget();
            return None;
        }
        Some(permit)
    }

    /// A thread that panicked while it held the lock leaves a plain number behind.
    fn kept_back(&self) -> MutexGuard<'_, usize> {
        self.kept_back
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "tests/permits.rs"]
mod tests;
