//! The parts of a bus that do not depend on how its messages travel: the number of nodes, the state
//! of reception, the channel to the receiver, and the counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::interface::Heard;
use super::self_test::Hearing;
use crate::telemetry::metrics::Metrics;

/// This node's end of a bus.
pub(super) struct Endpoint {
    nodes: AtomicUsize,
    pub(super) hearing: Hearing,
    ears: mpsc::Sender<Heard>,
    pub(super) metrics: Arc<Metrics>,
}

impl Endpoint {
    pub(super) fn new(ears: mpsc::Sender<Heard>, metrics: Arc<Metrics>) -> Self {
        Self {
            nodes: AtomicUsize::new(1),
            hearing: Hearing::default(),
            ears,
            metrics,
        }
    }

    /// Returns the number of nodes, including this one.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.load(Ordering::Relaxed)
    }

    pub(super) fn is_alone(&self) -> bool {
        self.nodes() <= 1
    }

    /// Sets the number of nodes. Returns true if this node was alone until now: from then on it
    /// matters whether the messages of the others arrive.
    pub(super) fn has_nodes(&self, nodes: usize) -> bool {
        let before = self.nodes.swap(nodes, Ordering::Relaxed);
        before <= 1 && nodes > 1
    }

    /// Counts a signal of that name, which was queued, or dropped because the queue was full.
    pub(super) fn told(&self, name: &'static str, is_queued: bool) {
        if is_queued {
            self.metrics.bus_told.count(name);
        } else {
            self.metrics.bus_dropped.inc();
        }
    }

    /// Returns true if more than an eighth of the channel to the receiver is in use.
    pub(super) fn is_behind(&self) -> bool {
        self.ears.capacity() < self.ears.max_capacity() / 8 * 7
    }

    /// Passes what was heard on to the receiver. If the channel is full it is dropped and counted:
    /// the receiver finds the change at its next poll of the database.
    pub(super) fn pass_on(&self, heard: Heard) {
        if self.ears.try_send(heard).is_err() {
            self.metrics.bus_dropped.inc();
        }
    }
}

/// Locks a mutex of a bus. A panic while it was held leaves no broken state behind.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
