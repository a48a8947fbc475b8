//! The node's heartbeat, written once a second, and what is read in the same transaction: the other
//! nodes, which of them are dead, and which runs of this node are to be cancelled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Recipient;
use chrono::Utc;
use tokio::time::{self, MissedTickBehavior, interval};

use crate::bus::{Bus, Signal};
use crate::domain::event::CancelReason;
use crate::domain::ids::{NodeId, SessionId, UserId};
use crate::store::fleet::claims::{self, DIED, Owned};
use crate::store::fleet::nodes::{self, Load, NewNode, Node};
use crate::store::{Db, Store, StoreError, new_id};
use crate::telemetry::metrics::Metrics;

use super::OwnNode;
use super::failure_detector::FailureDetector;
use super::left_behind::{LeftBehind, Remedies, WorkedOn};
use crate::actors::messages::{Cancel, Disown, LookAfter, LookAround, Probe};

/// The interval between two heartbeats.
const BEAT: Duration = Duration::from_secs(1);

/// The number of heartbeats between two searches for runs of this node that have no actor.
const LOOK_BEHIND: u32 = 5;

/// Time limit for the registry to drop all runs when the node was declared dead.
const DISOWN: Duration = Duration::from_secs(10);

/// Writes this node's heartbeat and watches those of the other nodes.
pub(crate) struct Beat {
    pub store: Store,
    pub node: OwnNode,
    pub row: NewNode,
    /// Time for which another node's heartbeat counter may stand still before that
    /// node is declared dead.
    pub dead_after: Duration,
    /// Reads the node's current load, which each heartbeat publishes.
    pub load: Box<dyn Fn() -> Load + Send + Sync>,
    /// Checks that the registry and every room thread respond; without an answer
    /// no heartbeat is written.
    pub probe: Recipient<Probe>,
    /// Receives a cancellation that was requested at another node.
    pub cancel: Recipient<Cancel>,
    /// Is told to drop all runs once other nodes have taken them over.
    pub disown: Recipient<Disown>,
    /// Is asked to start an actor for a run of this node that has none.
    pub left_behind: Recipient<LookAfter>,
    /// The runs of this node that have an actor.
    pub worked_on: WorkedOn,
    pub bus: Arc<dyn Bus>,
    /// Makes rooms that follow a session of another node read its log.
    pub look_around: Recipient<LookAround>,
    pub metrics: Arc<Metrics>,
}

/// The result of one heartbeat.
struct Round {
    nodes: Vec<Node>,
    to_stop: Vec<(SessionId, UserId, CancelReason)>,
    /// Seconds by which this machine's clock is ahead of the database's.
    clock_skew: f64,
    /// The runs of this node; `None` in the heartbeats that do not search for
    /// runs without an actor.
    owned: Option<Vec<Owned>>,
}

/// Returns the seconds by which this machine's clock is ahead of the database's; the error is at
/// most half the duration of the query.
fn clock_skew(db: &mut Db) -> Result<f64, StoreError> {
    let before = Utc::now();
    let Some(clock) = nodes::clock(db)? else {
        return Ok(0.0);
    };
    let middle = before + (Utc::now() - before) / 2;
    Ok((middle - clock).num_milliseconds() as f64 / 1e3)
}

impl Beat {
    /// Runs until its task is dropped or the node has left.
    pub(crate) async fn run(self) {
        let mut every = interval(BEAT);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failure_detector = FailureDetector::new(self.dead_after);
        let mut left_behind = LeftBehind::default();
        let mut beats = 0_u32;
        loop {
            every.tick().await;
            // A node that hangs must be declared dead by the others, even though
            // this task still runs.
            let proved = self.probe.send(Probe).timeout(self.dead_after / 2).await;
            if !matches!(proved, Ok(Ok(()))) {
                tracing::warn!(
                    "no sign of life for the other nodes: a thread of the rooms does not answer"
                );
                continue;
            }
            beats = beats.wrapping_add(1);
            let began = time::Instant::now();
            match self.beat(beats.is_multiple_of(LOOK_BEHIND)).await {
                Ok(Some(round)) => {
                    self.node.heartbeat_written(began);
                    if let Some(owned) = &round.owned {
                        let remedies = left_behind.look(owned, &self.worked_on);
                        self.look_behind(remedies).await;
                    }
                    self.look_after(round, &mut failure_detector).await;
                }
                // The row was removed because the node has left or is about to.
                Ok(None) if (self.load)().draining => return,
                Ok(None) => self.register_again().await,
                // Logged at debug level only: whatever else needs the database reports the failure.
                Err(error) => tracing::debug!(%error, "no sign of life can be given"),
            }
        }
    }

    async fn beat(&self, looks_behind: bool) -> Result<Option<Round>, StoreError> {
        let (node, load) = (self.node.id(), (self.load)());
        let round = move |db: &mut Db| {
            if !nodes::beat(db, node, load)? {
                return Ok(None);
            }
            Ok(Some(Round {
                nodes: nodes::all(db)?,
                to_stop: claims::to_stop(db, node)?,
                clock_skew: clock_skew(db)?,
                owned: looks_behind.then(|| claims::owned(db, node)).transpose()?,
            }))
        };
        self.store.write_sign_of_life(round).await
    }

    async fn look_after(&self, round: Round, failure_detector: &mut FailureDetector) {
        let own = self.node.id();
        let others = || round.nodes.iter().filter(|node| node.id != own);
        self.node.set_nodes(&round.nodes);
        self.metrics.clock_skew.set(round.clock_skew);
        self.node.set_clock_skew(round.clock_skew);
        let hears = !self.bus.is_deaf() && !others().any(|node| node.load.bus_deaf);
        self.bus.has_nodes(round.nodes.len());
        if self.node.hears(hears && others().count() > 0) {
            // Finds what no signal announced, or whose signal was lost.
            self.look_around.do_send(LookAround);
        }
        for (session, owner, reason) in round.to_stop {
            self.cancel.do_send(Cancel {
                session,
                owner,
                reason,
            });
        }
        let beats = others().map(|node| (node.id, node.beat));
        for (dead, beat) in failure_detector.observe(Instant::now(), beats) {
            if let Some(node) = others().find(|node| node.id == dead)
                && !self.declare_dead(node, beat).await
            {
                // Write the own heartbeat first: the next node in the list could take just as long.
                return;
            }
        }
    }

    /// Starts an actor for this node's runs that have none, and releases the runs for which
    /// that has failed repeatedly.
    async fn look_behind(&self, Remedies { take_up, give_up }: Remedies) {
        for Owned { session, user, .. } in take_up {
            tracing::warn!(%session, "nobody works on a run of this node: it is taken up");
            self.left_behind.do_send(LookAfter {
                session,
                owner: user,
            });
        }
        if give_up.is_empty() {
            return;
        }
        let node = self.node.id();
        let runs: Vec<_> = give_up.iter().map(|run| (run.session, run.fence)).collect();
        tracing::error!(
            ?runs,
            "runs were lost again and again: another node may try"
        );
        let release = move |db: &mut Db| claims::release(db, node, runs, DIED);
        if let Err(error) = self.store.write_sign_of_life(release).await {
            tracing::warn!(%error, "they can't be given up now; it is tried again");
        }
        self.announce_due_run();
    }

    fn announce_due_run(&self) {
        self.node.announce_due_run();
        self.bus.tell(Signal::Due);
    }

    /// Releases the runs of a dead node. Returns false if the database does not answer; if another
    /// node has already done it, that counts as success.
    async fn declare_dead(&self, dead: &Node, beat: i64) -> bool {
        let (id, name) = (dead.id, dead.application_name.clone());
        let end = self
            .store
            .write_sign_of_life(move |db| nodes::end_connections(db, id, &name, beat));
        if let Err(error) = end.await {
            // The dead node may still hold row locks; the database ends its
            // connections after a while.
            tracing::warn!(node = dead.name, %error, "the connections of a dead node can't be ended");
        }
        let buried = self
            .store
            .write_sign_of_life(move |db| nodes::bury(db, id, beat));
        match buried.await {
            Ok(Some(runs)) => {
                tracing::warn!(node = dead.name, id = %dead.id, runs, "a node is dead: its runs are given back");
                self.metrics.declared_dead.inc();
                self.announce_due_run();
                true
            }
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(node = dead.name, %error, "a dead node can't be buried now; it is tried again");
                false
            }
        }
    }

    /// Registers this node under a new id after the others have declared it dead and taken over its
    /// runs. Its runs are dropped, its client connections stay open.
    async fn register_again(&self) {
        tracing::warn!(
            name = self.row.name,
            "this node was taken for dead: it begins anew, without runs"
        );
        if let Err(error) = self.disown.send(Disown).timeout(DISOWN).await {
            tracing::error!(%error, "the runs of this node can't be let go");
            return;
        }
        let id: NodeId = new_id();
        let row = NewNode {
            id,
            started_at: Utc::now(),
            ..self.row.clone()
        };
        let enter = move |db: &mut Db| nodes::enter(db, &row, None);
        match self.store.write_sign_of_life(enter).await {
            Ok(()) => {
                // It works on nothing until its first heartbeat has succeeded in time: where the
                // database is too slow for that, the others soon declare it dead again.
                self.node.set_id(id);
                self.node.announce_due_run();
            }
            Err(error) => tracing::warn!(%error, "the node can't begin anew yet"),
        }
    }
}
