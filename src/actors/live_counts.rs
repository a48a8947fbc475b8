//! How many connections, rooms and runs exist right now; what `/healthz` shows and leak tests read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counters, shared by everybody who makes one of what they count.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveCounts {
    /// Open sockets and event streams.
    pub connections: Gauge,
    pub rooms: Gauge,
    pub runs: Gauge,
    /// Those of them that wait for a place.
    pub queued: Gauge,
    /// Members that pull what they lack.
    pub lagging: Gauge,
    /// Tasks that outlive whoever asked for them, to carry a change to its end.
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

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// One that is counted.
#[derive(Debug)]
pub(crate) struct GaugeGuard(Arc<AtomicUsize>);

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
