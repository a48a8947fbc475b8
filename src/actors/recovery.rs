//! After a start: the runs that were live when the process last ended are taken up, the oldest first,
//! as places at work become free.
//!
//! A run that waits here costs its ids: no room, no texts. It may be joined, cancelled and deleted like
//! any other, since a room takes up the live run of its session by itself. For places it queues with the
//! runs that are started meanwhile, so that neither starves the other.

use std::sync::Arc;

use actix::Recipient;
use chrono::Utc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::runs::LiveRun;

use super::messages::{Resume, Turn};
use super::patience::live;
use super::run::Facilities;

/// Runs that are loaded at once; more would only keep the requests of clients from the database.
const LOADING: usize = 8;

/// Ends when every run has been taken up.
pub(super) async fn take_up(facilities: Facilities, room: Recipient<Resume>) {
    let mut waiting = live(facilities.store).await;
    if !waiting.is_empty() {
        tracing::info!(runs = waiting.len(), "taking up the runs that were live");
    }
    // The last is the next.
    waiting.reverse();
    let gate = Arc::new(Semaphore::new(LOADING));
    let mut next_slot = Box::pin(Arc::clone(&facilities.slots).acquire_owned());
    while let Some(due) = first_due(&waiting) {
        let Ok(loading) = Arc::clone(&gate).acquire_owned().await else {
            return;
        };
        let (run, slot) = tokio::select! {
            biased;
            () = time_is_over(&waiting[due]) => (waiting.remove(due), None),
            slot = &mut next_slot => {
                next_slot = Box::pin(Arc::clone(&facilities.slots).acquire_owned());
                let Some(run) = waiting.pop() else { return };
                (run, slot.ok())
            }
        };
        take_up_one(run, slot, loading, &room);
    }
}

fn take_up_one(
    run: LiveRun,
    slot: Option<OwnedSemaphorePermit>,
    loading: OwnedSemaphorePermit,
    room: &Recipient<Resume>,
) {
    room.do_send(Resume {
        session: run.session,
        owner: run.owner,
        run: run.run,
        turn: Some(Turn { slot, loading }),
    });
}

/// The place of the run whose time is over first.
fn first_due(waiting: &[LiveRun]) -> Option<usize> {
    (0..waiting.len()).min_by_key(|place| waiting[*place].ends_at)
}

async fn time_is_over(run: &LiveRun) {
    // Negative: it is over already.
    if let Ok(left) = (run.ends_at - Utc::now()).to_std() {
        tokio::time::sleep(left).await;
    }
}
