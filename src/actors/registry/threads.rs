//! The threads that rooms live on. A room, its run and its judges share one, which the session's id chooses.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix::{Arbiter, ArbiterHandle};
use futures_util::future::try_join_all;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::actors::messages::Unavailable;
use crate::domain::ids::SessionId;

/// How long a thread may take to show that it works: longer than whoever asks waits for it.
const PROOF_WAIT: Duration = Duration::from_secs(60);

/// The threads of all rooms. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct RoomThreads(Arc<[ArbiterHandle]>);

impl RoomThreads {
    /// So many new ones, at least one. They last until [`Self::stop`].
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let started: io::Result<_> = (0..count.max(1))
            .map(|_| Ok(Arbiter::try_new()?.handle()))
            .collect();
        Ok(Self(started?))
    }

    /// The thread of the caller and no other.
    #[cfg(test)]
    pub(crate) fn current() -> Self {
        Self([Arbiter::current()].into())
    }

    /// Where the room of a session lives: always the same thread, so that a room which is opened anew takes
    /// its turn behind what is left of the one before.
    pub(super) fn of(&self, session: SessionId) -> &ArbiterHandle {
        let at = session.uuid().as_u128() % self.0.len() as u128;
        &self.0[at as usize]
    }

    /// Ends when every thread has taken a piece of work.
    ///
    /// # Errors
    /// One of them has ended, or hangs: who asks every few seconds must not leave a question behind each time.
    pub(super) async fn prove(self) -> Result<(), Unavailable> {
        let asked: Vec<_> = self
            .0
            .iter()
            .map(|thread| {
                let (here, answer) = oneshot::channel();
                // Where the thread has ended, this drops `here`.
                thread.spawn_fn(move || {
                    // Nobody waits any more where another thread was slower than its time.
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

    /// Ends the threads with all that lives on them, and waits for that.
    pub(crate) async fn stop(&self) {
        let ends: Vec<_> = self
            .0
            .iter()
            .map(|thread| {
                let (lives, end) = oneshot::channel::<()>();
                // Dropped with everything else of the thread.
                thread.spawn(async move {
                    let _lives = lives;
                    std::future::pending().await
                });
                thread.stop();
                end
            })
            .collect();
        for end in ends {
            // Never an answer: the other end is dropped.
            let _ = end.await;
        }
    }
}

#[cfg(test)]
#[path = "tests/threads.rs"]
mod tests;
