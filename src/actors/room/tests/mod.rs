use std::sync::Arc;

mod following;
mod gaps;
mod relaunch;

use crate::actors::messages::{
    Close, Deliver, Frame, Join, Joined, Leave, Publish, Replay, ReplayDepth, RoomIdle,
    SessionClosed,
};
use crate::actors::outbox::{Lag, Outbox, Pressure};
use crate::actors::room::{Room, RoomSettings};
use crate::actors::subscription::Subscription;
use crate::actors::testing::*;
use crate::protocol::command::Position;
use crate::protocol::reply::NotRecovered;
use crate::store::fleet::tail::Tail;

const SETTINGS: RoomSettings = RoomSettings { replay_events: 10 };

pub(super) fn frames(seqs: std::ops::RangeInclusive<i64>) -> Vec<Frame> {
    seqs.map(|seq| Frame {
        seq,
        text: format!("event {seq}").into(),
    })
    .collect()
}

/// A member whose messages the test takes.
pub(super) struct Member {
    pub(super) outbox: Outbox,
    pub(super) delivered: Taken<Deliver>,
    pub(super) replayed: Taken<Replay>,
    closed: Taken<SessionClosed>,
}

pub(super) fn member(outbound_bytes: usize) -> Member {
    let (deliver, delivered) = probe();
    let (replay, replayed) = probe();
    let (close, closed) = probe();
    let outbox = Outbox {
        id: new_id(),
        deliver,
        replay,
        closed: close,
        pressure: Pressure::new(outbound_bytes),
        lag: Lag::default(),
        force_close: Arc::new(|| {}),
    };
    Member {
        outbox,
        delivered,
        replayed,
        closed,
    }
}

pub(super) struct Hall {
    pub(super) scene: Scene,
    pub(super) session: SessionId,
    pub(super) room: Addr<Room>,
    idle: Taken<RoomIdle>,
}

impl Hall {
    pub(super) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// One that can look at what others have stored.
    pub(super) async fn open_following() -> Self {
        Self::open_with(|facilities| {
            facilities.tail = Some(Tail::start(facilities.store.clone()));
        })
        .await
    }

    pub(super) async fn open_with(change: impl FnOnce(&mut Facilities)) -> Self {
        let mut scene = Scene::new(Vec::new()).await;
        change(&mut scene.facilities);
        let session = scene.evaluation().await;
        let (registry, idle) = probe();
        let room = Room::new(
            session,
            scene.owner,
            SETTINGS,
            scene.facilities.clone(),
            registry,
        )
        .start();
        Self {
            scene,
            session,
            room,
            idle,
        }
    }

    pub(super) async fn join(
        &self,
        outbox: &Outbox,
        epoch: Option<&str>,
        last_seq: Option<i64>,
    ) -> Joined {
        self.join_within(ReplayDepth::Limited, outbox, epoch, last_seq)
            .await
    }

    async fn join_within(
        &self,
        replay_depth: ReplayDepth,
        outbox: &Outbox,
        epoch: Option<&str>,
        last_seq: Option<i64>,
    ) -> Joined {
        let position = last_seq.map(|last_seq| Position {
            epoch: epoch.map(Into::into),
            last_seq,
        });
        let (session, owner, member) = (self.session, self.scene.owner, outbox.clone());
        self.room
            .send(Join {
                session,
                owner,
                known: None,
                position,
                replay_depth,
                member,
            })
            .await
            .unwrap()
            .unwrap()
    }

    pub(super) async fn publish(&self, seqs: std::ops::RangeInclusive<i64>) {
        self.room
            .send(Publish {
                frames: frames(seqs),
            })
            .await
            .unwrap();
    }
}

#[actix::test]
async fn a_join_says_what_follows() {
    let hall = Hall::open().await;
    hall.publish(1..=20).await;
    let epoch = hall
        .join(&member(1000).outbox, None, None)
        .await
        .reply
        .epoch;
    let cases = [
        (None, None, (false, None, 21)),
        (None, Some(20), (true, None, 21)),
        (Some(epoch.as_str()), Some(15), (true, None, 16)),
        (Some(epoch.as_str()), Some(10), (true, None, 11)),
        (
            Some(epoch.as_str()),
            Some(9),
            (false, Some(NotRecovered::TooFarBehind), 21),
        ),
        (
            Some(epoch.as_str()),
            Some(21),
            (false, Some(NotRecovered::FuturePosition), 21),
        ),
        (
            Some("another"),
            Some(15),
            (false, Some(NotRecovered::EpochMismatch), 21),
        ),
    ];
    for (epoch, last_seq, expected) in cases {
        let joined = hall.join(&member(1000).outbox, epoch, last_seq).await;
        let found = (joined.reply.recovered, joined.reply.reason, joined.next_seq);
        assert_eq!(found, expected, "{epoch:?} {last_seq:?}");
        assert_eq!(joined.reply.last_seq, 20);
    }
}

#[actix::test]
async fn a_join_of_the_whole_log_has_no_limit_and_begins_again_where_the_position_is_not_good() {
    let hall = Hall::open().await;
    hall.publish(1..=20).await;
    let epoch = hall
        .join(&member(1000).outbox, None, None)
        .await
        .reply
        .epoch;
    let epoch = Some(epoch.as_str());
    let cases = [
        (epoch, 1, (true, None, 2)),
        (epoch, 20, (true, None, 21)),
        (epoch, 21, (false, Some(NotRecovered::FuturePosition), 1)),
        (
            Some("another"),
            15,
            (false, Some(NotRecovered::EpochMismatch), 1),
        ),
    ];
    for (epoch, last_seq, expected) in cases {
        let newcomer = member(1000);
        let joined = hall
            .join_within(ReplayDepth::Whole, &newcomer.outbox, epoch, Some(last_seq))
            .await;
        let found = (joined.reply.recovered, joined.reply.reason, joined.next_seq);
        assert_eq!(found, expected, "{epoch:?} {last_seq:?}");
    }
}

#[actix::test]
async fn joining_twice_answers_with_the_position_and_changes_nothing() {
    let hall = Hall::open().await;
    let mut only = member(1000);
    hall.join(&only.outbox, None, None).await;
    hall.publish(1..=2).await;
    let again = hall.join(&only.outbox, None, Some(0)).await;
    assert_eq!(
        (again.reply.last_seq, again.reply.members, again.next_seq),
        (2, 1, 3)
    );
    hall.publish(3..=3).await;
    for seq in 1..=3 {
        assert_eq!(only.delivered.next().await.frame.seq, seq);
    }
}

#[actix::test]
async fn a_member_that_falls_behind_gets_everything_once_and_in_order() {
    let hall = Hall::open().await;
    let (mut slow, mut quick) = (member(50), member(1 << 20));
    let joined = hall.join(&slow.outbox, None, None).await;
    hall.join(&quick.outbox, None, None).await;
    let mut subscription = Subscription::new(
        slow.outbox.id,
        joined.room,
        Arc::clone(&slow.outbox.lag),
        joined.next_seq,
    );

    // Nobody takes anything out of the slow mailbox while these go out.
    hall.publish(1..=300).await;
    assert!(
        slow.outbox.lag.load(Ordering::Acquire),
        "the room has stopped pushing"
    );
    for seq in 1..=300 {
        assert_eq!(
            quick.delivered.next().await.frame.seq,
            seq,
            "the others notice nothing"
        );
    }

    let mut seen = Vec::new();
    while let Ok(Deliver { frame, .. }) = slow.delivered.0.try_recv() {
        slow.outbox.pressure.took(&frame);
        seen.extend(subscription.deliver([frame]));
    }
    assert!(!seen.is_empty() && seen.len() < 300);
    subscription.catch_up();
    loop {
        let replay = slow.replayed.next().await;
        assert!(replay.frames.len() <= 256);
        seen.extend(subscription.replayed(replay.frames));
        if replay.caught_up {
            break;
        }
        subscription.catch_up();
    }
    hall.publish(301..=302).await;
    for _ in 0..2 {
        let frame = slow.delivered.next().await.frame;
        seen.extend(subscription.deliver([frame]));
    }
    assert_eq!(hall.scene.facilities.metrics.lags.get(), 1);
    assert_eq!(
        hall.scene.facilities.live_counts.lagging.count(),
        0,
        "it has caught up"
    );
    let expected: Vec<String> = (1..=302).map(|seq| format!("event {seq}")).collect();
    assert_eq!(
        seen.iter()
            .map(|frame| frame.text.to_string())
            .collect::<Vec<_>>(),
        expected
    );
}

#[actix::test]
async fn an_empty_room_says_so_with_what_it_has_seen() {
    let mut hall = Hall::open().await;
    let only = member(1000);
    hall.join(&only.outbox, None, None).await;
    hall.room.send(Leave { id: only.outbox.id }).await.unwrap();
    assert_eq!(hall.idle.next().await.seen, 1);
}

#[actix::test]
async fn a_closing_room_tells_its_members_why() {
    let hall = Hall::open().await;
    let mut only = member(1000);
    hall.join(&only.outbox, None, None).await;
    let close = Close {
        session: hall.session,
        reason: Some("deleted"),
    };
    hall.room.send(close).await.unwrap();
    assert_eq!(only.closed.next().await.reason, "deleted");
}

#[actix::test]
async fn a_run_of_a_deleted_session_ends_with_its_room() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let (scene, session, _) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    let (registry, _idle) = probe();
    let facilities = scene.facilities.clone();
    // It takes up the run that is live.
    let room = Room::new(session, scene.owner, SETTINGS, facilities, registry).start();
    until(|| judge.asked() == 1).await;
    let owner = scene.owner;
    let deleted = scene
        .store
        .write(move |db| store::evaluations::delete(db, owner, session))
        .await;
    assert!(deleted.unwrap());
    let reason = Some("deleted");
    room.send(Close { session, reason }).await.unwrap();
    until(|| scene.facilities.live_counts.runs.count() == 0).await;
    assert_eq!(judge.dropped.load(Ordering::SeqCst), 1);
}
