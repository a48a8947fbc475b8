//! The threads that rooms live on. A room, its run and its judges share one, which the session's id chooses.

use std::io;
use std::sync::Arc;

use actix::{Arbiter, ArbiterHandle};
use tokio::sync::oneshot;

use crate::domain::ids::SessionId;

use crate::actors::messages::Unavailable;

/// The threads of all rooms. Clones share them.
#[derive(Debug, Clone)]
pub struct RoomThreads(Arc<[ArbiterHandle]>);

impl RoomThreads {
    /// So many new ones, at least one. They last until [`Self::stop`].
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(count: usize) -> io::Result<Self> {
        let started: io::Result<_> = (0..count.max(1))
            .map(|_| Ok(Arbiter::try_new()?.handle()))
            .collect();
        Ok(Self(started?))
    }

    /// The thread of the caller and no other.
    pub fn current() -> Self {
        Self([Arbiter::current()].into())
    }

    /// Where the room of a session lives: always the same thread, so that a room which is opened anew takes
    /// its turn behind what is left of the one before.
    pub(super) fn of(&self, session: SessionId) -> &ArbiterHandle {
        let at = session.uuid().as_u128() % self.0.len() as u128;
        &self.0[at as usize]
    }

    /// Ends when every thread has taken a piece of work, which one that hangs never does.
    ///
    /// # Errors
    /// One of them has ended.
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
        for answer in asked {
            answer.await.map_err(|_| Unavailable)?;
        }
        Ok(())
    }

    /// Ends the threads with all that lives on them, and waits for that.
    pub async fn stop(&self) {
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
mod tests {
    use std::collections::HashSet;
    use std::sync::mpsc;
    use std::time::Duration;

    use futures_util::future::poll_immediate;

    use super::*;
    use crate::store::new_id;

    /// No wait of a test is longer.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[actix::test]
    async fn a_session_has_one_thread_and_sessions_have_all() {
        let threads = RoomThreads::start(3).unwrap();
        let id_of = |session| {
            let (told, id) = mpsc::channel();
            threads.of(session).spawn_fn(move || {
                told.send(std::thread::current().id()).unwrap();
            });
            id.recv_timeout(PATIENCE).unwrap()
        };
        let sessions: Vec<SessionId> = (0..200).map(|_| new_id()).collect();
        let first: Vec<_> = sessions.iter().map(|id| id_of(*id)).collect();
        let again: Vec<_> = sessions.iter().map(|id| id_of(*id)).collect();
        assert_eq!(first, again);
        let used: HashSet<_> = first.into_iter().collect();
        assert_eq!(used.len(), 3);
        assert!(!used.contains(&std::thread::current().id()));
        threads.stop().await;
    }

    #[actix::test]
    async fn a_proof_takes_all_threads_and_a_stop_ends_what_lives_on_them() {
        struct TellsItsEnd(Option<oneshot::Sender<()>>);
        impl Drop for TellsItsEnd {
            fn drop(&mut self) {
                let _ = self.0.take().unwrap().send(());
            }
        }

        let threads = RoomThreads::start(2).unwrap();
        let proof = || tokio::time::timeout(PATIENCE, threads.clone().prove());
        assert_eq!(proof().await.unwrap(), Ok(()));
        let (go_on, hangs) = mpsc::channel::<()>();
        threads.0[1].spawn_fn(move || {
            // Until the other end is dropped.
            let _ = hangs.recv();
        });
        let mut waiting = Box::pin(threads.clone().prove());
        assert!(poll_immediate(&mut waiting).await.is_none());
        let (here, answer) = oneshot::channel();
        threads.0[0].spawn_fn(move || here.send(()).unwrap());
        let answered = tokio::time::timeout(PATIENCE, answer).await;
        answered.expect("the other one hangs too").unwrap();
        assert!(poll_immediate(&mut waiting).await.is_none(), "it hangs");
        drop(go_on);
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert_eq!(waited.unwrap(), Ok(()), "it goes on");

        let (told, end) = oneshot::channel();
        // Made here: the thread may end before the future is looked at.
        let lives = TellsItsEnd(Some(told));
        threads.0[0].spawn(async move {
            let _lives = lives;
            std::future::pending().await
        });
        let stopped = tokio::time::timeout(PATIENCE, threads.stop()).await;
        stopped.expect("they do not end");
        let ended = tokio::time::timeout(PATIENCE, end).await;
        ended.expect("it outlived its thread").unwrap();
        assert_eq!(proof().await.unwrap(), Err(Unavailable));
    }
}
