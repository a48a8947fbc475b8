//! Ending a computation on another thread, from outside.
//!
//! A computation runs within [`stoppable`]; its loops call [`checkpoint`]. Once the [`Stop`] is raised,
//! the next checkpoint unwinds to `stoppable`, which gives [`Stopped`]. Unwinding reaches every depth
//! without a flag in the signature of every rule; it is no panic: no message is printed, and nothing is
//! caught on the way. What a computation shares with others (caches, pools) must not be in the middle of a
//! change at a checkpoint.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// What ends the computation of this thread.
    static CURRENT: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Tells computations that nobody wants their outcome any more. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    raised: Arc<AtomicBool>,
    /// What raises this one too.
    parent: Option<Arc<AtomicBool>>,
}

/// The computation was stopped; there is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl Stop {
    /// One that is raised with this one, and may be raised alone. Of two generations: a child's children
    /// are those of its parent.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            raised: Arc::default(),
            parent: Some(Arc::clone(self.parent.as_ref().unwrap_or(&self.raised))),
        }
    }

    pub fn raise(&self) {
        self.raised.store(true, Ordering::Relaxed);
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        let raised = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        raised(&self.raised) || self.parent.as_ref().is_some_and(raised)
    }

    /// Whether the two are clones of one.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.raised, &other.raised)
    }

    /// Raises it when the returned guard is dropped.
    #[must_use]
    pub fn on_drop(&self) -> StopOnDrop {
        StopOnDrop(self.clone())
    }
}

/// Held by whoever waits for a computation.
#[derive(Debug)]
pub struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Puts back what was current before, on the way of an unwinding too.
struct Restored(Option<Stop>);

impl Drop for Restored {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Runs `work` on this thread until its end or until the first checkpoint after `stop` is raised.
///
/// # Errors
/// It was stopped.
///
/// # Panics
/// Where `work` does.
pub fn stoppable<T>(stop: &Stop, work: impl FnOnce() -> T) -> Result<T, Stopped> {
    if stop.is_raised() {
        return Err(Stopped);
    }
    let before = CURRENT.replace(Some(stop.clone()));
    let _restored = Restored(before);
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<Stopped>() {
        Ok(stopped) => *stopped,
        Err(panic) => resume_unwind(panic),
    })
}

/// Ends the computation of this thread if it was stopped; does nothing outside of [`stoppable`]. Takes a
/// few nanoseconds: called for each sentence, claim or page, not for each character.
pub(crate) fn checkpoint() {
    #[cfg(test)]
    recorder::pass();
    let stopped = CURRENT.with_borrow(|current| current.as_ref().is_some_and(Stop::is_raised));
    if stopped {
        resume_unwind(Box::new(Stopped));
    }
}

/// How long a thread computes between two checkpoints, for tests.
#[cfg(test)]
pub(crate) mod recorder {
    use std::cell::Cell;
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    thread_local! {
        static LAST: Cell<Option<Duration>> = const { Cell::new(None) };
        static LONGEST: Cell<Duration> = const { Cell::new(Duration::ZERO) };
        static PASSED: Cell<u64> = const { Cell::new(0) };
    }

    /// How long this thread was on a processor, which others on the machine change little.
    pub(crate) fn on_processor() -> Duration {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        let (seconds, nanos) = (now.tv_sec.try_into(), now.tv_nsec.try_into());
        Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
    }

    pub(super) fn pass() {
        PASSED.set(PASSED.get() + 1);
        if let Some(last) = LAST.get() {
            let now = on_processor();
            LONGEST.set(LONGEST.get().max(now - last));
            LAST.set(Some(now));
        }
    }

    /// Runs `work`; the longest time between two checkpoints, its begin and its end counted as such, and
    /// how many there were.
    pub(crate) fn gaps<T>(work: impl FnOnce() -> T) -> (Duration, u64, T) {
        PASSED.set(0);
        LONGEST.set(Duration::ZERO);
        LAST.set(Some(on_processor()));
        let done = work();
        pass();
        LAST.set(None);
        (LONGEST.get(), PASSED.get(), done)
    }
}

#[cfg(test)]
#[path = "tests/stop.rs"]
mod tests;
