//! A server that hangs: its callers give up in time, but the threads that ask it can't be called back.
//! What such a thread may still do, and who learns that it has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::error::StoreError;

/// Between a caller who may give up and the work that it asked for: the first to speak decides whether
/// there may be a commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// From the work, just before its commit: refused if nobody waits for it any more, since whoever was
    /// told that nothing has happened may do it again by now.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        if self.is_first() {
            Ok(())
        } else {
            Err(StoreError::Unavailable(
                "the caller has given up".to_owned(),
            ))
        }
    }

    /// From the caller: whether it is certain that there will be no commit.
    pub(crate) fn give_up(&self) -> bool {
        self.is_first()
    }

    fn is_first(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// How many commits are still under way after their callers have given up.
#[derive(Debug, Default)]
pub(crate) struct InDoubt(watch::Sender<usize>);

impl InDoubt {
    /// One more, until that work has ended.
    pub(crate) fn until<T: Send + 'static>(&self, work: JoinHandle<T>) {
        self.0.send_modify(|count| *count += 1);
        let count = self.0.clone();
        tokio::spawn(async move {
            // Whatever came of it stands in the database.
            let _ = work.await;
            count.send_modify(|count| *count -= 1);
        });
    }

    /// Waits until there is none.
    pub(crate) async fn settled(&self) {
        // An error would say that the sender is gone, and it is here.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

#[cfg(test)]
#[path = "tests/hang_internals.rs"]
mod tests;
