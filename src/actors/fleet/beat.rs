//! The node's sign of life, every second, and what is read with it: which others there are, which of them have
//! died, and which of its own runs somebody wants to end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Recipient;
use chrono::Utc;
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::event::CancelReason;
use crate::domain::ids::{NodeId, SessionId, UserId};
use crate::store::fleet::claims;
use crate::store::fleet::nodes::{self, Load, NewNode, Node};
use crate::store::{Db, Store, StoreError, new_id};
use crate::telemetry::metrics::Metrics;

use super::OwnNode;
use super::pulse::Pulse;
use crate::actors::messages::{Cancel, Disown, Probe};

/// How often a node shows that it works.
const BEAT: Duration = Duration::from_secs(1);

/// How long the registry may take to forget all runs.
const DISOWN: Duration = Duration::from_secs(10);

/// What shows that a node works, and looks after the others.
pub(crate) struct Beat {
    /// Where the table is.
    pub store: Store,
    pub node: OwnNode,
    pub row: NewNode,
    /// How long another's beat stands still until it counts as dead.
    pub patience: Duration,
    /// What the node does at the moment.
    pub load: Box<dyn Fn() -> Load + Send + Sync>,
    /// Whether the registry and its rooms work.
    pub probe: Recipient<Probe>,
    /// Where runs are ended that somebody wants to end.
    pub cancel: Recipient<Cancel>,
    /// Where runs are forgotten that are no longer this node's.
    pub disown: Recipient<Disown>,
    pub metrics: Arc<Metrics>,
}

/// What a beat found.
struct Round {
    nodes: Vec<Node>,
    to_stop: Vec<(SessionId, UserId, CancelReason)>,
}

impl Beat {
    /// Goes on until it is dropped.
    pub(crate) async fn go_on(self) {
        let mut every = interval(BEAT);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pulse = Pulse::new(self.patience);
        loop {
            every.tick().await;
            // A node that hangs shall be taken for dead, however well this task goes.
            let proved = self.probe.send(Probe).timeout(self.patience / 2).await;
            if !matches!(proved, Ok(Ok(()))) {
                tracing::warn!(
                    "no sign of life for the other nodes: a thread of the rooms does not answer"
                );
                continue;
            }
            match self.beat().await {
                Ok(Some(round)) => self.look_after(round, &mut pulse).await,
                // It has left, or would at once.
                Ok(None) if (self.load)().draining => return,
                Ok(None) => self.begin_anew().await,
                // The log has it: whoever needs the database more says so.
                Err(error) => tracing::debug!(%error, "no sign of life can be given"),
            }
        }
    }

    async fn beat(&self) -> Result<Option<Round>, StoreError> {
        let (node, load) = (self.node.id(), (self.load)());
        let round = move |db: &mut Db| {
            if !nodes::beat(db, node, load)? {
                return Ok(None);
            }
            Ok(Some(Round {
                nodes: nodes::all(db)?,
                to_stop: claims::to_stop(db, node)?,
            }))
        };
        self.store.write_sign_of_life(round).await
    }

    async fn look_after(&self, round: Round, pulse: &mut Pulse) {
        let own = self.node.id();
        let others = || round.nodes.iter().filter(|node| node.id != own);
        self.node.sees(&round.nodes);
        for (session, owner, reason) in round.to_stop {
            self.cancel.do_send(Cancel {
                session,
                owner,
                reason,
            });
        }
        let beats = others().map(|node| (node.id, node.beat));
        for (dead, beat) in pulse.look(Instant::now(), beats) {
            if let Some(node) = others().find(|node| node.id == dead) {
                self.bury(node, beat).await;
            }
        }
    }

    /// Gives the runs of a dead node back, unless somebody else is doing it.
    async fn bury(&self, dead: &Node, beat: i64) {
        let name = dead.application_name.clone();
        let end = self
            .store
            .write_sign_of_life(move |db| nodes::end_connections(db, &name));
        if let Err(error) = end.await {
            // It may still hold rows, which end by themselves after a while.
            tracing::warn!(node = dead.name, %error, "the connections of a dead node can't be ended");
        }
        let id = dead.id;
        let buried = self
            .store
            .write_sign_of_life(move |db| nodes::bury(db, id, beat));
        match buried.await {
            Ok(Some(runs)) => {
                tracing::warn!(node = dead.name, id = %dead.id, runs, "a node is dead: its runs are given back");
                self.metrics.buried.inc();
                self.node.run_is_due();
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(node = dead.name, %error, "a dead node can't be buried now; it is tried again");
            }
        }
    }

    /// This node was taken for dead: others have its runs. It begins anew, without runs; its connections stay.
    async fn begin_anew(&self) {
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
                self.node.begins_anew(id);
                self.node.run_is_due();
            }
            Err(error) => tracing::warn!(%error, "the node can't begin anew yet"),
        }
    }
}
