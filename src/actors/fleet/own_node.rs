//! The identity of this process, and its view of the other nodes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::domain::ids::NodeId;
use crate::store::fleet::lock_file::LockFile;
use crate::store::fleet::nodes::Node;

/// Heartbeats without any other node until this node considers itself alone. During that time rooms
/// still look for the last events of a node that has left.
const QUIET_BEATS: u32 = 5;

/// Heartbeats until signals of others are relied on: the others must first have seen this node
/// to send it any.
const WELL_BEATS: u32 = 3;

/// Time since its last heartbeat after which a node calls no judge any more: others may soon
/// declare it dead and make the same calls.
const OUT_OF_TOUCH: Duration = Duration::from_secs(5);

/// Maximum difference between a node's clock and the database's, in seconds. The times that clients
/// see, and the deadlines of runs, are by the node's clock.
const CLOCKS_APART: f64 = 30.0;

/// The share of its slots, and at least one slot, by which a node must be busier than the average
/// to leave a run to others. Leaving one costs the run the time until another node notices it.
const CLEARLY: f64 = 0.05;

/// This process among the nodes. Clones share the state.
#[derive(Debug, Clone)]
pub(crate) struct OwnNode(Arc<State>);

#[derive(Debug)]
struct State {
    id: RwLock<NodeId>,
    others: AtomicUsize,
    /// The result of the last heartbeat.
    seen: RwLock<Seen>,
    /// Nodes whose differing settings were already logged, so that each is logged once.
    told: Mutex<HashSet<NodeId>>,
    /// Heartbeats since another node was last seen.
    quiet: AtomicU32,
    due: Notify,
    /// Consecutive heartbeats at which other nodes existed and no signal of theirs was lost.
    well: AtomicU32,
    /// The time of the last successful heartbeat; `None` on SQLite, where there are no other nodes.
    last_beat: watch::Sender<Option<Instant>>,
    /// Milliseconds by which its clock is ahead of the database's.
    clock_skew: AtomicI64,
    /// True once the node claims no more runs.
    leaving: watch::Sender<bool>,
    /// The file that names this node for the next process with the same data directory; `None` without one.
    lock_file: Option<LockFile>,
}

/// The nodes as of the last heartbeat.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Seen {
    /// All nodes, including this one.
    nodes: usize,
    /// The number of nodes before this one in an order that is the same on every node.
    before: usize,
    /// Other nodes that accept runs.
    taking: usize,
    /// The sum over these nodes of the share of their worker slots in use.
    busy: f64,
    /// Other nodes with another signing key or other settings.
    otherwise: usize,
}

impl Seen {
    fn of(nodes: &[Node], own: NodeId) -> Self {
        let others = || nodes.iter().filter(|node| node.id != own);
        let taking = || others().filter(|node| !node.load.draining);
        Self {
            nodes: others().count() + 1,
            before: others().filter(|node| node.id < own).count(),
            taking: taking().count(),
            busy: taking()
                .map(|node| busy(node.load.at_work, node.places))
                .sum(),
            otherwise: others()
                .filter(|node| differs(node, nodes, own).is_some())
                .count(),
        }
    }
}

/// Names what a node should share with this one but does not; `None` if nothing differs.
fn differs(node: &Node, nodes: &[Node], own: NodeId) -> Option<&'static str> {
    let own = nodes.iter().find(|node| node.id == own)?;
    match (
        node.signing_key_id != own.signing_key_id,
        node.config_digest != own.config_digest,
    ) {
        (true, true) => Some("the key of access tokens, and settings"),
        (true, false) => Some("the key of access tokens"),
        (false, true) => Some("settings"),
        (false, false) => None,
    }
}

/// The share of worker slots in use; 0 if their number is unlimited.
fn busy(at_work: i64, places: i64) -> f64 {
    if places > 0 {
        at_work as f64 / places as f64
    } else {
        0.0
    }
}

impl OwnNode {
    /// Creates the state of a node that is registered in the table of nodes.
    pub(crate) fn new(id: NodeId, lock_file: Option<LockFile>) -> Self {
        write_id(lock_file.as_ref(), id);
        Self(Arc::new(State {
            id: RwLock::new(id),
            others: AtomicUsize::new(0),
            seen: RwLock::default(),
            told: Mutex::default(),
            quiet: AtomicU32::new(0),
            due: Notify::new(),
            well: AtomicU32::new(0),
            last_beat: watch::Sender::new(None),
            clock_skew: AtomicI64::new(0),
            leaving: watch::Sender::new(false),
            lock_file,
        }))
    }

    /// The node's current id. It changes when the node was declared dead and registers again.
    pub(crate) fn id(&self) -> NodeId {
        *self.0.id.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_id(&self, id: NodeId) {
        write_id(self.0.lock_file.as_ref(), id);
        *self.0.id.write().unwrap_or_else(PoisonError::into_inner) = id;
    }

    /// Returns true if no other node uses the database.
    pub(crate) fn is_alone(&self) -> bool {
        self.0.others.load(Ordering::Relaxed) == 0
    }

    /// This node's part of a limit that all nodes share. The first nodes get what division leaves
    /// over, and every node gets at least one.
    pub(crate) fn part_of(&self, whole: usize) -> usize {
        let Seen { nodes, before, .. } = self.seen();
        let nodes = nodes.max(1);
        let part = whole / nodes + usize::from(before < whole % nodes);
        part.max(1)
    }

    /// Returns true unless this node is clearly busier than the average of the others that accept
    /// runs. Compares its load now with theirs at the last heartbeat.
    pub(super) fn is_not_busier(&self, at_work: usize, places: usize) -> bool {
        let Seen { taking, busy, .. } = self.seen();
        if taking == 0 {
            return true;
        }
        let mean = busy / taking as f64 * places as f64;
        let more = (places as f64 * CLEARLY).max(1.0);
        // The tolerance absorbs rounding in the sum of fractions.
        (at_work as f64) < mean + more - 1e-6
    }

    /// The number of nodes, of nodes that accept runs, and of nodes whose settings
    /// differ from this one's.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let seen = self.seen();
        [seen.nodes.max(1), seen.taking + 1, seen.otherwise]
    }

    /// Seconds since the last successful heartbeat.
    pub(crate) fn silent_for(&self) -> u64 {
        let last = *self.0.last_beat.borrow();
        last.map_or(0, |at| at.elapsed().as_secs())
    }

    /// Returns true if the last heartbeat is so old that other nodes may have declared this one
    /// dead.
    pub(crate) fn is_out_of_touch(&self) -> bool {
        let last = *self.0.last_beat.borrow();
        last.is_some_and(|at| at.elapsed() >= OUT_OF_TOUCH)
    }

    /// Stores the number of seconds by which this machine's clock is ahead of the database's.
    pub(super) fn set_clock_skew(&self, before: f64) {
        let was_off = self.is_clock_wrong();
        self.0
            .clock_skew
            .store((before * 1e3) as i64, Ordering::Relaxed);
        if self.is_clock_wrong() && !was_off {
            tracing::error!(
                seconds = before,
                "this machine's clock differs from the database's: the node serves nobody until it is right"
            );
        }
    }

    /// Returns true if this machine's clock or the database's is wrong.
    pub(crate) fn is_clock_wrong(&self) -> bool {
        let skew = self.0.clock_skew.load(Ordering::Relaxed);
        skew.unsigned_abs() as f64 >= CLOCKS_APART * 1e3
    }

    /// Stores the list of nodes that a heartbeat has read.
    pub(super) fn set_nodes(&self, nodes: &[Node]) {
        let own = self.id();
        let seen = Seen::of(nodes, own);
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|id| nodes.iter().any(|node| node.id == *id));
        for node in nodes {
            if let Some(what) = differs(node, nodes, own)
                && told.insert(node.id)
            {
                tracing::warn!(
                    node = node.name,
                    "the nodes differ in {what}: what happens to a client or a run depends on its node"
                );
            }
        }
        drop(told);
        *self.0.seen.write().unwrap_or_else(PoisonError::into_inner) = seen;
        self.set_others(seen.nodes - 1);
    }

    pub(in crate::actors) fn set_others(&self, others: usize) {
        if others > 0 {
            self.0.quiet.store(0, Ordering::Relaxed);
            self.0.others.store(others, Ordering::Relaxed);
        } else if self.0.quiet.fetch_add(1, Ordering::Relaxed) + 1 >= QUIET_BEATS {
            self.0.others.store(0, Ordering::Relaxed);
        }
    }

    /// Records if signals pass between this node and the others in both directions, as a heartbeat
    /// has found. Returns true if that changes the result of [`Self::hears_well`].
    pub(super) fn hears(&self, is_well: bool) -> bool {
        let before = self.hears_well();
        if is_well {
            self.0.well.fetch_add(1, Ordering::Relaxed);
        } else {
            self.0.well.store(0, Ordering::Relaxed);
        }
        before != self.hears_well()
    }

    /// Returns true if signals of others can be relied on, so that polling may be slow.
    pub(crate) fn hears_well(&self) -> bool {
        self.0.well.load(Ordering::Relaxed) >= WELL_BEATS
    }

    /// Records a successful heartbeat.
    pub(in crate::actors) fn heartbeat_written(&self, at: Instant) {
        self.0.last_beat.send_replace(Some(at));
    }

    /// Waits until the last heartbeat is recent enough for judges to be called. Returns at once
    /// where there are no other nodes.
    pub(crate) async fn in_touch(&self) {
        let is_fresh = |last: &Option<Instant>| last.is_none_or(|at| at.elapsed() < OUT_OF_TOUCH);
        // An error would mean that the sender is dropped, and `self` holds it.
        let _ = self.0.last_beat.subscribe().wait_for(is_fresh).await;
    }

    /// The number of tasks that wait for a recent heartbeat.
    #[cfg(test)]
    pub(in crate::actors) fn waiting(&self) -> usize {
        self.0.last_beat.receiver_count()
    }

    fn seen(&self) -> Seen {
        *self.0.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces that an unowned run may exist.
    pub(crate) fn announce_due_run(&self) {
        self.0.due.notify_one();
    }

    pub(in crate::actors) async fn due(&self) {
        self.0.due.notified().await;
    }

    /// Stops claiming unowned runs.
    pub(in crate::actors) fn begins_to_leave(&self) {
        self.0.leaving.send_replace(true);
    }

    pub(in crate::actors) fn is_leaving(&self) -> bool {
        *self.0.leaving.borrow()
    }

    /// Waits until the node stops claiming runs.
    pub(in crate::actors) async fn leaves(&self) {
        let _ = self
            .0
            .leaving
            .subscribe()
            .wait_for(|leaving| *leaving)
            .await;
    }
}

/// Writes the node's id to its file. Without it, the next process waits until the others have
/// declared this one dead.
fn write_id(lock_file: Option<&LockFile>, id: NodeId) {
    if let Some(Err(error)) = lock_file.map(|file| file.name(id)) {
        tracing::warn!(%error, "the node can't be named where it lives");
    }
}

#[cfg(test)]
#[path = "tests/own_node.rs"]
mod tests;
