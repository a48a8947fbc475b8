//! Runs computations on threads that serve no connection, limited in number and
//! shared fairly between users.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::fair_semaphore::FairSemaphore;
use super::stop::{Stop, stoppable};
use crate::domain::ids::{SessionId, UserId};

/// The owner of a computation, and the means to stop it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Task {
    /// The user whose share it takes; `None` on the command line.
    pub user: Option<UserId>,
    /// Stops the task's computations. Dropping the future of one computation stops that one alone.
    pub stop: Stop,
}

impl Task {
    /// Creates a task that is only stopped by dropping its futures.
    pub(crate) fn of(user: impl Into<Option<UserId>>) -> Self {
        Self {
            user: user.into(),
            stop: Stop::default(),
        }
    }
}

/// The reason why a computation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfinished {
    /// The result was no longer needed.
    #[error("the computation was stopped")]
    Stopped,
    /// An internal error, whose details are logged.
    #[error("a computation failed; the log has the details")]
    Broke,
}

/// The number of processors that the process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Limits the computations of the process. Clones share the limit.
#[derive(Debug, Clone)]
pub(crate) struct Cores {
    permits: FairSemaphore,
    /// Stops the computations about an evaluation outside of its run, while there are any.
    of_sessions: Arc<Mutex<HashMap<SessionId, Vec<Stop>>>>,
}

impl Cores {
    /// Creates the limit for a number of processors. It allows one computation more than that, of
    /// which one user has at most as many as there are processors. So a computation of another
    /// user starts at once, whatever one user has started, and gets its share of the processors
    /// from the operating system.
    pub(crate) fn new(processors: usize) -> Self {
        let processors = processors.max(1);
        Self {
            permits: FairSemaphore::new(processors + 1, processors),
            of_sessions: Arc::default(),
        }
    }

    /// Allows one computation at a time, for instance of a model with threads of its
    /// own; users take turns.
    pub(crate) fn one_at_a_time() -> Self {
        Self {
            permits: FairSemaphore::new(1, 1),
            of_sessions: Arc::default(),
        }
    }

    /// Creates the limit for the processors of this machine.
    pub(crate) fn of_machine() -> Self {
        Self::new(processors())
    }

    /// The number of unused permits.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.permits.free()
    }

    /// Runs `work` once a permit is free. Dropping the future stops it.
    ///
    /// # Errors
    /// It was stopped or has failed.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        task: &Task,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let stop = task.stop.child();
        let _dropped = stop.on_drop();
        let permit = self.permits.acquire(task.user).await;
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(|| stoppable(&stop, work))
        });
        match done.await {
            Ok(outcome) => outcome.map_err(|_| Unfinished::Stopped),
            Err(error) => {
                tracing::error!(%error, "a computation panicked");
                Err(Unfinished::Broke)
            }
        }
    }

    /// Creates the task of a user's computation about an evaluation outside of its run. It is
    /// stopped by [`Self::stop`] when the evaluation is deleted.
    pub(crate) fn about(&self, user: UserId, session: SessionId) -> About {
        let task = Task::of(user);
        let mut all = self.sessions();
        all.entry(session).or_default().push(task.stop.clone());
        drop(all);
        About {
            task,
            session,
            cores: self.clone(),
        }
    }

    /// Stops the computations about an evaluation outside of its run.
    pub(crate) fn stop(&self, session: SessionId) {
        let all = self.sessions();
        for stop in all.get(&session).into_iter().flatten() {
            stop.raise();
        }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Vec<Stop>>> {
        self.of_sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task of a computation about an evaluation, which can be stopped by the evaluation's id
/// while it is held.
#[derive(Debug)]
pub(crate) struct About {
    pub task: Task,
    session: SessionId,
    cores: Cores,
}

impl Drop for About {
    fn drop(&mut self) {
        let mut all = self.cores.sessions();
        if let Some(those) = all.get_mut(&self.session) {
            those.retain(|stop| !stop.is(&self.task.stop));
            if those.is_empty() {
                all.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/cores.rs"]
mod tests;
