//! Runs that are nobody's are taken up, the oldest first, as places at work become free: those of a node that
//! died or stopped, and after a start those of the process before.
//!
//! A run that waits costs no memory: no room, no texts. It may be joined, cancelled and deleted like any other.
//! For places it queues with the runs that are started meanwhile, so that neither starves the other.

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

use crate::actors::messages::{LookAfter, Resume, Turn};
use crate::actors::run::Facilities;

/// Runs that are loaded at once; more would only keep the requests of clients from the database.
const LOADING: usize = 8;

/// How often is looked for runs that nobody told of, where there may be other nodes.
const LOOK: Duration = Duration::from_secs(1);

/// How long a run is left to nodes that are less busy; longer than they take to look.
const OVERDUE: TimeDelta = TimeDelta::milliseconds(1500);

/// First and longest wait after an error.
const AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// A place in the queue for one of the places at work. Whoever leaves the queue and comes again stands at its end:
/// it is kept from look to look, or runs that are started meanwhile would always be first.
type Queued = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>>>>;

/// Claims runs until the node leaves. On a file, whose runs are all this process's once they were taken, it ends when
/// nothing waits.
pub(in crate::actors) async fn claim_runs(
    facilities: Facilities,
    room: Recipient<Resume>,
    left_behind: Recipient<LookAfter>,
) {
    let gate = Arc::new(Semaphore::new(LOADING));
    let mut next = Next::Now;
    let mut pause = AGAIN.0;
    let mut queued: Option<Queued> = None;
    loop {
        let places = async {
            let first = next.wait(&facilities, &mut queued).await;
            let placement = &facilities.placement;
            let gives_way = placement.gives_way();
            if !gives_way.is_zero() {
                tokio::time::sleep(gives_way).await;
            }
            // What waits for long is taken by whoever has a place, however busy.
            let started_by = (!placement.is_not_busier()).then(|| Utc::now() - OVERDUE);
            let places = Places::get(&gate, &facilities.slots, first).await;
            places.map(|places| (places, started_by))
        };
        // Never while the database is asked: what it has given would be nobody's to begin.
        let places = tokio::select! {
            biased;
            () = facilities.node.leaves() => None,
            places = places => places,
        };
        let Some((places, started_by)) = places else {
            return;
        };
        let (node, free) = (facilities.node.id(), places.slots.len());
        // At least one: a run whose time is over needs no place.
        let ending = places.loading.len() - free;
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
                pause = AGAIN.0;
                next = Next::after(&claims, free, facilities.store.is_shared());
                places.hand_out(claims.runs, &room, &facilities.metrics);
                if matches!(next, Next::Never) {
                    return;
                }
            }
            Err(error) => {
                drop(places);
                queued = None;
                if pause == AGAIN.0 {
                    tracing::warn!(%error, "runs that are nobody's can't be claimed now");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(AGAIN.1);
                if matches!(error, StoreError::InDoubt(_)) {
                    find_lost_claims(&facilities, &left_behind).await;
                }
                next = Next::Now;
            }
        }
    }
}

/// What was claimed while the node began to leave: others go on with it at once. What can't be given back now goes
/// with the rest of the runs.
async fn give_back(facilities: &Facilities, claimed: Vec<Claimed>) {
    let node = facilities.node.id();
    let claimed: Vec<_> = claimed.iter().map(|run| (run.session, run.fence)).collect();
    let release = move |db: &mut Db| claims::release(db, node, claimed, 0);
    if let Err(error) = facilities.store.write(release).await {
        tracing::warn!(%error, "runs that were just claimed wait until this node has left");
    }
}

/// What was claimed although the answer was lost is this node's, and nobody works on it.
async fn find_lost_claims(facilities: &Facilities, left_behind: &Recipient<LookAfter>) {
    let store = &facilities.store;
    store.settled().await;
    let node = facilities.node.id();
    // Until there is an answer: nobody else would ever look for these.
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

/// When to look again.
enum Next {
    Now,
    /// With a place, or at that moment without one.
    WithPlace(Instant),
    At(Instant),
    Never,
}

impl Next {
    /// `free` places were offered.
    fn after(claims: &Claims, free: usize, is_shared: bool) -> Self {
        let now = Instant::now();
        let first_end = claims.next_end.map(|end| {
            let left = (end - Utc::now()).to_std().unwrap_or_default();
            now + left.max(AGAIN.0)
        });
        let look = is_shared.then_some(now + LOOK);
        let with_place = claims.runs.iter().filter(|run| !run.only_to_end).count();
        if !claims.waiting && !is_shared {
            return Self::Never;
        }
        // What is left over although there was a place is not for this node, or somebody is just taking it.
        if claims.waiting && with_place >= free {
            // An old release has not written when its runs' time is over.
            let at = look.into_iter().chain(first_end).min();
            Self::WithPlace(at.unwrap_or(now + LOOK))
        } else {
            Self::At(now + LOOK)
        }
    }

    /// Waits until then; with a place if one became free before.
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

/// What claimed runs need.
struct Places {
    slots: Vec<OwnedSemaphorePermit>,
    loading: Vec<OwnedSemaphorePermit>,
}

impl Places {
    /// As many as are free; at least one for loading. None once there are no more turns.
    async fn get(
        gate: &Arc<Semaphore>,
        at_work: &Arc<Semaphore>,
        first: Option<OwnedSemaphorePermit>,
    ) -> Option<Self> {
        // Two: one may be for a run that needs no place at work.
        let two = Arc::clone(gate).acquire_many_owned(2).await.ok()?;
        let mut loading = split(two);
        while let Ok(more) = Arc::clone(gate).try_acquire_owned() {
            loading.push(more);
        }
        let mut slots: Vec<_> = first.into_iter().collect();
        while slots.len() + 1 < loading.len() {
            let Ok(more) = Arc::clone(at_work).try_acquire_owned() else {
                break;
            };
            slots.push(more);
        }
        Some(Self { slots, loading })
    }

    /// Gives each run what it needs; what is left is given back.
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
            // Never none: no more was asked for than there is.
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
                turn: Some(Turn {
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
