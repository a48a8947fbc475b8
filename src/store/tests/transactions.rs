use std::sync::Arc;

use super::on_both;
use crate::domain::ids::UserId;
use crate::store::evaluations::{self, Filter, Work};
use crate::store::tables::schema::users;
use crate::store::testing::{self, at, new_evaluation};
use crate::store::users::{NewUser, insert};
use crate::store::{Db, StoreError, new_id};
use diesel::prelude::*;
use tokio::sync::Barrier;

pub(super) fn someone(db: &mut Db, name: &str) -> Result<UserId, StoreError> {
    let new = NewUser {
        id: new_id(),
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        password_hash: "x".to_owned(),
        created_at: at(0),
    };
    Ok(insert(db, &new)?.id)
}

pub(super) fn accounts(db: &mut Db) -> Result<i64, StoreError> {
    let people = users::table.filter(users::username.ne(""));
    Ok(people.count().get_result(db)?)
}

on_both!(an_error_and_a_panic_leave_nothing_behind, |store| {
    let refused: Result<(), _> = store
        .write(|db| {
            someone(db, "ada")?;
            Err(StoreError::NotFound)
        })
        .await;
    assert_eq!(refused, Err(StoreError::NotFound));
    // More often than the pool has connections: none of them may be lost.
    for _ in 0..8 {
        let panicked: Result<(), _> = store
            .write(|db| {
                someone(db, "ada")?;
                panic!("on purpose");
            })
            .await;
        assert!(
            matches!(panicked, Err(StoreError::Query(_))),
            "{panicked:?}"
        );
    }
    assert_eq!(store.read(accounts).await, Ok(0));
    store.account("ada").await;
    assert_eq!(store.read(accounts).await, Ok(1));
});

on_both!(
    an_error_that_was_swallowed_does_not_pass_for_success,
    |store| {
        let ada = store.account("ada").await;
        let outcome = store
            .write(move |db| {
                someone(db, "bob")?;
                let new = new_evaluation(new_id(), 0, "s", "c");
                let twice = diesel::insert_into(users::table)
                    .values((
                        users::id.eq(ada.id.to_string()),
                        users::username.eq("x"),
                        users::username_lower.eq("x"),
                        users::email.eq("x"),
                        users::email_lower.eq("x"),
                        users::password_hash.eq("x"),
                        users::created_at.eq(at(0).naive_utc()),
                    ))
                    .execute(db);
                assert!(twice.is_err());
                Ok(new.id)
            })
            .await;
        let expected = if outcome.is_ok() { 2 } else { 1 };
        assert_eq!(store.read(accounts).await, Ok(expected));
        assert_eq!(outcome.is_ok(), store.backend() == "sqlite");
    }
);

on_both!(a_read_sees_one_state_from_beginning_to_end, |store| {
    let ada = store.account("ada").await;
    store.evaluation(ada.id, 0).await;
    let (begun, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let reader = {
        let (store, begun, go_on) = ((**store).clone(), Arc::clone(&begun), Arc::clone(&go_on));
        let runtime = tokio::runtime::Handle::current();
        tokio::spawn(async move {
            store
                .read(move |db| {
                    let list = |db: &mut Db| {
                        evaluations::list(
                            db,
                            ada.id,
                            &Filter::default(),
                            None,
                            10,
                            &mut Work::none(),
                        )
                        .map(|page| page.items.len())
                    };
                    let before = list(db)?;
                    runtime.block_on(begun.wait());
                    runtime.block_on(go_on.wait());
                    Ok((before, list(db)?))
                })
                .await
        })
    };
    begun.wait().await;
    store.evaluation(ada.id, 1).await;
    go_on.wait().await;
    assert_eq!(reader.await.unwrap(), Ok((1, 1)));
});

on_both!(a_read_may_not_write_on_postgresql, |store| {
    if store.backend() == "postgresql" {
        let outcome = store.read(|db| someone(db, "ada")).await;
        assert!(
            matches!(outcome, Err(StoreError::Unavailable(_))),
            "{outcome:?}"
        );
    }
    assert_eq!(store.ping().await, Ok(()));
});

on_both!(
    many_writers_and_readers_never_meet_a_locked_database,
    |store| {
        let ada = store.account("ada").await;
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let store = (**store).clone();
                tokio::spawn(async move {
                    for m in 0..5 {
                        // Reads first and writes then.
                        store
                            .write(move |db| {
                                let before = accounts(db)?;
                                someone(db, &format!("u{n}-{m}"))?;
                                assert!(accounts(db)? > before);
                                Ok(())
                            })
                            .await?;
                        store
                            .read(move |db| {
                                evaluations::list(
                                    db,
                                    ada.id,
                                    &Filter::default(),
                                    None,
                                    10,
                                    &mut Work::none(),
                                )
                            })
                            .await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        assert_eq!(store.read(accounts).await, Ok(201));
    }
);

/// As two nodes on one file would: each has its own queue, the file decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_on_one_file_wait_for_each_other() {
    let first = testing::sqlite();
    let second = crate::store::Store::open(&crate::store::StoreSettings {
        url: first.url.clone(),
        pool_size: 2,
        ..crate::store::StoreSettings::default()
    })
    .unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = if n % 2 == 0 {
                (*first).clone()
            } else {
                second.clone()
            };
            tokio::spawn(async move { store.write(move |db| someone(db, &format!("u{n}"))).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(first.read(accounts).await, Ok(20));
}

#[tokio::test]
async fn a_server_that_goes_away_is_unavailable_not_a_fault() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let outcome: Result<(), _> = store
        .write(|db| {
            diesel::sql_query("SELECT pg_terminate_backend(pg_backend_pid())").execute(db)?;
            Ok(())
        })
        .await;
    assert!(
        matches!(outcome, Err(StoreError::Unavailable(_))),
        "{outcome:?}"
    );
    // The pool finds a new connection by itself.
    assert_eq!(store.ping().await, Ok(()));
    assert_eq!(store.read(accounts).await, Ok(0));
}
