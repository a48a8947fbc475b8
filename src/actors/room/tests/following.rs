//! A room whose session another node works on, against a model: the log. What is told of it, and what looks find, may
//! be lost, doubled, late or out of order; each watcher gets every event after its position, once and in order.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::gaps::Watcher;
use super::{Hall, frames, member};
use crate::actors::messages::{Join, LogEnd, LookAfter, News, Publish, ReplayDepth};
use crate::actors::room::Room;
use crate::actors::subscription::Subscription;
use crate::actors::testing::*;
use crate::bus::{Bus, Events, Signal};
use crate::domain::run::Status;
use crate::protocol::command::Position;
use crate::protocol::reply::NotRecovered;
use crate::store::StoreError;
use crate::store::fleet::tail::Found;

/// What a look has found.
#[derive(Message)]
#[rtype(result = "bool")]
struct Answer(Result<Option<Found>, StoreError>);

impl Handler<Answer> for Room {
    type Result = bool;

    fn handle(&mut self, Answer(found): Answer, _: &mut Self::Context) -> bool {
        self.found(found)
    }
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    /// The owner stores so many events more.
    Stored(i64),
    /// A look finds the end where it was so many events ago, and at most so many events after what it asked with,
    /// which was so many before that.
    Found { ago: i64, asked: i64, most: i64 },
    /// A part of the log is told of, as by the owner itself, however late.
    Told { ago: i64, length: i64 },
    /// Its owner has told, some time ago, that the log stands there, perhaps with that many events; or somebody tells
    /// of another log.
    Heard {
        ago: i64,
        carried: Option<i64>,
        of_another: bool,
    },
    /// The database did not answer.
    Silent,
    /// Somebody comes who has seen all but so many events, at whichever node.
    Joined { lacks: i64 },
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (1..6_i64).prop_map(Happening::Stored),
        (0..12_i64, 0..12_i64, 0..9_i64).prop_map(|(ago, asked, most)| Happening::Found {
            ago,
            asked,
            most
        }),
        (0..12_i64, 1..6_i64).prop_map(|(ago, length)| Happening::Told { ago, length }),
        (0..12_i64, option::of(1..6_i64), any::<bool>()).prop_map(|(ago, carried, of_another)| {
            Happening::Heard {
                ago,
                carried,
                of_another,
            }
        }),
        Just(Happening::Silent),
        (0..15_i64).prop_map(|lacks| Happening::Joined { lacks }),
    ]
}

/// A room, the log that it shows, and who watches, each with what it had seen before.
struct World {
    hall: Hall,
    run: RunId,
    epoch: String,
    stored: i64,
    watchers: Vec<(i64, Watcher)>,
}

impl World {
    async fn new() -> Self {
        let hall = Hall::open_following().await;
        // Answered once the room is there: it would take up what it finds as a run of its own.
        hall.join(&member(1000).outbox, None, None).await;
        let run = hall.scene.begin(hall.session).await;
        let (session, owner) = (hall.session, hall.scene.owner);
        let read = move |db: &mut store::Db| store::evaluations::position(db, owner, session);
        let position = hall.scene.store.read(read).await.unwrap().unwrap();
        Self {
            hall,
            run,
            epoch: position.epoch,
            stored: 0,
            watchers: Vec::new(),
        }
    }

    fn found(&self, last_seq: i64, after: i64, most: i64) -> Found {
        let to = last_seq.min(after + most);
        let frames = frames(after + 1..=to).into_iter();
        Found {
            epoch: self.epoch.clone(),
            last_seq,
            purged_seq: 0,
            status: Status::InProgress,
            fence: 0,
            frames: frames.map(|frame| (frame.seq, frame.text)).collect(),
        }
    }

    async fn join(&mut self, seen: i64) -> Result<(), TestCaseError> {
        let member = member(200);
        let join = Join {
            session: self.hall.session,
            owner: self.hall.scene.owner,
            known: Some(LogEnd {
                status: Status::InProgress,
                epoch: self.epoch.clone(),
                last_seq: self.stored,
                purged_seq: 0,
                run_id: Some(self.run),
                node: None,
                fence: 0,
            }),
            position: Some(Position {
                epoch: Some(self.epoch.as_str().into()),
                last_seq: seen,
            }),
            replay_depth: ReplayDepth::Whole,
            member: member.outbox.clone(),
        };
        let joined = self.hall.room.send(join).await.unwrap().unwrap();
        prop_assert_eq!(joined.reply.reason, None::<NotRecovered>);
        prop_assert_eq!(joined.next_seq, seen + 1);
        let subscription = Subscription::new(
            member.outbox.id,
            joined.room,
            Arc::clone(&member.outbox.lag),
            joined.next_seq,
        );
        let watcher = Watcher {
            member,
            subscription,
            seen: Vec::new(),
        };
        self.watchers.push((seen, watcher));
        Ok(())
    }

    async fn happens(&mut self, happening: Happening) -> Result<(), TestCaseError> {
        match happening {
            Happening::Stored(events) => {
                let to = self.stored + events;
                self.hall
                    .store(self.run, &self.epoch, self.stored + 1..=to, Vec::new())
                    .await;
                self.stored = to;
            }
            Happening::Found { ago, asked, most } => {
                let last = (self.stored - ago).max(0);
                let after = (last - asked).max(0);
                let news = Answer(Ok(Some(self.found(last, after, most))));
                self.hall.room.send(news).await.unwrap();
            }
            Happening::Told { ago, length } => {
                let last = (self.stored - ago).max(0);
                let frames = frames((last - length).max(0) + 1..=last);
                self.hall.room.send(Publish { frames }).await.unwrap();
            }
            Happening::Heard {
                ago,
                carried,
                of_another,
            } => {
                let last = (self.stored - ago).max(0);
                let events = carried.map(|length| Events {
                    epoch: if of_another {
                        "another".to_owned()
                    } else {
                        self.epoch.clone()
                    },
                    frames: self.found(last, (last - length).max(0), length).frames,
                });
                let news = News {
                    last_seq: last,
                    events,
                };
                self.hall.room.send(news).await.unwrap();
            }
            Happening::Silent => {
                let news = Answer(Err(StoreError::Unavailable("no answer".to_owned())));
                let more = self.hall.room.send(news).await.unwrap();
                prop_assert!(!more, "it is asked again in its turn only");
            }
            Happening::Joined { lacks } => self.join((self.stored - lacks).max(0)).await?,
        }
        Ok(())
    }

    /// One good look is enough for everybody, and one word that is heard.
    async fn ends(mut self, by_word: bool) -> Result<(), TestCaseError> {
        if by_word {
            let news = News {
                last_seq: self.stored,
                events: None,
            };
            self.hall.room.send(news).await.unwrap();
        } else {
            let news = Answer(Ok(Some(self.found(self.stored, 0, i64::MAX / 2))));
            let more = self.hall.room.send(news).await.unwrap();
            prop_assert!(!more);
        }
        for (before, watcher) in &mut self.watchers {
            let lacked = usize::try_from(self.stored - *before).unwrap();
            watcher.watch(lacked).await;
            let expected: Vec<String> = (*before + 1..=self.stored)
                .map(|seq| format!("event {seq}"))
                .collect();
            prop_assert_eq!(&watcher.seen, &expected);
        }
        Ok(())
    }
}

#[test]
fn every_watcher_sees_the_log_whatever_becomes_of_the_news() {
    let cases = ProptestConfig {
        cases: 40,
        ..ProptestConfig::default()
    };
    proptest!(cases, |(happenings in vec(happening(), 1..40), by_word in any::<bool>())| {
        actix::System::new().block_on(async {
            let mut world = World::new().await;
            world.join(0).await?;
            for happening in happenings {
                world.happens(happening).await?;
            }
            world.ends(by_word).await
        })?;
    });
}

#[actix::test]
async fn who_watches_what_another_node_has_deleted_is_told() {
    let mut world = World::new().await;
    world.join(0).await.unwrap();
    world.hall.room.send(Answer(Ok(None))).await.unwrap();
    let (_, watcher) = &mut world.watchers[0];
    assert_eq!(watcher.member.closed.next().await.reason, "deleted");
}

#[actix::test]
async fn a_log_that_was_replaced_is_another() {
    let mut world = World::new().await;
    world.join(0).await.unwrap();
    world.happens(Happening::Stored(3)).await.unwrap();
    let mut found = world.found(1, 0, 1);
    found.epoch = "another".to_owned();
    world.hall.room.send(Answer(Ok(Some(found)))).await.unwrap();
    let (_, watcher) = &mut world.watchers[0];
    assert_eq!(watcher.member.closed.next().await.reason, "log_replaced");
    let newcomer = world
        .hall
        .join(&member(1000).outbox, Some("another"), Some(1))
        .await;
    assert!(newcomer.reply.recovered);
}

/// What was deleted is found at once where somebody says that something may have happened.
#[actix::test]
async fn a_word_is_enough_to_look() {
    let mut world = World::new().await;
    world.join(0).await.unwrap();
    world.happens(Happening::Stored(3)).await.unwrap();
    let news = News {
        last_seq: 3,
        events: None,
    };
    world.hall.room.send(news).await.unwrap();
    let (_, watcher) = &mut world.watchers[0];
    watcher.watch(3).await;
    let metrics = &world.hall.scene.facilities.metrics;
    assert_eq!(metrics.found_by_polling.get(), 0, "somebody told of them");
}

/// Keeps what it is told.
#[derive(Default)]
struct Recorder(std::sync::Mutex<Vec<Signal>>);

impl Bus for Recorder {
    fn tell(&self, signal: Signal) {
        self.0.lock().unwrap().push(signal);
    }

    fn follow(&self, _: SessionId) {}

    fn unfollow(&self, _: SessionId) {}

    fn followed(&self) -> usize {
        0
    }

    fn is_deaf(&self) -> bool {
        false
    }

    fn has_nodes(&self, _: usize) {}
}

#[actix::test]
async fn what_is_published_here_is_told_where_there_are_others() {
    let bus = Arc::new(Recorder::default());
    let told = Arc::clone(&bus);
    let hall = Hall::open_with(|facilities| facilities.bus = told).await;
    let joined = hall.join(&member(1000).outbox, None, None).await;
    hall.publish(1..=2).await;
    assert_eq!(*bus.0.lock().unwrap(), [], "nobody else is there");
    hall.scene.facilities.node.set_others(1);
    hall.publish(3..=4).await;
    let events = Events {
        epoch: joined.reply.epoch,
        frames: vec![(3, "event 3".into()), (4, "event 4".into())],
    };
    let told = Signal::Stored {
        session: hall.session,
        last_seq: 4,
        events: Some(events),
    };
    assert_eq!(*bus.0.lock().unwrap(), [told]);
}

/// As after a failover to a server that had not received the last events.
#[actix::test]
async fn a_log_that_lost_its_end_begins_anew() {
    let mut world = World::new().await;
    world.join(0).await.unwrap();
    world.happens(Happening::Stored(3)).await.unwrap();
    let shown = Happening::Told { ago: 0, length: 3 };
    world.happens(shown).await.unwrap();
    let store = &world.hall.scene.store;
    store.sql("DELETE FROM session_events WHERE seq > 1").await;
    store
        .sql("UPDATE evaluation_sessions SET last_seq = 1")
        .await;
    // Somebody has stored something in the place of what is gone.
    let news = News {
        last_seq: 4,
        events: None,
    };
    world.hall.room.send(news).await.unwrap();
    let (_, watcher) = &mut world.watchers[0];
    assert_eq!(watcher.member.closed.next().await.reason, "log_replaced");
    let newcomer = world
        .hall
        .join(&member(1000).outbox, Some(&world.epoch), Some(3))
        .await;
    assert_eq!(newcomer.reply.reason, Some(NotRecovered::EpochMismatch));
    assert_eq!(newcomer.reply.last_seq, 1, "what is left of it");
}

/// The epoch may change while the room reads its log for another reason.
#[actix::test]
async fn a_room_that_reads_its_log_anew_finds_that_it_was_replaced() {
    let mut world = World::new().await;
    world.join(0).await.unwrap();
    let store = &world.hall.scene.store;
    store
        .sql("UPDATE evaluation_sessions SET epoch = 'another'")
        .await;
    let look = LookAfter {
        session: world.hall.session,
        owner: world.hall.scene.owner,
    };
    world.hall.room.send(look).await.unwrap();
    let (_, watcher) = &mut world.watchers[0];
    assert_eq!(watcher.member.closed.next().await.reason, "log_replaced");
}

/// Its run is taken up by whoever owns it once the log is another one, and not before.
#[actix::test]
async fn a_run_whose_log_lost_its_end_is_not_taken_up_as_it_was() {
    let mut world = World::new().await;
    world.join(0).await.unwrap();
    world.happens(Happening::Stored(3)).await.unwrap();
    let shown = Happening::Told { ago: 0, length: 3 };
    world.happens(shown).await.unwrap();
    let store = &world.hall.scene.store;
    store.sql("DELETE FROM session_events WHERE seq > 1").await;
    store
        .sql("UPDATE evaluation_sessions SET last_seq = 1")
        .await;
    let look = LookAfter {
        session: world.hall.session,
        owner: world.hall.scene.owner,
    };
    world.hall.room.send(look).await.unwrap();
    let (_, watcher) = &mut world.watchers[0];
    assert_eq!(watcher.member.closed.next().await.reason, "log_replaced");
    let live_counts = &world.hall.scene.facilities.live_counts;
    assert_eq!(live_counts.runs.count(), 0);
}
