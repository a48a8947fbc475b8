use std::num::NonZeroU32;

use super::on_both;
use crate::domain::credential::{DayBudget, Scope};
use crate::domain::ids::{ApiKeyId, UserId};
use crate::store::api_keys::{self, ApiKey, MAX_KEYS};
use crate::store::testing::{TestStore, at};
use crate::store::{StoreError, new_id, retention, users};

fn key(expires: Option<i64>) -> ApiKey {
    ApiKey {
        id: new_id(),
        name: "robot".to_owned(),
        prefix: "ja_4fQ7x".to_owned(),
        scopes: vec![Scope::Read, Scope::Audit],
        addresses: vec!["10.0.0.0/8".to_owned(), "::1/128".to_owned()],
        created_at: at(0),
        expires_at: expires.map(at),
        last_used_at: None,
        revoked_at: None,
        budget: DayBudget {
            tokens: Some(5_000),
            usd: Some(0.25),
        },
        per_minute: NonZeroU32::new(60),
    }
}

async fn keep(store: &TestStore, user: UserId, key: &ApiKey) -> Result<bool, StoreError> {
    let (key, hash) = (key.clone(), format!("hash of {}", key.id));
    store
        .write(move |db| api_keys::insert(db, user, &key, &hash))
        .await
}

async fn found(store: &TestStore, id: ApiKeyId) -> Option<ApiKey> {
    let hash = format!("hash of {id}");
    let found = store.read(move |db| api_keys::find(db, &hash)).await;
    found.unwrap().map(|(key, _)| key)
}

on_both!(a_key_is_kept_whole_and_found_by_its_hash, |store| {
    let (ada, ben) = (store.account("ada").await.id, store.account("ben").await.id);
    let kept = key(Some(60));
    assert_eq!(keep(store, ada, &kept).await, Ok(true));
    assert_eq!(found(store, kept.id).await, Some(kept.clone()));
    assert_eq!(found(store, new_id()).await, None);
    let budget = |user, id| store.read(move |db| api_keys::budget(db, user, id));
    assert_eq!(budget(ada, kept.id).await, Ok(kept.budget));
    for (user, id) in [(ben, kept.id), (ada, new_id())] {
        assert_eq!(budget(user, id).await, Ok(DayBudget::default()), "not hers");
    }
    let list = |user| store.read(move |db| api_keys::list(db, user));
    assert_eq!(list(ada).await, Ok(vec![kept.clone()]));
    assert_eq!(list(ben).await, Ok(Vec::new()));
    assert_eq!(
        keep(store, new_id(), &key(None)).await,
        Ok(false),
        "nobody's"
    );

    let id = kept.id;
    // An earlier use that another node keeps late does not go back.
    for (second, last) in [(5, 5), (9, 9), (7, 9)] {
        store
            .write(move |db| api_keys::used(db, id, at(second)))
            .await
            .unwrap();
        let last_used_at = found(store, id).await.unwrap().last_used_at;
        assert_eq!(last_used_at, Some(at(last)));
    }
    let revoke = |user| store.write(move |db| api_keys::revoke(db, user, id, at(10)));
    assert_eq!(revoke(ben).await, Ok(None));
    assert_eq!(revoke(ada).await, Ok(Some("ja_4fQ7x".to_owned())));
    assert_eq!(revoke(ada).await, Ok(None));
    assert_eq!(found(store, id).await.unwrap().revoked_at, Some(at(10)));
    assert_eq!(list(ada).await, Ok(Vec::new()));
});

on_both!(a_user_has_so_many_keys, |store| {
    let ada = store.account("ada").await.id;
    for _ in 0..MAX_KEYS {
        assert_eq!(keep(store, ada, &key(None)).await, Ok(true));
    }
    assert_eq!(keep(store, ada, &key(None)).await, Ok(false));
    let revoked = store
        .write(move |db| api_keys::revoke_all(db, ada, at(1)))
        .await
        .unwrap();
    assert_eq!(revoked.len(), MAX_KEYS as usize);
    assert_eq!(keep(store, ada, &key(None)).await, Ok(true));
});

on_both!(a_key_ends_by_four_ways_and_is_removed_later, |store| {
    const DAY: i64 = 86_400;
    let (ada, ben) = (store.account("ada").await.id, store.account("ben").await.id);
    let (lasting, expiring, revoked, disabled) = (key(None), key(Some(60)), key(None), key(None));
    for (user, key) in [
        (ada, &lasting),
        (ada, &expiring),
        (ada, &revoked),
        (ben, &disabled),
    ] {
        assert_eq!(keep(store, user, key).await, Ok(true));
    }
    let id = revoked.id;
    store
        .write(move |db| {
            api_keys::revoke(db, ada, id, at(10))?;
            users::disable(db, ben, at(10))
        })
        .await
        .unwrap();
    let gone = new_id();
    let all = [lasting.id, expiring.id, revoked.id, disabled.id, gone];
    for (second, ended) in [
        (59, &[revoked.id, disabled.id, gone][..]),
        (60, &[expiring.id, revoked.id, disabled.id, gone]),
    ] {
        let found = store.read(move |db| api_keys::ended_among(db, &all, at(second)));
        assert_eq!(found.await.unwrap(), ended, "{second}");
    }
    for (second, removed) in [
        (10 + DAY - 1, 0),
        (10 + DAY, 1),
        (60 + 30 * DAY - 1, 0),
        (60 + 30 * DAY, 1),
        (60 + 900 * DAY, 0),
    ] {
        let rows = store.write(move |db| retention::ended_keys(db, at(second)));
        assert_eq!(rows.await, Ok(removed), "{second}");
    }
    assert!(found(store, lasting.id).await.is_some());
    assert!(found(store, expiring.id).await.is_none());
});
