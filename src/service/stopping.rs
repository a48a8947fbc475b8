//! Ends runs that another process works on.

use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use tokio::time::Instant;

use crate::actors::messages::Resume;
use crate::actors::registry::Registry;
use crate::bus::Signal;
use crate::domain::event::CancelReason;
use crate::domain::ids::{NodeId, RunId, SessionId, UserId};
use crate::protocol::error::Refusal;
use crate::store::fleet::claims::{self, Stopping};
use crate::store::{Db, Store};
use crate::telemetry::metrics::Metrics;

use super::{Service, detach, to_the_end};

/// Time within which another node has to end a run that it was asked to end.
pub(super) const ENDS_WITHIN: Duration = Duration::from_secs(5);

impl Service {
    /// Ends a live run that has no actor here. Its owner is notified, and also polls for such
    /// requests every second; a run without an owner is taken over and ended here. Returns `None`
    /// if there is no live run.
    pub(super) async fn stop_elsewhere(
        &self,
        owner: UserId,
        session: SessionId,
        reason: CancelReason,
    ) -> Result<Option<RunId>, Refusal> {
        let (database, registry, node) =
            (self.store.clone(), self.registry.clone(), self.node.id());
        let (bus, live_counts) = (Arc::clone(&self.bus), self.live_counts.clone());
        let metrics = Arc::clone(&self.metrics);
        to_the_end(&self.live_counts, async move {
            let stop = move |db: &mut Db| claims::stop(db, owner, session, reason, node);
            let Some(Stopping { run, is_own, fence }) = database.write(stop).await? else {
                return Ok(None);
            };
            if is_own {
                registry.do_send(Resume {
                    session,
                    owner,
                    run,
                    fence,
                    permits: None,
                });
            } else {
                bus.tell(Signal::Stop {
                    session,
                    user: owner,
                    reason,
                });
                let unanswered = Unanswered {
                    database,
                    registry,
                    metrics,
                    session,
                    owner,
                    run,
                    fence,
                    node,
                };
                detach(&live_counts, unanswered.take_over());
            }
            Ok(Some(run))
        })
        .await
    }
}

/// A run that another node was asked to end.
struct Unanswered {
    database: Store,
    registry: Addr<Registry>,
    metrics: Arc<Metrics>,
    session: SessionId,
    owner: UserId,
    run: RunId,
    /// The fence of the owner that was asked.
    fence: i64,
    /// The node that asked.
    node: NodeId,
}

impl Unanswered {
    /// Takes over the run if its owner does not end it in time, and ends it here, because the
    /// caller was told that it ends. The owner has precedence, since it knows the cost of its
    /// running calls.
    async fn take_over(self) {
        const CHECK_INTERVAL: Duration = Duration::from_millis(250);
        let Self {
            session,
            fence,
            node,
            ..
        } = self;
        let end = Instant::now() + ENDS_WITHIN;
        while Instant::now() < end {
            tokio::time::sleep(CHECK_INTERVAL).await;
            let still = move |db: &mut Db| claims::is_still_to_stop(db, session, fence);
            // An unavailable database is no reason to take over: the owner can't end the run
            // meanwhile.
            if let Ok(false) = self.database.read(still).await {
                return;
            }
        }
        let take = move |db: &mut Db| claims::take_over(db, session, fence, node);
        match self.database.write(take).await {
            Ok(Some(fence)) => {
                tracing::warn!(%session, "a run that its node did not end is ended here");
                self.metrics.claimed.count("taken");
                self.registry.do_send(Resume {
                    session,
                    owner: self.owner,
                    run: self.run,
                    fence,
                    permits: None,
                });
            }
            Ok(None) => {}
            // The request is stored: the run's next owner ends it.
            Err(error) => {
                tracing::warn!(%session, %error, "a run that its node did not end can't be taken now");
            }
        }
    }
}
