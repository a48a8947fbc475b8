//! After a start: the runs that were live when the process last ended are taken up, the oldest first,
//! as places at work become free.
//!
//! A run that waits here costs its ids: no room, no texts. It may be joined, cancelled and deleted like
//! any other, since a room takes up the live run of its session by itself. For places it queues with the
//! runs that are started meanwhile, so that neither starves the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix::Recipient;
use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::runs::LiveRun;
use crate::store::{self, retry};

use crate::actors::messages::{Resume, Turn};
use crate::actors::run::Facilities;

/// Runs that are loaded at once; more would only keep the requests of clients from the database.
const LOADING: usize = 8;

/// Runs that wait, by their age and by when their time is over; taking one out costs the same however many
/// there are.
struct Waiting {
    /// The oldest first; none where it is taken out.
    runs: Vec<Option<LiveRun>>,
    /// Before it, all are taken out.
    next: usize,
    by_end: BTreeSet<(DateTime<Utc>, usize)>,
}

impl Waiting {
    fn new(oldest_first: Vec<LiveRun>) -> Self {
        let ends = oldest_first.iter().enumerate();
        Self {
            by_end: ends.map(|(at, run)| (run.ends_at, at)).collect(),
            runs: oldest_first.into_iter().map(Some).collect(),
            next: 0,
        }
    }

    /// When the time of the first of them is over; none where nobody waits.
    fn first_end(&self) -> Option<DateTime<Utc>> {
        self.by_end.first().map(|(end, _)| *end)
    }

    /// Takes out the one whose time is over first.
    fn take_due(&mut self) -> Option<LiveRun> {
        let (_, at) = self.by_end.pop_first()?;
        self.runs[at].take()
    }

    /// Takes out the oldest.
    fn take_oldest(&mut self) -> Option<LiveRun> {
        loop {
            let run = self.runs.get_mut(self.next)?.take();
            let at = self.next;
            self.next += 1;
            if let Some(run) = run {
                self.by_end.remove(&(run.ends_at, at));
                return Some(run);
            }
        }
    }
}

/// Ends when every run has been taken up.
pub(super) async fn take_up(facilities: Facilities, room: Recipient<Resume>) {
    let store = facilities.store;
    // Whatever the error: without the list all of these runs would stand still until the next start.
    let read = || store.read(store::runs::live);
    let live = retry::retry("the recovery", "all runs", |_| true, read).await;
    // Never an error: each was asked again.
    let live = live.unwrap_or_default();
    if !live.is_empty() {
        tracing::info!(runs = live.len(), "taking up the runs that were live");
    }
    let mut waiting = Waiting::new(live);
    let gate = Arc::new(Semaphore::new(LOADING));
    let mut next_slot = Box::pin(Arc::clone(&facilities.slots).acquire_owned());
    while let Some(end) = waiting.first_end() {
        let Ok(loading) = Arc::clone(&gate).acquire_owned().await else {
            return;
        };
        let (run, slot) = tokio::select! {
            biased;
            () = time_is_over(end) => (waiting.take_due(), None),
            slot = &mut next_slot => {
                next_slot = Box::pin(Arc::clone(&facilities.slots).acquire_owned());
                (waiting.take_oldest(), slot.ok())
            }
        };
        let Some(run) = run else { return };
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

async fn time_is_over(end: DateTime<Utc>) {
    // Negative: it is over already.
    if let Ok(left) = (end - Utc::now()).to_std() {
        tokio::time::sleep(left).await;
    }
}

#[cfg(test)]
#[path = "tests/recovery_internals.rs"]
mod tests;
