//! What is done about signals of other nodes.

use futures_util::future::poll_immediate;

use super::{settings, visit};
use crate::actors::messages::{Control, Launch};
use crate::actors::registry::Registry;
use crate::actors::testing::*;
use crate::bus::{Heard, Signal};
use crate::domain::credential::Credential;
use crate::domain::event::CancelReason;
use crate::protocol::error::CloseReason;

#[actix::test]
async fn a_run_is_stopped_where_somebody_works_on_it() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let (scene, session, run) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    let owner = scene.owner;
    let stop = |session| {
        Heard::Told(Signal::Stop {
            session,
            user: owner,
            reason: CancelReason::User,
        })
    };
    registry.send(stop(session)).await.unwrap();
    assert_eq!(
        scene.facilities.live_counts.rooms.count(),
        0,
        "none is opened"
    );
    let launch = Launch {
        session,
        owner,
        run,
        fence: 1,
    };
    registry.do_send(launch);
    judge.is_asked().await;
    registry.send(stop(session)).await.unwrap();
    until(|| scene.facilities.live_counts.runs.count() == 0).await;
    let log = scene.log(session).await;
    assert!(log.last().unwrap().1.contains("evaluation_cancelled"));
}

#[actix::test]
async fn logins_that_ended_elsewhere_lose_their_connections_and_due_runs_are_looked_for() {
    let scene = Scene::new(Vec::new()).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    let credential = Credential::Login(new_id());
    let mut out = visit(&registry, scene.owner, credential).await;
    let revoked = Heard::Told(Signal::Revoked { credential });
    registry.send(revoked).await.unwrap();
    let closed = Control::Close(CloseReason::Revoked);
    assert_eq!(out.orders.next().await, closed);

    let node = scene.facilities.node.clone();
    assert!(poll_immediate(node.due()).await.is_none());
    registry.send(Heard::Told(Signal::Due)).await.unwrap();
    assert!(poll_immediate(node.due()).await.is_some());
}
