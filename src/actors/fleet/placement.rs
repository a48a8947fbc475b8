//! Decides if a run that is started here is worked on by this node, or left to the
//! node that claims it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::OwnNode;

/// Delay before a node without a free slot claims a run; a node at half load waits half as long.
const BUSY_WAIT: Duration = Duration::from_millis(30);

/// The worker slots of this node, compared with the load of the other nodes.
#[derive(Debug, Clone)]
pub(crate) struct Placement {
    node: OwnNode,
    slots: Arc<Semaphore>,
    all: usize,
}

/// Decides who works on a run that is about to be started.
#[derive(Debug)]
pub(crate) enum Placed {
    /// This node, once a worker slot is free.
    Here,
    /// This node at once, with this worker slot.
    AtOnce(OwnedSemaphorePermit),
    /// The node that claims it.
    Nobody,
}

impl Placement {
    pub(crate) fn new(node: OwnNode, slots: Arc<Semaphore>) -> Self {
        Self {
            node,
            all: slots.available_permits(),
            slots,
        }
    }

    /// Takes a worker slot if one is free and this node is not clearly busier than the others.
    /// Otherwise the run waits in the database, where it costs no memory. So it does if the others
    /// may be about to declare this node dead. A node that is alone works on every run that it
    /// starts.
    pub(crate) fn take(&self) -> Placed {
        if self.node.is_alone() {
            return Placed::Here;
        }
        if self.node.is_out_of_touch() {
            return Placed::Nobody;
        }
        let slot = self
            .is_not_busier()
            .then(|| Arc::clone(&self.slots).try_acquire_owned().ok());
        slot.flatten().map_or(Placed::Nobody, Placed::AtOnce)
    }

    /// Returns true if this node may claim a run that others could claim as well.
    pub(in crate::actors) fn is_not_busier(&self) -> bool {
        self.node.is_not_busier(self.at_work(), self.all)
    }

    /// The delay by which it lets less busy nodes claim first.
    pub(in crate::actors) fn gives_way(&self) -> Duration {
        if self.node.is_alone() {
            return Duration::ZERO;
        }
        BUSY_WAIT.mul_f64(self.at_work() as f64 / self.all.max(1) as f64)
    }

    fn at_work(&self) -> usize {
        self.all.saturating_sub(self.slots.available_permits())
    }
}

#[cfg(test)]
#[path = "tests/placement.rs"]
mod tests;
