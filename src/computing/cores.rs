//! Computations on threads that serve no connection, bounded in number and fair between users.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::places::Places;
use super::stop::{Stop, stoppable};
use crate::domain::ids::{SessionId, UserId};

/// Whose computation it is, and what ends it.
#[derive(Debug, Clone, Default)]
pub struct Task {
    /// Whose turn it takes; nobody's on the command line.
    pub user: Option<UserId>,
    /// Ends it. Whoever drops the future of a computation ends that one alone.
    pub stop: Stop,
}

impl Task {
    /// A user's, which ends with nothing but its own future.
    pub fn of(user: impl Into<Option<UserId>>) -> Self {
        Self {
            user: user.into(),
            stop: Stop::default(),
        }
    }
}

/// Why there is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// Nobody wanted it any more.
    #[error("the computation was stopped")]
    Stopped,
    /// A fault of ours, which the log tells.
    #[error("a computation failed; the log has the details")]
    Broke,
}

/// Processors of this machine that the process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The process's bound of computations at once. Clones share it.
#[derive(Debug, Clone)]
pub struct Cores {
    places: Places,
    /// What ends the computations about an evaluation that no run makes, while there are some.
    of_sessions: Arc<Mutex<HashMap<SessionId, Vec<Stop>>>>,
}

impl Cores {
    /// For so many processors. There is one place more than processors, and one user has at most as many
    /// as there are processors: whatever one user starts, a computation of somebody else begins at once,
    /// and gets its share of the processors from the operating system.
    pub fn new(processors: usize) -> Self {
        let processors = processors.max(1);
        Self {
            places: Places::new(processors + 1, processors),
            of_sessions: Arc::default(),
        }
    }

    /// One computation at a time, such as of a model that has threads of its own; users take turns.
    pub fn one_at_a_time() -> Self {
        Self {
            places: Places::new(1, 1),
            of_sessions: Arc::default(),
        }
    }

    /// For the processors of this machine.
    pub fn of_machine() -> Self {
        Self::new(processors())
    }

    /// Places that nobody has.
    pub fn free(&self) -> usize {
        self.places.free()
    }

    /// Runs `work` in its turn. Dropping the future stops it.
    ///
    /// # Errors
    /// It was stopped, or broke.
    pub async fn compute<T: Send + 'static>(
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
    pub fn about(&self, user: UserId, session: SessionId) -> About {
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
    pub fn stop(&self, session: SessionId) {
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
pub struct About {
    /// To compute with.
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
mod tests {
    use super::super::checkpoint;
    use super::*;

    use std::time::Duration;

    /// No wait of a test is longer.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn user(number: u128) -> UserId {
        UserId::new(uuid::Uuid::from_u128(number))
    }

    /// Never ends by itself.
    fn endless() {
        loop {
            checkpoint();
            std::thread::yield_now();
        }
    }

    async fn soon<T>(what: impl Future<Output = T>) -> T {
        tokio::time::timeout(PATIENCE, what)
            .await
            .expect("it did not come in time")
    }

    async fn until_free(cores: &Cores, places: usize) {
        let free = async {
            while cores.free() != places {
                tokio::task::yield_now().await;
            }
        };
        soon(free).await;
    }

    #[tokio::test]
    async fn the_worst_of_one_user_leaves_a_place_for_another() {
        let cores = Cores::new(2);
        let ada = Task::of(user(1));
        let hogs: Vec<_> = (0..20)
            .map(|_| {
                let (cores, task) = (cores.clone(), ada.clone());
                tokio::spawn(async move { cores.compute(&task, endless).await })
            })
            .collect();
        until_free(&cores, 1).await;
        let bob = Task::of(user(2));
        assert_eq!(soon(cores.compute(&bob, || 7)).await, Ok(7));
        ada.stop.raise();
        for hog in hogs {
            assert_eq!(soon(hog).await.unwrap(), Err(Unfinished::Stopped));
        }
        assert_eq!(cores.free(), 3);
    }

    #[tokio::test]
    async fn dropping_the_future_stops_that_computation_alone() {
        let cores = Cores::new(2);
        let task = Task::of(user(1));
        let (one, two) = (cores.clone(), cores.clone());
        let (of_one, of_two) = (task.clone(), task.clone());
        let dropped = tokio::spawn(async move { one.compute(&of_one, endless).await });
        let other = tokio::spawn(async move { two.compute(&of_two, endless).await });
        until_free(&cores, 1).await;
        dropped.abort();
        until_free(&cores, 2).await;
        assert!(!other.is_finished());
        task.stop.raise();
        assert_eq!(soon(other).await.unwrap(), Err(Unfinished::Stopped));
    }

    #[tokio::test]
    async fn what_is_about_an_evaluation_ends_with_it() {
        let cores = Cores::new(1);
        let [session, other] = [1, 2].map(|number| SessionId::new(uuid::Uuid::from_u128(number)));
        let about = cores.about(user(1), session);
        let (shared, task) = (cores.clone(), about.task.clone());
        let computing = tokio::spawn(async move { shared.compute(&task, endless).await });
        until_free(&cores, 1).await;
        cores.stop(other);
        assert!(!computing.is_finished());
        cores.stop(session);
        assert_eq!(soon(computing).await.unwrap(), Err(Unfinished::Stopped));
        drop(about);
        assert!(cores.sessions().is_empty());
    }

    #[tokio::test]
    async fn a_panic_ends_one_computation() {
        let cores = Cores::new(1);
        let task = Task::default();
        let broke = cores.compute(&task, || panic!("on purpose"));
        let broke: Result<(), Unfinished> = soon(broke).await;
        assert_eq!(broke, Err(Unfinished::Broke));
        assert_eq!(soon(cores.compute(&task, || 1)).await, Ok(1));
    }
}
