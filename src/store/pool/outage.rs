//! Whether the database is known to be away. While it is, callers are refused at once, instead of each
//! waiting for a connection on a thread; one task looks now and then whether it is back.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::error::StoreError;

/// How long to wait between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// Why the database is away, while it is.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<Option<String>>);

impl Outage {
    /// Refuses while the database is away.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match &*self.why() {
            Some(why) => Err(StoreError::Unavailable(why.clone())),
            None => Ok(()),
        }
    }

    /// The database is away. False if that was known.
    pub(crate) fn begin(&self, reason: &str) -> bool {
        let mut why = self.why();
        let new = why.is_none();
        why.get_or_insert_with(|| reason.trim().to_owned());
        new
    }

    /// It is over if the database answers.
    pub(crate) fn end_if(&self, answers: impl FnOnce() -> bool) -> bool {
        let over = answers();
        if over {
            *self.why() = None;
        }
        over
    }

    fn why(&self) -> MutexGuard<'_, Option<String>> {
        // A string is whole whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks `is_back`, which may block, until it says yes or nobody is left who would want to know.
pub(crate) async fn until_back<T: Send + Sync + 'static>(
    of: Weak<T>,
    is_back: impl Fn(&T) -> bool + Copy + Send + 'static,
) {
    loop {
        tokio::time::sleep(LOOK).await;
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
