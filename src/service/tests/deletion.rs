use std::time::Duration;

use actix::{Actor, Context, Handler};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::bus::Alone;
use crate::store::testing::{self, TestStore};

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hands on which rooms are closed.
struct Here(mpsc::UnboundedSender<SessionId>);

impl Actor for Here {
    type Context = Context<Self>;
}

impl Handler<Close> for Here {
    type Result = ();

    fn handle(&mut self, close: Close, _: &mut Self::Context) {
        assert_eq!(close.reason, Some("deleted"));
        self.0.send(close.session).unwrap();
    }
}

/// Deletes an evaluation of a new account; the answer, and the room that was closed, if any was.
async fn outcome(store: &TestStore) -> (Result<bool, StoreError>, Option<SessionId>, SessionId) {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let (closed, mut closes) = mpsc::unbounded_channel();
    let rooms = Rooms {
        here: Here(closed).start().recipient(),
        elsewhere: Arc::new(Alone),
    };
    let entry = event(Kind::EvaluationDeleted, Some(&ada), None);
    let live_counts = LiveCounts::default();
    let database = (**store).clone();
    let answer = delete(live_counts, database, rooms, ada.id, session, entry).await;
    let closed = timeout(PATIENCE, closes.recv()).await.unwrap();
    (answer, closed, session)
}

#[actix::test]
async fn what_is_deleted_loses_its_room() {
    let (answer, closed, session) = outcome(&testing::sqlite()).await;
    assert_eq!(answer, Ok(true));
    assert_eq!(closed, Some(session));
}

#[actix::test]
async fn a_commit_whose_answer_comes_too_late_closes_the_room_when_it_is_known() {
    let Some(mut store) = testing::postgres() else {
        return;
    };
    store.commits_late("UPDATE OF user_id ON evaluation_sessions", true);
    let (answer, closed, session) = outcome(&store).await;
    assert!(matches!(answer, Err(StoreError::InDoubt(_))), "{answer:?}");
    assert_eq!(closed, Some(session));
}

#[actix::test]
async fn a_commit_that_failed_after_all_leaves_the_room() {
    let Some(mut store) = testing::postgres() else {
        return;
    };
    store.commits_late("UPDATE OF user_id ON evaluation_sessions", false);
    let (answer, closed, _) = outcome(&store).await;
    assert!(matches!(answer, Err(StoreError::InDoubt(_))), "{answer:?}");
    assert_eq!(closed, None, "it is still there");
}
