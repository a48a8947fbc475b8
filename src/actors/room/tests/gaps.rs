//! Events that are stored and were not published: nobody is left without them.

use std::ops::RangeInclusive;

use chrono::Utc;

use super::{Hall, Member, frames, member};
use crate::actors::messages::{Deliver, Frame, Launch};
use crate::actors::subscription::Subscription;
use crate::actors::testing::*;
use crate::domain::run::{Change, Ending, Status};
use crate::store::journal::{Append, StoredEvent};

impl Hall {
    /// Stores the events that `frames` makes, and publishes none.
    pub(super) async fn store(
        &self,
        run_id: RunId,
        epoch: &str,
        seqs: RangeInclusive<i64>,
        changes: Vec<Change>,
    ) {
        let base = seqs.start() - 1;
        let event = |frame: Frame| StoredEvent {
            seq: frame.seq,
            kind: "evaluation_progress",
            ts: Utc::now(),
            frame: frame.text,
        };
        let append = Append {
            session_id: self.session,
            run_id,
            epoch: epoch.to_owned(),
            base,
            fence: 1,
            progress: None,
            events: frames(seqs).into_iter().map(event).collect(),
            changes,
            now: Utc::now(),
        };
        let journal = &self.scene.facilities.journal;
        journal.append(append).await.unwrap();
    }
}

/// A member, as its connection would have it.
pub(super) struct Watcher {
    pub(super) member: Member,
    pub(super) subscription: Subscription,
    pub(super) seen: Vec<String>,
}

impl Watcher {
    /// Takes what comes and asks for what is missing until it has seen so many events.
    pub(super) async fn watch(&mut self, count: usize) {
        let watching = async {
            while self.seen.len() < count {
                let fresh = tokio::select! {
                    Deliver { frame, .. } = self.member.delivered.next() => {
                        self.member.outbox.pressure.took(&frame);
                        self.subscription.deliver([frame])
                    }
                    replay = self.member.replayed.next() => {
                        self.subscription.replayed(replay.frames)
                    }
                    // A connection looks after itself, too.
                    () = tokio::time::sleep(Duration::from_millis(50)) => Vec::new(),
                };
                self.seen
                    .extend(fresh.iter().map(|frame| frame.text.to_string()));
                self.subscription.catch_up();
            }
        };
        tokio::time::timeout(PATIENCE, watching)
            .await
            .unwrap_or_else(|_| panic!("nothing follows {:?}", self.seen));
    }
}

/// A room with one member, and a run whose events the test stores.
async fn watched() -> (Hall, Watcher, RunId, String) {
    let hall = Hall::open().await;
    let member = member(1 << 20);
    let joined = hall.join(&member.outbox, None, None).await;
    let watcher = Watcher {
        subscription: Subscription::new(
            member.outbox.id,
            joined.room,
            Arc::clone(&member.outbox.lag),
            joined.next_seq,
        ),
        member,
        seen: Vec::new(),
    };
    let run = hall.scene.begin(hall.session).await;
    (hall, watcher, run, joined.reply.epoch)
}

fn expected(count: usize) -> Vec<String> {
    (1..=count).map(|seq| format!("event {seq}")).collect()
}

#[actix::test]
async fn a_hole_in_what_is_published_is_filled_from_the_log() {
    let (hall, mut watcher, run, epoch) = watched().await;
    hall.store(run, &epoch, 1..=6, Vec::new()).await;
    hall.publish(1..=3).await;
    // Another run's first event comes before the last ones of the run before it.
    hall.publish(6..=6).await;
    watcher.watch(6).await;
    let live_counts = &hall.scene.facilities.live_counts;
    assert_eq!(live_counts.lagging.count(), 0, "it has caught up");
    // They come at last, when everybody has them; what follows is live again.
    hall.publish(4..=5).await;
    hall.store(run, &epoch, 7..=8, Vec::new()).await;
    hall.publish(7..=8).await;
    watcher.watch(8).await;
    assert_eq!(watcher.seen, expected(8));
    assert!(
        watcher.member.replayed.0.try_recv().is_err(),
        "nothing twice"
    );
    let newcomer = hall.join(&member(1000).outbox, None, None).await;
    assert_eq!(newcomer.reply.last_seq, 8);
}

#[actix::test]
async fn an_end_that_is_stored_and_was_not_published_is_told() {
    let (hall, mut watcher, run, epoch) = watched().await;
    let ending = Ending {
        status: Status::Cancelled,
        result: None,
        error: None,
    };
    let changes = vec![Change::Ended(Box::new(ending))];
    hall.store(run, &epoch, 1..=2, changes).await;
    // As after the loss of its actor.
    let (session, owner) = (hall.session, hall.scene.owner);
    let launch = Launch {
        session,
        owner,
        run,
        fence: 1,
    };
    hall.room.send(launch).await.unwrap();
    watcher.watch(2).await;
    assert_eq!(watcher.seen, expected(2));
    let newcomer = hall.join(&member(1000).outbox, None, None).await;
    assert_eq!(newcomer.reply.status, Status::Cancelled);
    assert_eq!(newcomer.reply.last_seq, 2);
}
