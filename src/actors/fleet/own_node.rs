//! Who this process is, and what it knows of the others.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::domain::ids::NodeId;
use crate::store::fleet::nodes::Node;
use crate::store::fleet::place::Place;

/// Beats for which nobody else is there until this node is alone: rooms look so long for what a node that left has
/// written last.
const QUIET_BEATS: u32 = 5;

/// Beats until news of others is relied on: they have to have seen this node, or they tell it nothing.
const WELL_BEATS: u32 = 3;

/// How long a node may not have shown that it works until it asks no judge any more: soon others may take it for
/// dead, and ask the same.
const OUT_OF_TOUCH: Duration = Duration::from_secs(5);

/// By how much the clock of a node may differ from the database's: times that clients see, and the time that a run
/// has, are those of its node.
const CLOCKS_APART: f64 = 30.0;

/// By so many of its places, and by one at least, a node has to be busier than the others to leave a run to them: a
/// run that is left waits until somebody has heard of it.
const CLEARLY: f64 = 0.05;

/// Who this process is among the nodes. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct OwnNode(Arc<State>);

#[derive(Debug)]
struct State {
    id: RwLock<NodeId>,
    others: AtomicUsize,
    /// What the last beat found.
    seen: RwLock<Seen>,
    /// Nodes that the log has told to be set up otherwise.
    told: Mutex<HashSet<NodeId>>,
    /// Beats since another node was there.
    quiet: AtomicU32,
    due: Notify,
    /// Beats for which others were there and everything that they told was heard.
    well: AtomicU32,
    /// When it last showed the others that it works; none where there can be no others.
    last_beat: watch::Sender<Option<Instant>>,
    /// Milliseconds by which its clock is before the database's.
    clock_skew: AtomicI64,
    /// Whether it takes up no more runs.
    leaving: watch::Sender<bool>,
    /// Where it lives; none where it has no place of its own.
    place: Option<Place>,
}

/// The nodes, as this one counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Seen {
    /// All of them, this one among them.
    nodes: usize,
    /// How many come before this one, in the same order everywhere.
    before: usize,
    /// Others that take runs.
    taking: usize,
    /// The sum of the shares of their places that are taken.
    busy: f64,
    /// Others that sign with another key or have other settings.
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

/// What a node has otherwise than this one, which has to be alike.
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

/// The share of the places that are taken; 0 where there is no bound.
fn busy(at_work: i64, places: i64) -> f64 {
    if places > 0 {
        at_work as f64 / places as f64
    } else {
        0.0
    }
}

impl OwnNode {
    /// A node that is in the table.
    pub(crate) fn new(id: NodeId, place: Option<Place>) -> Self {
        name_place(place.as_ref(), id);
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

    /// Its part of something that all nodes share: each gets as much, and the first ones what is left over, but
    /// none gets nothing.
    pub(crate) fn part_of(&self, whole: usize) -> usize {
        let Seen { nodes, before, .. } = self.seen();
        let nodes = nodes.max(1);
        let part = whole / nodes + usize::from(before < whole % nodes);
        part.max(1)
    }

    /// Whether it is not clearly busier than the others that take runs are on average, by its load now and theirs
    /// as the last beat found it.
    pub(super) fn is_not_busier(&self, at_work: usize, places: usize) -> bool {
        let Seen { taking, busy, .. } = self.seen();
        if taking == 0 {
            return true;
        }
        let mean = busy / taking as f64 * places as f64;
        let more = (places as f64 * CLEARLY).max(1.0);
        // Sums of fractions can miss a whole number by the last bit.
        (at_work as f64) < mean + more - 1e-6
    }

    /// How many nodes there are, how many of them take runs, and how many are set up otherwise than this one.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let seen = self.seen();
        [seen.nodes.max(1), seen.taking + 1, seen.otherwise]
    }

    /// Seconds since this node last showed that it works.
    pub(crate) fn silent_for(&self) -> u64 {
        let last = *self.0.last_beat.borrow();
        last.map_or(0, |at| at.elapsed().as_secs())
    }

    /// Whether it may be taken for dead at the moment, or has been.
    pub(crate) fn is_out_of_touch(&self) -> bool {
        let last = *self.0.last_beat.borrow();
        last.is_some_and(|at| at.elapsed() >= OUT_OF_TOUCH)
    }

    /// Takes how many seconds this machine's clock is before the database's.
    pub(super) fn sees_clock(&self, before: f64) {
        let was_off = self.is_off();
        self.0
            .clock_skew
            .store((before * 1e3) as i64, Ordering::Relaxed);
        if self.is_off() && !was_off {
            tracing::error!(
                seconds = before,
                "this machine's clock differs from the database's: the node serves nobody until it is right"
            );
        }
    }

    /// Whether its clock is wrong, or the database's.
    pub(crate) fn is_off(&self) -> bool {
        let skew = self.0.clock_skew.load(Ordering::Relaxed);
        skew.unsigned_abs() as f64 >= CLOCKS_APART * 1e3
    }

    /// Takes what a beat found.
    pub(super) fn sees(&self, nodes: &[Node]) {
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
        self.sees_others(seen.nodes - 1);
    }

    pub(in crate::actors) fn sees_others(&self, others: usize) {
        if others > 0 {
            self.0.quiet.store(0, Ordering::Relaxed);
            self.0.others.store(others, Ordering::Relaxed);
        } else if self.0.quiet.fetch_add(1, Ordering::Relaxed) + 1 >= QUIET_BEATS {
            self.0.others.store(0, Ordering::Relaxed);
        }
    }

    /// Whether what another node tells is heard here, and the other way round, as far as a beat has found out; whether
    /// that is another answer than before.
    pub(super) fn hears(&self, is_well: bool) -> bool {
        let before = self.hears_well();
        if is_well {
            self.0.well.fetch_add(1, Ordering::Relaxed);
        } else {
            self.0.well.store(0, Ordering::Relaxed);
        }
        before != self.hears_well()
    }

    /// Whether a look now and then is enough.
    pub(crate) fn hears_well(&self) -> bool {
        self.0.well.load(Ordering::Relaxed) >= WELL_BEATS
    }

    /// It has shown the others that it worked at that time.
    pub(in crate::actors) fn has_beaten(&self, at: Instant) {
        self.0.last_beat.send_replace(Some(at));
    }

    /// Ends once the others know that this node works, at once where they do or there can be none.
    pub(crate) async fn in_touch(&self) {
        let is_fresh = |last: &Option<Instant>| last.is_none_or(|at| at.elapsed() < OUT_OF_TOUCH);
        // An error would say that the sender is gone, and it is here.
        let _ = self.0.last_beat.subscribe().wait_for(is_fresh).await;
    }

    /// How many wait for it to be in touch.
    #[cfg(test)]
    pub(in crate::actors) fn waiting(&self) -> usize {
        self.0.last_beat.receiver_count()
    }

    fn seen(&self) -> Seen {
        *self.0.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Some run may be nobody's.
    pub(crate) fn run_is_due(&self) {
        self.0.due.notify_one();
    }

    pub(in crate::actors) async fn due(&self) {
        self.0.due.notified().await;
    }

    /// From now on it takes up no run that is nobody's.
    pub(in crate::actors) fn begins_to_leave(&self) {
        self.0.leaving.send_replace(true);
    }

    pub(super) fn is_leaving(&self) -> bool {
        *self.0.leaving.borrow()
    }

    /// Ends when it takes up no more runs.
    pub(super) async fn leaves(&self) {
        let _ = self
            .0
            .leaving
            .subscribe()
            .wait_for(|leaving| *leaving)
            .await;
    }
}

/// Without its name there the next process only has to wait until others find this one dead.
fn name_place(place: Option<&Place>, id: NodeId) {
    if let Some(Err(error)) = place.map(|place| place.name(id)) {
        tracing::warn!(%error, "the node can't be named where it lives");
    }
}

#[cfg(test)]
#[path = "tests/own_node.rs"]
mod tests;
