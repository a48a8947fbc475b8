//! The other processes that ask the same providers: what a provider allows is meant for all of them together.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::judges::waiting::Waiting;

/// Some of what a provider takes a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Which allowance of which provider.
    pub key: String,
    /// How long the whole rate needs for as much as is taken.
    pub step: Duration,
    /// How long it needs for all that may be taken at once.
    pub window: Duration,
}

/// What all processes count together.
pub(crate) trait Counted: Send + Sync {
    /// This process's part of what is there once for all of them; at least one.
    fn part_of(&self, whole: usize) -> usize;

    /// Takes all of these or none: then after how long it is worth another try.
    fn take(&self, allowances: Vec<Allowance>) -> Waiting<Option<Duration>>;

    /// Gives back what was taken and not used; whoever calls does not wait for it.
    fn give_back(&self, allowances: Vec<Allowance>);
}

/// The way to the other processes; clones lead to the same. There are none until somebody says so.
#[derive(Clone, Default)]
pub(crate) struct Others(Arc<OnceLock<Box<dyn Counted>>>);

impl Others {
    /// From now on there may be others. Only the first call counts.
    pub(crate) fn are_counted_by(&self, counted: impl Counted + 'static) {
        // A second one would change what has been taken already.
        let _ = self.0.set(Box::new(counted));
    }

    pub(crate) fn get(&self) -> Option<&dyn Counted> {
        self.0.get().map(|counted| &**counted)
    }
}

impl fmt::Debug for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Others").finish_non_exhaustive()
    }
}
