//! The current number of connections, rooms and runs, shown by `/healthz` and checked
//! by tests for leaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counters shared by all that create what is counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveCounts {
    /// Open sockets and event streams.
    pub connections: Gauge,
    pub rooms: Gauge,
    pub runs: Gauge,
    /// Those of `runs` that wait for a worker slot.
    pub queued: Gauge,
    /// Members that fell behind and read the missing events in batches.
    pub lagging: Gauge,
    /// Tasks that complete a change even if its requester is gone.
    pub tasks: Gauge,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Gauge(Arc<AtomicUsize>);

impl Gauge {
    /// Counts one more, until the returned guard is dropped: an actor keeps it as a field, so that
    /// a panic counts down too.
    pub(crate) fn enter(&self) -> GaugeGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        GaugeGuard(Arc::clone(&self.0))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Guard that counts one until it is dropped.
#[derive(Debug)]
pub(crate) struct GaugeGuard(Arc<AtomicUsize>);

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
