use std::sync::{Mutex, PoisonError};

use super::*;
use crate::store::testing;

/// Keeps what was asked of rooms, in order.
#[derive(Default)]
struct Asked(Mutex<Vec<(&'static str, SessionId)>>);

impl Asked {
    fn note(&self, what: &'static str, session: SessionId) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((what, session));
    }
}

impl Rooms for Asked {
    async fn settle(&self, session: SessionId) {
        self.note("settle", session);
    }

    fn close(&self, session: SessionId) {
        self.note("close", session);
    }
}

#[tokio::test]
async fn each_run_ends_before_its_rows_go_and_its_room_after() {
    let store = testing::sqlite();
    let (ada, ben) = (store.account("ada").await, store.account("ben").await);
    let mut sessions = Vec::new();
    for second in 0..3 {
        sessions.push(store.evaluation(ada.id, second).await);
    }
    let other = store.evaluation(ben.id, 0).await;
    let entry = event(Kind::UserRemoved, Some(&ada), None);
    store
        .write(move |db| begin(db, ada.id, &entry))
        .await
        .unwrap();
    let marked = store.read(users::in_removal).await.unwrap();
    assert_eq!(
        marked,
        [ada.id],
        "a stop from here on is made good by a sweep"
    );

    let rooms = Asked::default();
    remove_data(&store, ada.id, &rooms).await.unwrap();
    let asked = rooms.0.into_inner().unwrap();
    let mut settled: Vec<_> = asked.iter().step_by(2).copied().collect();
    for (pair, (_, session)) in asked.chunks(2).zip(&settled) {
        assert_eq!(pair, [("settle", *session), ("close", *session)]);
    }
    settled.sort_by_key(|(_, session)| sessions.iter().position(|one| one == session));
    let expected: Vec<_> = sessions
        .iter()
        .map(|session| ("settle", *session))
        .collect();
    assert_eq!(settled, expected, "each once, and nobody else's");

    assert_eq!(store.read(users::in_removal).await.unwrap(), []);
    let left = store.read(users::all).await.unwrap();
    let left: Vec<_> = left.iter().map(|user| user.id).collect();
    assert_eq!(left, [ben.id]);
    let ids = store.read(move |db| store::evaluations::ids(db, ben.id, None, ROWS));
    assert_eq!(ids.await.unwrap(), [other]);
    // What is gone can be removed again: a sweep does not know how far the one before came.
    remove_data(&store, ada.id, &Asked::default())
        .await
        .unwrap();
}
