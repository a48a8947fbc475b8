//! Stops a computation on another thread.
//!
//! A computation runs within [`stoppable`]; its loops call [`checkpoint`]. Once the [`Stop`] is
//! raised, the next checkpoint unwinds to `stoppable`, which returns [`Stopped`]. Unwinding needs
//! no flag in the signature of every rule. It is no panic: no message is printed, and it is not
//! caught on the way. Data shared between computations, such as caches and pools, must be
//! consistent at every checkpoint.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// The stop flag of this thread's computation.
    static CURRENT: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Tells computations that their result is no longer needed. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    raised: Arc<AtomicBool>,
    /// Raising this flag stops the task too.
    parent: Option<Arc<AtomicBool>>,
}

/// The computation was stopped and has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl Stop {
    /// Creates a flag that is raised with this one and may be raised alone. There are only two
    /// levels: the children of a child belong to its parent.
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

    pub fn is_raised(&self) -> bool {
        let raised = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        raised(&self.raised) || self.parent.as_ref().is_some_and(raised)
    }

    /// Returns true if the two are clones of each other.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.raised, &other.raised)
    }

    /// Raises the flag when the returned guard is dropped.
    #[must_use]
    pub fn on_drop(&self) -> StopOnDrop {
        StopOnDrop(self.clone())
    }
}

/// Guard held while a computation is awaited.
#[derive(Debug)]
pub struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Restores the thread's previous flag, also while unwinding.
struct Restored(Option<Stop>);

impl Drop for Restored {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Runs `work` on this thread until its end or until the first checkpoint after `stop` is raised.
///
/// # Errors
/// The computation was stopped.
///
/// # Panics
/// Panics if `work` does.
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

/// Stops the computation of this thread if its flag is raised; does nothing outside of
/// [`stoppable`]. It takes a few nanoseconds, and is called for each sentence, claim or page
/// rather than each character.
pub(crate) fn checkpoint() {
    #[cfg(test)]
    recorder::pass();
    let stopped = CURRENT.with_borrow(|current| current.as_ref().is_some_and(Stop::is_raised));
    if stopped {
        resume_unwind(Box::new(Stopped));
    }
}

/// Measures the computing time between two checkpoints, for tests.
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

    /// The processor time of this thread, which other load on the machine hardly changes.
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

    /// Runs `work`. Returns the longest time between two checkpoints, counting its start and its
    /// end as such, and the number of checkpoints.
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
