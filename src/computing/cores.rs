//! Computations on threads that serve no connection, bounded in number and fair between users.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::places::Places;
use super::stop::{Stop, stoppable};
use crate::domain::ids::{SessionId, UserId};

/// Whose computation it is, and what ends it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Task {
    /// Whose turn it takes; nobody's on the command line.
    pub user: Option<UserId>,
    /// Ends it. Whoever drops the future of a computation ends that one alone.
    pub stop: Stop,
}

impl Task {
    /// A user's, which ends with nothing but its own future.
    pub(crate) fn of(user: impl Into<Option<UserId>>) -> Self {
        Self {
            user: user.into(),
            stop: Stop::default(),
        }
    }
}

/// Why there is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfinished {
    /// Nobody wanted it any more.
    #[error("the computation was stopped")]
    Stopped,
    /// A fault of ours, which the log tells.
    #[error("a computation failed; the log has the details")]
    Broke,
}

/// Processors of this machine that the process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The process's bound of computations at once. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Cores {
    places: Places,
    /// What ends the computations about an evaluation that no run makes, while there are some.
    of_sessions: Arc<Mutex<HashMap<SessionId, Vec<Stop>>>>,
}

impl Cores {
    /// For so many processors. There is one place more than processors, and one user has at most as many
    /// as there are processors: whatever one user starts, a computation of somebody else begins at once,
    /// and gets its share of the processors from the operating system.
    pub(crate) fn new(processors: usize) -> Self {
        let processors = processors.max(1);
        Self {
            places: Places::new(processors + 1, processors),
            of_sessions: Arc::default(),
        }
    }

    /// One computation at a time, such as of a model that has threads of its own; users take turns.
    pub(crate) fn one_at_a_time() -> Self {
        Self {
            places: Places::new(1, 1),
            of_sessions: Arc::default(),
        }
    }

    /// For the processors of this machine.
    pub(crate) fn of_machine() -> Self {
        Self::new(processors())
    }

    /// Places that nobody has.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.places.free()
    }

    /// Runs `work` in its turn. Dropping the future stops it.
    ///
    /// # Errors
    /// It was stopped, or broke.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        task: &Task,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let stop = task.stop.child();
        let _dropped = stop.on_drop();
        let place = self.places.enter(task.user).await;
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
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

    /// A user's computation about an evaluation outside of its run, which ends when the evaluation is
    /// deleted, see [`Self::stop`].
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

    /// Ends the computations about an evaluation that no run makes.
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

/// A computation about an evaluation; while it is held, it can be stopped by the evaluation's id.
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
