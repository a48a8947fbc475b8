//! Metrics that are read from other components when Prometheus asks for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use crate::actors::fleet::OwnNode;
use crate::actors::live_counts::LiveCounts;
use crate::actors::run::Facilities;
use crate::judges::CircuitState;
use crate::judges::table::JudgeTable;
use crate::telemetry::metrics::{Error, Metrics, Reading};

/// Registers every judge, and the readers of live counts, worker slots, the writer's
/// queue and the drain.
pub(super) fn attach(
    metrics: &Metrics,
    judges: &JudgeTable,
    facilities: &Facilities,
    draining: &Arc<AtomicBool>,
) -> Result<(), Error> {
    for judge in judges.profiles() {
        metrics.expect_judge(&judge.name, &judge.kind);
        let (table, name) = (judges.clone(), judge.name.clone());
        metrics.read_circuit(&judge.name, &judge.kind, move || {
            match table.get(&name).map(|judge| judge.circuit()) {
                None | Some(CircuitState::Closed) => 0,
                Some(CircuitState::HalfOpen) => 1,
                Some(CircuitState::Open) => 2,
            }
        })?;
    }
    let of = |count: fn(&LiveCounts) -> usize| {
        let live_counts = facilities.live_counts.clone();
        move || count(&live_counts)
    };
    metrics.read(Reading::Connections, of(|all| all.connections.count()))?;
    metrics.read(Reading::Rooms, of(|all| all.rooms.count()))?;
    metrics.read(Reading::LaggingMembers, of(|all| all.lagging.count()))?;
    metrics.read(Reading::RunsLive, of(|all| all.runs.count()))?;
    metrics.read(Reading::RunsQueued, of(|all| all.queued.count()))?;
    let (slots, all): (Arc<Semaphore>, usize) = (
        Arc::clone(&facilities.slots),
        facilities.slots.available_permits(),
    );
    metrics.read(Reading::RunsAtWork, move || {
        all.saturating_sub(slots.available_permits())
    })?;
    metrics.read(Reading::JournalQueue, facilities.journal.queue())?;
    let (bus, node) = (Arc::clone(&facilities.bus), facilities.node.clone());
    metrics.read(Reading::BusDeaf, move || {
        usize::from(!node.is_alone() && bus.is_deaf())
    })?;
    let bus = Arc::clone(&facilities.bus);
    metrics.read(Reading::FollowedRooms, move || bus.followed())?;
    let of_node = |count: fn(&OwnNode) -> usize| {
        let node = facilities.node.clone();
        move || count(&node)
    };
    metrics.read(Reading::Nodes, of_node(|node| node.counts()[0]))?;
    metrics.read(Reading::NodesTakingRuns, of_node(|node| node.counts()[1]))?;
    metrics.read(Reading::NodesOtherwise, of_node(|node| node.counts()[2]))?;
    // On SQLite there are no other nodes to send heartbeats to.
    let is_shared = facilities.store.is_shared();
    let node = facilities.node.clone();
    metrics.read(Reading::BeatAge, move || {
        let age = if is_shared { node.silent_for() } else { 0 };
        age.try_into().unwrap_or(usize::MAX)
    })?;
    let draining = Arc::clone(draining);
    metrics.read(Reading::Draining, move || {
        usize::from(draining.load(Ordering::Relaxed))
    })
}
