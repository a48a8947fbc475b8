use super::on_both;
use crate::domain::ids::UserId;
use crate::store::new_id;
use crate::store::retention;
use crate::store::security::{self, Kind, SecurityEvent, Wanted};
use crate::store::testing::{TestStore, at};

fn event(kind: Kind, user_id: Option<UserId>, second: i64) -> SecurityEvent {
    SecurityEvent {
        id: new_id(),
        at: at(second),
        kind,
        user_id,
        username: user_id.map(|_| "ada".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        subject: None,
        detail: Some("a\0b".to_owned()),
    }
}

async fn keep(store: &TestStore, event: &SecurityEvent) {
    let event = event.clone();
    store
        .write(move |db| security::record(db, &event))
        .await
        .unwrap();
}

async fn seconds(store: &TestStore, wanted: Wanted) -> Vec<i64> {
    let found = store.read(move |db| security::list(db, &wanted)).await;
    found
        .unwrap()
        .iter()
        .map(|event| (event.at - at(0)).num_seconds())
        .collect()
}

on_both!(entries_are_listed_and_grow_old, |store| {
    let ada: UserId = new_id();
    for (kind, user, second) in [
        (Kind::Login, Some(ada), 1),
        (Kind::LoginFailed, None, 2),
        (Kind::Logout, Some(ada), 3),
        (Kind::LoginFailed, Some(ada), 4),
    ] {
        keep(store, &event(kind, user, second)).await;
    }
    let all = Wanted {
        limit: 10,
        ..Wanted::default()
    };
    assert_eq!(seconds(store, all.clone()).await, [1, 2, 3, 4]);
    let newest = Wanted {
        limit: 2,
        ..all.clone()
    };
    assert_eq!(seconds(store, newest).await, [3, 4]);
    let of_ada = Wanted {
        user: Some(ada),
        since: Some(at(2)),
        ..all.clone()
    };
    assert_eq!(seconds(store, of_ada).await, [3, 4]);
    let failed = Wanted {
        kinds: vec![Kind::LoginFailed, Kind::KeysReloaded],
        ..all.clone()
    };
    assert_eq!(seconds(store, failed).await, [2, 4]);

    let known = |address: &'static str, second| {
        store.read(move |db| security::has_logged_in_from(db, ada, address, at(second)))
    };
    assert_eq!(known("192.0.2.7", 1).await, Ok(true));
    assert_eq!(known("192.0.2.7", 2).await, Ok(false));
    assert_eq!(known("192.0.2.8", 1).await, Ok(false));

    let purge = store
        .write(|db| retention::security_events(db, at(3)))
        .await;
    assert_eq!(purge, Ok(2));
    assert_eq!(seconds(store, all.clone()).await, [3, 4]);
    let found = store
        .read(move |db| security::list(db, &all))
        .await
        .unwrap();
    assert_eq!(found[0].detail.as_deref(), Some("a\u{fffd}b"));
});
