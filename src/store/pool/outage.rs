//! Tracks whether the database is known to be unavailable. While it is, callers are refused at
//! once, instead of each waiting for a connection on a thread; one task checks periodically whether
//! it is back.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::error::StoreError;

/// Interval between two checks.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// The reason of the present outage, or `None` while the database is available.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<Option<String>>);

impl Outage {
    /// Fails while the database is unavailable.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match &*self.why() {
            Some(why) => Err(StoreError::Unavailable(why.clone())),
            None => Ok(()),
        }
    }

    /// Begins an outage. Returns false if it had begun before.
    pub(crate) fn begin(&self, reason: &str) -> bool {
        let mut why = self.why();
        let new = why.is_none();
        why.get_or_insert_with(|| reason.trim().to_owned());
        new
    }

    /// Ends the outage if the database answers. Returns whether it does.
    pub(crate) fn end_if(&self, answers: impl FnOnce() -> bool) -> bool {
        let over = answers();
        if over {
            *self.why() = None;
        }
        over
    }

    fn why(&self) -> MutexGuard<'_, Option<String>> {
        // A poisoned lock is harmless: the string is always complete.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls `is_back`, which may block, until it returns true or `of` has been dropped.
pub(crate) async fn until_back<T: Send + Sync + 'static>(
    of: Weak<T>,
    is_back: impl Fn(&T) -> bool + Copy + Send + 'static,
) {
    loop {
        tokio::time::sleep(CHECK_INTERVAL).await;
        let Some(of) = of.upgrade() else { return };
        let look = tokio::task::spawn_blocking(move || is_back(&of));
        match look.await {
            Ok(true) => return tracing::info!("the database is back"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the look for the database broke"),
        }
    }
}

#[cfg(test)]
#[path = "tests/outage.rs"]
mod tests;
