//! The threads of the rooms. A room, its run and its judges share one, chosen by the session's id.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix::{Arbiter, ArbiterHandle};
use futures_util::future::try_join_all;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::actors::messages::Unavailable;
use crate::domain::ids::SessionId;

/// Time limit for a thread to answer a probe; longer than the caller waits for it.
const PROOF_WAIT: Duration = Duration::from_secs(60);

/// The threads of all rooms. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct RoomThreads(Arc<[ArbiterHandle]>);

impl RoomThreads {
    /// Starts `count` threads, at least one, which run until [`Self::stop`].
    ///
    /// # Errors
    /// The operating system cannot create a thread.
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let started: io::Result<_> = (0..count.max(1))
            .map(|_| Ok(Arbiter::try_new()?.handle()))
            .collect();
        Ok(Self(started?))
    }

    /// Uses only the caller's thread.
    #[cfg(test)]
    pub(crate) fn current() -> Self {
        Self([Arbiter::current()].into())
    }

    /// The thread of a session's room. It is always the same one, so that a room that is opened
    /// again runs after what is left of its predecessor.
    pub(super) fn of(&self, session: SessionId) -> &ArbiterHandle {
        let at = session.uuid().as_u128() % self.0.len() as u128;
        &self.0[at as usize]
    }

    /// Waits until every thread has run a task.
    ///
    /// # Errors
    /// A thread has ended or does not answer in time; the limit keeps regular
    /// probes from piling up.
    pub(super) async fn prove(self) -> Result<(), Unavailable> {
        let asked: Vec<_> = self
            .0
            .iter()
            .map(|thread| {
                let (here, answer) = oneshot::channel();
                // If the thread has ended, this drops `here`.
                thread.spawn_fn(move || {
                    // Fails if the caller has given up because another thread was too slow.
                    let _ = here.send(());
                });
                answer
            })
            .collect();
        let all = try_join_all(asked);
        match timeout(PROOF_WAIT, all).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Unavailable),
        }
    }

    /// Stops the threads with all actors on them, and waits until they have ended.
    pub(crate) async fn stop(&self) {
        let ends: Vec<_> = self
            .0
            .iter()
            .map(|thread| {
                let (lives, end) = oneshot::channel::<()>();
                // Dropped together with everything else on the thread.
                thread.spawn(async move {
                    let _lives = lives;
                    std::future::pending().await
                });
                thread.stop();
                end
            })
            .collect();
        for end in ends {
            // Always an error, because the sender is dropped without sending.
            let _ = end.await;
        }
    }
}

#[cfg(test)]
#[path = "tests/threads.rs"]
mod tests;
