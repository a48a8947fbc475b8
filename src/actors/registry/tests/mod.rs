use std::sync::mpsc;

use futures_util::future::poll_immediate;

mod hearing;
mod recovery;

use crate::actors::messages::{
    Cancel, Control, Drain, Launch, NotLive, Probe as Prove, Recover, Register, Revoke, RoomIdle,
    TooManyConnections, Unregister,
};
use crate::actors::registry::threads::RoomThreads;
use crate::actors::registry::{Registry, RegistrySettings};
use crate::actors::room::RoomSettings;
use crate::actors::testing::*;
use crate::domain::credential::Credential;
use crate::domain::event::CancelReason;
use crate::domain::ids::ConnectionId;
use crate::protocol::error::CloseReason;

pub(super) fn settings(connections_per_user: usize) -> RegistrySettings {
    let room = RoomSettings { replay_events: 10 };
    RegistrySettings {
        connections_per_user,
        room,
        threads: RoomThreads::current(),
    }
}

struct Visit {
    id: ConnectionId,
    orders: Taken<Control>,
    registered: Result<(), TooManyConnections>,
}

async fn visit(registry: &Addr<Registry>, user: UserId, credential: Credential) -> Visit {
    let (control, orders) = probe();
    let id = new_id();
    let register = Register {
        id,
        user,
        credential,
        control,
        force_close: Arc::new(|| {}),
    };
    Visit {
        id,
        orders,
        registered: registry.send(register).await.unwrap(),
    }
}

#[actix::test]
async fn a_user_has_so_many_connections_and_one_that_ends_makes_room() {
    let scene = Scene::new(Vec::new()).await;
    let registry = Registry::new(settings(2), scene.facilities.clone()).start();
    let (user, login) = (scene.owner, Credential::Login(new_id()));
    let first = visit(&registry, user, login).await;
    assert_eq!(first.registered, Ok(()));
    assert_eq!(visit(&registry, user, login).await.registered, Ok(()));
    assert_eq!(
        visit(&registry, user, login).await.registered,
        Err(TooManyConnections)
    );
    assert_eq!(
        visit(&registry, new_id(), login).await.registered,
        Ok(()),
        "another user"
    );
    registry.send(Unregister { id: first.id }).await.unwrap();
    assert_eq!(visit(&registry, user, login).await.registered, Ok(()));
}

#[actix::test]
async fn the_end_of_a_login_or_a_key_closes_its_connections_only() {
    let scene = Scene::new(Vec::new()).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    let (ended, kept) = (Credential::Key(new_id()), Credential::Login(new_id()));
    let mut out = visit(&registry, scene.owner, ended).await;
    let mut stays = visit(&registry, scene.owner, kept).await;
    registry
        .send(Revoke {
            credentials: vec![ended],
        })
        .await
        .unwrap();
    assert_eq!(
        out.orders.next().await,
        Control::Close(CloseReason::Revoked)
    );
    registry
        .send(Revoke {
            credentials: vec![kept],
        })
        .await
        .unwrap();
    assert_eq!(
        stays.orders.next().await,
        Control::Close(CloseReason::Revoked)
    );
    assert!(out.orders.0.try_recv().is_err(), "told once");
}

#[actix::test]
async fn a_drain_spreads_the_clients_over_its_window() {
    let scene = Scene::new(Vec::new()).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    let mut connections = Vec::new();
    for _ in 0..4 {
        connections.push(visit(&registry, scene.owner, Credential::Login(new_id())).await);
    }
    let window = Duration::from_secs(20);
    registry.send(Drain { window }).await.unwrap();
    let mut delays = Vec::new();
    for entry in &mut connections {
        let Control::Drain {
            reconnect_after,
            deadline,
        } = entry.orders.next().await
        else {
            panic!("not a drain");
        };
        assert!(reconnect_after < deadline && deadline <= window);
        delays.push(reconnect_after);
    }
    delays.sort_unstable();
    delays.dedup();
    assert_eq!(delays.len(), 4, "each has its own");
    let mut late = visit(&registry, scene.owner, Credential::Login(new_id())).await;
    let Control::Drain { deadline, .. } = late.orders.next().await else {
        panic!("not a drain");
    };
    assert!(
        deadline <= window,
        "who gets in at the last moment goes with the others"
    );
}

#[actix::test]
async fn a_room_goes_when_it_is_idle_and_not_when_something_is_on_its_way() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let scene = Scene::new(vec![judge]).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    let (session, owner) = (scene.evaluation().await, scene.owner);
    let run = scene.begin(session).await;
    registry
        .send(Launch {
            session,
            owner,
            run,
            fence: 1,
        })
        .await
        .unwrap();
    // What an idle room would have said before the launch reached it.
    registry.send(RoomIdle { session, seen: 0 }).await.unwrap();
    assert_eq!(scene.facilities.live_counts.rooms.count(), 1);
    let cancel = Cancel {
        session,
        owner,
        reason: CancelReason::User,
    };
    assert_eq!(registry.send(cancel).await.unwrap(), Ok(run));

    let live_counts = scene.facilities.live_counts.clone();
    let gone = async {
        while live_counts.rooms.count() + live_counts.runs.count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("room and run are left over");
    assert_eq!(
        registry.send(cancel).await.unwrap(),
        Err(NotLive),
        "a new room finds no live run"
    );
}

#[actix::test]
async fn a_drain_ends_the_recovery() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let (scene, session, _) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    scene.orphan(session).await;
    let slots = Arc::clone(&scene.facilities.slots);
    let taken = Arc::clone(&slots).acquire_many_owned(4).await.unwrap();
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    registry.send(Recover).await.unwrap();
    let window = Duration::from_secs(1);
    registry.send(Drain { window }).await.unwrap();
    drop(taken);
    // A place goes to whoever asked first, and the judge would not give it back.
    let all = tokio::time::timeout(PATIENCE, slots.acquire_many_owned(4)).await;
    assert!(all.is_ok(), "a run was taken up");
    assert_eq!(scene.facilities.live_counts.runs.count(), 0);
    assert_eq!(judge.asked(), 0);
}

#[actix::test]
async fn what_was_claimed_while_a_drain_began_is_given_back() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let (scene, session, _) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    scene.orphan(session).await;
    let (go_on, hold) = mpsc::channel::<()>();
    let (told, holds) = tokio::sync::oneshot::channel();
    let store = (*scene.store).clone();
    let holding = tokio::spawn(async move {
        let hold = move |_: &mut store::Db| {
            told.send(()).unwrap();
            // Until the other end is dropped.
            let _ = hold.recv();
            Ok(())
        };
        store.write(hold).await
    });
    holds.await.unwrap();
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    registry.send(Recover).await.unwrap();
    let window = Duration::from_secs(60);
    registry.send(Drain { window }).await.unwrap();
    drop(go_on);
    holding.await.unwrap().unwrap();
    let owner = scene.owner;
    let position = || {
        let read = move |db: &mut store::Db| store::evaluations::position(db, owner, session);
        let read = scene.store.read(read);
        async move { read.await.unwrap().unwrap() }
    };
    // Its owner was the first, the claim made the second, and it is given back as the third.
    let given_back = async {
        while position().await.fence < 3 {
            tokio::task::yield_now().await;
        }
    };
    let given_back = tokio::time::timeout(PATIENCE, given_back).await;
    given_back.expect("it waits for the end of the drain");
    assert_eq!(position().await.node, None);
    assert_eq!(judge.asked(), 0);
}

#[actix::test]
async fn a_thread_that_hangs_holds_up_its_own_rooms_and_the_proof_only() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let (scene, session, run) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    let threads = RoomThreads::start(2).unwrap();
    let settings = RegistrySettings {
        threads: threads.clone(),
        ..settings(0)
    };
    let registry = Registry::new(settings, scene.facilities.clone()).start();
    let owner = scene.owner;
    let launch = Launch {
        session,
        owner,
        run,
        fence: 1,
    };
    registry.do_send(launch);
    judge.is_asked().await;

    let elsewhere = loop {
        let other = scene.evaluation().await;
        if !std::ptr::eq(threads.of(other), threads.of(session)) {
            break other;
        }
    };
    let (go_on, hangs) = mpsc::channel::<()>();
    threads.of(session).spawn_fn(move || {
        // Until the other end is dropped.
        let _ = hangs.recv();
    });
    let mut proof = Box::pin(registry.send(Prove));
    assert!(poll_immediate(&mut proof).await.is_none());
    let cancel = |session| {
        let cancel = registry.send(Cancel {
            session,
            owner,
            reason: CancelReason::User,
        });
        async {
            tokio::time::timeout(PATIENCE, cancel)
                .await
                .unwrap()
                .unwrap()
        }
    };
    assert_eq!(cancel(elsewhere).await, Err(NotLive), "it is answered");
    let mut held_up = Box::pin(cancel(session));
    assert!(poll_immediate(&mut held_up).await.is_none());
    assert_eq!(
        cancel(elsewhere).await,
        Err(NotLive),
        "the registry goes on"
    );
    assert!(poll_immediate(&mut proof).await.is_none());
    assert!(poll_immediate(&mut held_up).await.is_none());
    drop(go_on);
    assert_eq!(held_up.await, Ok(run));
    assert_eq!(proof.await.unwrap(), Ok(()));
    let live_counts = scene.facilities.live_counts.clone();
    until(|| live_counts.rooms.count() + live_counts.runs.count() == 0).await;
    threads.stop().await;
}
