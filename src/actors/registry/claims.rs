//! Claims runs without an owner, oldest first, as worker slots become free: the runs of a node that
//! died or was stopped, and after a start those of the previous process.
//!
//! A run that waits has no room and no texts in memory. It can be joined, cancelled and deleted
//! like any other. It queues for slots together with the runs that are started meanwhile, so that
//! neither kind starves the other.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix::Recipient;
use chrono::{TimeDelta, Utc};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::store::fleet::claims::{self, Claimed, Claims, Offer, Owned};
use crate::store::{Db, StoreError, retry};
use crate::telemetry::metrics::Metrics;

use crate::actors::messages::{LookAfter, Resume, RunPermits};
use crate::actors::run::Facilities;

/// Maximum number of claimed runs that are loaded at once; more would only keep client
/// requests from the database.
const LOADING: usize = 8;

/// The interval at which a node looks for runs that no signal announced, where there
/// may be other nodes.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Time for which a run is left to less busy nodes; longer than their polling interval.
const OVERDUE: TimeDelta = TimeDelta::milliseconds(1500);

/// Shortest and longest pause after a database error.
const RETRY_DELAY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// A place in the queue for a worker slot. It is kept between two polls: leaving the queue would
/// mean to start again at its end, and runs that are started meanwhile would always be first.
type Queued = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>>>>;

/// Claims runs until the node leaves. On SQLite, where every run belongs to this process once it is
/// claimed, it ends when no run waits any more.
pub(super) async fn claim_runs(
    facilities: Facilities,
    room: Recipient<Resume>,
    left_behind: Recipient<LookAfter>,
) {
    let loading = Arc::new(Semaphore::new(LOADING));
    let mut next = Next::Now;
    let mut pause = RETRY_DELAY.0;
    let mut queued: Option<Queued> = None;
    loop {
        let permits = async {
            let first = next.wait(&facilities, &mut queued).await;
            // Others may be about to declare this node dead: what it claimed now would change its
            // owner once more, and be suspected of having killed it.
            facilities.node.in_touch().await;
            let placement = &facilities.placement;
            // A slot that became free while runs waited is for them: a less busy node would have
            // claimed them by now.
            let gives_way = match first {
                Some(_) => Duration::ZERO,
                None => placement.gives_way(),
            };
            if !gives_way.is_zero() {
                tokio::time::sleep(gives_way).await;
            }
            // A run that has waited for long is claimed by any node with a free slot, however busy.
            let started_by = (!placement.is_not_busier()).then(|| Utc::now() - OVERDUE);
            let permits = FreePermits::take(&loading, &facilities.slots, first).await;
            permits.map(|permits| (permits, started_by))
        };
        // The query below is never interrupted: runs that it has claimed would have no
        // one to start them.
        let permits = tokio::select! {
            biased;
            () = facilities.node.leaves() => None,
            permits = permits => permits,
        };
        let Some((permits, started_by)) = permits else {
            return;
        };
        let (node, free) = (facilities.node.id(), permits.slots.len());
        // At least one, because a run whose deadline has passed needs no worker slot.
        let ending = permits.loading.len() - free;
        let take = move |db: &mut Db| {
            let offer = Offer {
                places: free,
                ending,
                started_by,
            };
            claims::take(db, node, Utc::now(), offer)
        };
        match facilities.store.write(take).await {
            Ok(claims) if facilities.node.is_leaving() => {
                return give_back(&facilities, claims.runs).await;
            }
            Ok(claims) => {
                pause = RETRY_DELAY.0;
                next = Next::after(&claims, free, facilities.store.is_shared());
                permits.hand_out(claims.runs, &room, &facilities.metrics);
                if matches!(next, Next::Never) {
                    return;
                }
            }
            Err(error) => {
                drop(permits);
                queued = None;
                if pause == RETRY_DELAY.0 {
                    tracing::warn!(%error, "runs that are nobody's can't be claimed now");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_DELAY.1);
                if matches!(error, StoreError::InDoubt(_)) {
                    find_lost_claims(&facilities, &left_behind).await;
                }
                next = Next::Now;
            }
        }
    }
}

/// Releases runs that were claimed while the node began to leave, so that other nodes can claim
/// them at once. If the database does not answer, they are released with the node's other runs.
async fn give_back(facilities: &Facilities, claimed: Vec<Claimed>) {
    let node = facilities.node.id();
    let claimed: Vec<_> = claimed.iter().map(|run| (run.session, run.fence)).collect();
    let release = move |db: &mut Db| claims::release(db, node, claimed, 0);
    if let Err(error) = facilities.store.write(release).await {
        tracing::warn!(%error, "runs that were just claimed wait until this node has left");
    }
}

/// Finds runs that were claimed although the answer of the database was lost: they belong to this
/// node and have no actor.
async fn find_lost_claims(facilities: &Facilities, left_behind: &Recipient<LookAfter>) {
    let store = &facilities.store;
    store.settled().await;
    let node = facilities.node.id();
    // Retries until there is an answer, because no other node may touch these runs.
    match retry::read("the claims of the node", node, store, move |db| {
        claims::owned(db, node)
    })
    .await
    {
        Ok(owned) => {
            for Owned { session, user, .. } in owned {
                left_behind.do_send(LookAfter {
                    session,
                    owner: user,
                });
            }
        }
        Err(error) => tracing::error!(%error, "what was claimed can't be read"),
    }
}

/// The time of the next poll for unowned runs.
enum Next {
    Now,
    /// As soon as a worker slot is free, or at that time without one.
    WithPlace(Instant),
    At(Instant),
    Never,
}

impl Next {
    /// Decides by the result of a poll that offered `free` worker slots.
    fn after(claims: &Claims, free: usize, is_shared: bool) -> Self {
        let now = Instant::now();
        let first_end = claims.next_end.map(|end| {
            let left = (end - Utc::now()).to_std().unwrap_or_default();
            now + left.max(RETRY_DELAY.0)
        });
        let look = is_shared.then_some(now + POLL_INTERVAL);
        let with_place = claims.runs.iter().filter(|run| !run.only_to_end).count();
        if !claims.waiting && !is_shared {
            return Self::Never;
        }
        // A run that is left although a slot was free is reserved for a less busy node, or another
        // node is claiming it.
        if claims.waiting && with_place >= free {
            // A release before this one does not store the time at which a run's deadline passes.
            let at = look.into_iter().chain(first_end).min();
            Self::WithPlace(at.unwrap_or(now + POLL_INTERVAL))
        } else {
            Self::At(now + POLL_INTERVAL)
        }
    }

    /// Waits until it is time to poll. Returns a worker slot if one became free before that.
    async fn wait(
        self,
        facilities: &Facilities,
        queued: &mut Option<Queued>,
    ) -> Option<OwnedSemaphorePermit> {
        match self {
            Self::Now | Self::Never => None,
            Self::At(at) => {
                *queued = None;
                tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = facilities.node.due() => {}
                }
                None
            }
            Self::WithPlace(at) => {
                let slots = &facilities.slots;
                let turn =
                    queued.get_or_insert_with(|| Box::pin(Arc::clone(slots).acquire_owned()));
                let slot = tokio::select! {
                    biased;
                    slot = turn.as_mut() => slot.ok(),
                    () = tokio::time::sleep_until(at) => return None,
                };
                *queued = None;
                slot
            }
        }
    }
}

/// The permits that claimed runs need.
struct FreePermits {
    slots: Vec<OwnedSemaphorePermit>,
    loading: Vec<OwnedSemaphorePermit>,
}

impl FreePermits {
    /// Takes all free permits, with at least one for loading. Returns `None` once the node gives
    /// out no more slots.
    async fn take(
        loading_permits: &Arc<Semaphore>,
        worker_slots: &Arc<Semaphore>,
        first: Option<OwnedSemaphorePermit>,
    ) -> Option<Self> {
        // Two loading permits, because one may go to a run that needs no worker slot.
        let two = Arc::clone(loading_permits)
            .acquire_many_owned(2)
            .await
            .ok()?;
        let mut loading = split(two);
        while let Ok(more) = Arc::clone(loading_permits).try_acquire_owned() {
            loading.push(more);
        }
        let mut slots: Vec<_> = first.into_iter().collect();
        while slots.len() + 1 < loading.len() {
            let Ok(more) = Arc::clone(worker_slots).try_acquire_owned() else {
                break;
            };
            slots.push(more);
        }
        Some(Self { slots, loading })
    }

    /// Gives each run its permits and starts it; unused permits are released.
    fn hand_out(mut self, runs: Vec<Claimed>, room: &Recipient<Resume>, metrics: &Metrics) {
        for run in runs {
            metrics.claimed.count(match run {
                Claimed {
                    is_orphaned: true, ..
                } => "orphaned",
                Claimed {
                    only_to_end: true, ..
                } => "ending",
                _ => "due",
            });
            // Cannot be reached: no more runs were claimed than there are permits.
            let Some(loading) = self.loading.pop() else {
                return;
            };
            let slot = if run.only_to_end {
                None
            } else {
                self.slots.pop()
            };
            room.do_send(Resume {
                session: run.session,
                owner: run.user,
                run: run.run,
                fence: run.fence,
                permits: Some(RunPermits {
                    slot,
                    loading: Some(loading),
                }),
            });
        }
    }
}

fn split(mut permits: OwnedSemaphorePermit) -> Vec<OwnedSemaphorePermit> {
    let mut each = Vec::new();
    while let Some(one) = permits.split(1) {
        each.push(one);
    }
    each
}
