//! Whether this node works on a run that is started here, or leaves it to whoever claims it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::OwnNode;

/// What a node that has no place free waits before it claims a run; one that is half busy waits half of it.
const BUSY_WAIT: Duration = Duration::from_millis(30);

/// The places at work of this node, among those of the others.
#[derive(Debug, Clone)]
pub(crate) struct Placement {
    node: OwnNode,
    slots: Arc<Semaphore>,
    all: usize,
}

/// Who works on a run that is about to be started.
#[derive(Debug)]
pub(crate) enum Placed {
    /// This node, in its turn.
    Here,
    /// This node, at once.
    AtOnce(OwnedSemaphorePermit),
    /// Whoever claims it.
    Nobody,
}

impl Placement {
    /// Of a node with these places.
    pub(crate) fn new(node: OwnNode, slots: Arc<Semaphore>) -> Self {
        Self {
            node,
            all: slots.available_permits(),
            slots,
        }
    }

    /// Takes a place for a run if one is free and this node is not clearly busier than the others. Where it is not
    /// taken, the run waits in the database, and costs no memory. A node that is alone works on whatever it starts.
    pub(crate) fn take(&self) -> Placed {
        if self.node.is_alone() {
            return Placed::Here;
        }
        let slot = self
            .is_not_busier()
            .then(|| Arc::clone(&self.slots).try_acquire_owned().ok());
        slot.flatten().map_or(Placed::Nobody, Placed::AtOnce)
    }

    /// Whether it may take what others could take as well.
    pub(super) fn is_not_busier(&self) -> bool {
        self.node.is_not_busier(self.at_work(), self.all)
    }

    /// How long it gives way to nodes that are less busy.
    pub(super) fn gives_way(&self) -> Duration {
        if self.node.is_alone() {
            return Duration::ZERO;
        }
        BUSY_WAIT.mul_f64(self.at_work() as f64 / self.all.max(1) as f64)
    }

    fn at_work(&self) -> usize {
        self.all.saturating_sub(self.slots.available_permits())
    }
}
