//! Handling of a server that hangs. Callers give up after a time limit, but the threads that wait
//! for the server cannot be interrupted; this decides whether such a thread may still commit, and
//! tracks when it has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::error::StoreError;

/// A flag between a caller who may give up and the work that it requested. Whoever sets it first
/// decides whether the work may commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Called by the work just before its commit. Fails if the caller has given up, since a caller
    /// who was told that nothing has happened may have retried by now.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        if self.is_first() {
            Ok(())
        } else {
            Err(StoreError::Unavailable(
                "the caller has given up".to_owned(),
            ))
        }
    }

    /// Called by the caller. Returns true if it is certain that there will be no commit.
    pub(crate) fn give_up(&self) -> bool {
        self.is_first()
    }

    fn is_first(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// The number of commits that are still under way although their callers have given up.
#[derive(Debug, Default)]
pub(crate) struct InDoubt(watch::Sender<usize>);

impl InDoubt {
    /// Counts the work as in doubt until it ends.
    pub(crate) fn until<T: Send + 'static>(&self, work: JoinHandle<T>) {
        self.0.send_modify(|count| *count += 1);
        let count = self.0.clone();
        tokio::spawn(async move {
            // The outcome can be read from the database.
            let _ = work.await;
            count.send_modify(|count| *count -= 1);
        });
    }

    /// Waits until no commit is in doubt.
    pub(crate) async fn settled(&self) {
        // Cannot fail: the sender is part of `self`.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

#[cfg(test)]
#[path = "tests/hang_internals.rs"]
mod tests;
