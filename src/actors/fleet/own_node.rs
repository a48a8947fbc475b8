//! Who this process is.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;

use crate::domain::ids::NodeId;
use crate::store::fleet::place::Place;

/// Beats for which nobody else is there until this node is alone: rooms look so long for what a node that left has
/// written last.
const QUIET_BEATS: u32 = 5;

/// Who this process is among the nodes. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct OwnNode(Arc<State>);

#[derive(Debug)]
struct State {
    id: RwLock<NodeId>,
    others: AtomicUsize,
    /// Beats since another node was there.
    quiet: AtomicU32,
    due: Notify,
    /// Where it lives; none where it has no place of its own.
    place: Option<Place>,
}

impl OwnNode {
    /// A node that is in the table.
    pub(crate) fn new(id: NodeId, place: Option<Place>) -> Self {
        name_place(place.as_ref(), id);
        Self(Arc::new(State {
            id: RwLock::new(id),
            others: AtomicUsize::new(0),
            quiet: AtomicU32::new(0),
            due: Notify::new(),
            place,
        }))
    }

    /// Its id, as it is now: a node that was taken for dead begins anew with another.
    pub(crate) fn id(&self) -> NodeId {
        *self.0.id.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begins_anew(&self, id: NodeId) {
        name_place(self.0.place.as_ref(), id);
        *self.0.id.write().unwrap_or_else(PoisonError::into_inner) = id;
    }

    /// Whether no other node works on the database.
    pub(crate) fn is_alone(&self) -> bool {
        self.0.others.load(Ordering::Relaxed) == 0
    }

    pub(super) fn sees_others(&self, others: usize) {
        if others > 0 {
            self.0.quiet.store(0, Ordering::Relaxed);
            self.0.others.store(others, Ordering::Relaxed);
        } else if self.0.quiet.fetch_add(1, Ordering::Relaxed) + 1 >= QUIET_BEATS {
            self.0.others.store(0, Ordering::Relaxed);
        }
    }

    /// Some run may be nobody's.
    pub(crate) fn run_is_due(&self) {
        self.0.due.notify_one();
    }

    pub(super) async fn due(&self) {
        self.0.due.notified().await;
    }
}

/// Without its name there the next process only has to wait until others find this one dead.
fn name_place(place: Option<&Place>, id: NodeId) {
    if let Some(Err(error)) = place.map(|place| place.name(id)) {
        tracing::warn!(%error, "the node can't be named where it lives");
    }
}
