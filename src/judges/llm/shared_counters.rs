//! Coordination with other processes that use the same providers, since a provider's limits apply
//! to all of them together.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::judges::waiting::Waiting;

/// A part of a provider's rate limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Identifies the provider and the limit.
    pub key: String,
    /// The time in which the rate replenishes the amount that is taken.
    pub step: Duration,
    /// The time in which the rate replenishes the whole allowance.
    pub window: Duration,
}

/// Counters that all processes share.
pub(crate) trait ProviderCounters: Send + Sync {
    /// Returns this process's share of a resource that exists once for all of them; at least one.
    fn part_of(&self, whole: usize) -> usize;

    /// Takes all of these amounts or none. Returns the time after which to try again if there are
    /// not enough.
    fn take(&self, allowances: Vec<Allowance>) -> Waiting<Option<Duration>>;

    /// Returns amounts that were taken and not used, in the background.
    fn give_back(&self, allowances: Vec<Allowance>);

    /// Waits until the others know that this process is alive. One that they may have declared dead
    /// must not call a provider: its successor makes the same calls.
    fn in_touch(&self) -> Waiting<()>;

    /// Returns false while [`Self::in_touch`] would wait.
    fn is_in_touch(&self) -> bool;
}

/// A handle on the shared counters; clones share it. It is empty until the counters are set.
#[derive(Clone, Default)]
pub(crate) struct SharedCounters(Arc<OnceLock<Box<dyn ProviderCounters>>>);

impl SharedCounters {
    /// Sets the shared counters. Only the first call has an effect.
    pub(crate) fn set(&self, counted: impl ProviderCounters + 'static) {
        // Replacing the counters would change the accounting of amounts that are already taken.
        let _ = self.0.set(Box::new(counted));
    }

    pub(crate) fn get(&self) -> Option<&dyn ProviderCounters> {
        self.0.get().map(|counted| &**counted)
    }
}

impl fmt::Debug for SharedCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCounters").finish_non_exhaustive()
    }
}
