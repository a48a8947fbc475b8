use std::collections::BTreeMap;

use super::on_both;
use super::transactions::accounts;
use crate::domain::ids::{SessionId, UserId};
use crate::store::fleet::claims;
use crate::store::quota::{self, Full, Quota};
use crate::store::tables::schema::{
    evaluation_runs, evaluation_sessions as sessions, session_events,
};
use crate::store::testing::{TestStore, at, new_evaluation, offer};
use crate::store::{
    Db, StoreError, collections, creation, evaluations, feedback, new_id, retention, runs, shares,
    trash,
};
use creation::Creation;
use diesel::prelude::*;

fn bare(db: &mut Db, sql: String) {
    diesel::sql_query(sql).execute(db).unwrap();
}

/// Puts so many events into a session's log, and as many claims into each of two runs.
async fn fill(store: &TestStore, session: SessionId, rows: i64) {
    let fill = store.write(move |db| {
        for run in 0..2 {
            let id = new_id::<crate::domain::ids::Run>();
            diesel::insert_into(evaluation_runs::table)
                .values((
                    evaluation_runs::id.eq(id.to_string()),
                    evaluation_runs::session_id.eq(session.to_string()),
                    evaluation_runs::status.eq("completed"),
                    evaluation_runs::started_at.eq(at(run).naive_utc()),
                ))
                .execute(db)?;
            bare(
                db,
                format!(
                    "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) \
                     INSERT INTO claims (id, run_id, position, claim_type, text, span_start, span_end) \
                     SELECT '{id}' || n, '{id}', n, 'factual', 'text', 0, 1 FROM n"
                ),
            );
        }
        bare(
            db,
            format!(
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) \
                 INSERT INTO session_events (session_id, seq, kind, ts, frame) \
                 SELECT '{session}', n, 'evaluation_progress', created_at, '0123456789' \
                 FROM n, evaluation_sessions WHERE id = '{session}'"
            ),
        );
        diesel::update(sessions::table.find(session.to_string()))
            .set((
                sessions::last_seq.eq(rows),
                sessions::stored_bytes.eq(sessions::stored_bytes + 10 * rows),
                sessions::status.eq("completed"),
                sessions::completed_at.eq(Some(at(0).naive_utc())),
            ))
            .execute(db)?;
        Ok(())
    });
    fill.await.unwrap();
}

/// Rows of every table but those that outlive what is deleted.
async fn rows(store: &TestStore) -> BTreeMap<&'static str, i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }
    const TABLES: [&str; 9] = [
        "evaluation_sessions",
        "evaluation_texts",
        "evaluation_previews",
        "search_entries",
        "evaluation_runs",
        "session_events",
        "claims",
        "collection_documents",
        "collection_passages",
    ];
    let counts = store.read(|db| {
        TABLES
            .into_iter()
            .map(|table| {
                let query = format!("SELECT count(*) AS rows FROM {table}");
                let count: Count = diesel::sql_query(query).get_result(db)?;
                Ok((table, count.rows))
            })
            .filter(|row: &Result<_, StoreError>| !matches!(row, Ok((_, 0))))
            .collect()
    });
    counts.await.unwrap()
}

on_both!(
    what_is_deleted_is_out_of_sight_at_once_and_removed_in_slices,
    |store| {
        let ada = store.account("ada").await.id;
        let session = store.evaluation(ada, 1).await;
        fill(store, session, 1300).await;
        assert_eq!(
            store
                .write(move |db| evaluations::delete(db, ada, session))
                .await,
            Ok(true)
        );
        let node = store.node().await;
        let seen = store.write(move |db| {
            let filter = evaluations::Filter::default();
            let mut work = evaluations::Work::none();
            Ok((
                evaluations::get(db, ada, session)?.is_some(),
                evaluations::position(db, ada, session)?.is_some(),
                evaluations::list(db, ada, &filter, None, 10, &mut work)?
                    .items
                    .len(),
                claims::take(db, node, at(2), offer(8, 8))?.runs.len(),
            ))
        });
        assert_eq!(seen.await, Ok((false, false, 0, 0)));
        let again = store.write(move |db| evaluations::delete(db, ada, session));
        assert_eq!(again.await, Ok(false));

        // Others write in between: no transaction removes more than some hundred rows.
        let (mut slices, mut before) = (0, rows(store).await.values().sum::<i64>());
        while store.write(trash::remove_slice).await.unwrap() > 0 {
            let now = rows(store).await.values().sum::<i64>();
            assert!(before - now <= 520, "{} rows at once", before - now);
            before = now;
            slices += 1;
        }
        assert!(slices >= 20, "{slices} slices");
        assert_eq!(rows(store).await, BTreeMap::new());
        assert_eq!(store.read(accounts).await, Ok(1));
    }
);

on_both!(
    a_run_that_was_shared_is_not_found_once_it_is_deleted,
    |store| {
        let ada = store.account("ada").await.id;
        let session = store.evaluation(ada, 1).await;
        let node = store.node().await;
        let share = shares::Share {
            id: new_id(),
            created_at: at(1),
            expires_at: at(100),
            show_documents: false,
        };
        let found = store.write(move |db| {
            let run = runs::NewRun {
                id: new_id(),
                client_request_id: None,
                started_at: at(1),
                node: None,
                api_key: None,
            };
            runs::begin(db, ada, session, &run)?;
            bare(db, "UPDATE evaluation_runs SET result = '{}'".to_owned());
            let shared = shares::create(db, ada, session, &share, "hash")?;
            assert_eq!(shared, shares::Shared::Done);
            evaluations::delete(db, ada, session)?;
            Ok((
                shares::find(db, "hash", at(2))?,
                claims::take(db, node, at(2), offer(8, 8))?.runs,
            ))
        });
        assert_eq!(found.await, Ok((None, Vec::new())));
    }
);

async fn create(
    store: &TestStore,
    user: UserId,
    text: &str,
    quota: Quota,
) -> Result<Creation, StoreError> {
    let new = new_evaluation(user, 1, text, "candidate");
    let create = store.write(move |db| creation::create(db, &new, None, quota, None));
    create.await
}

on_both!(a_user_keeps_so_many_evaluations_and_bytes, |store| {
    let ada = store.account("ada").await.id;
    let bob = store.account("bob").await.id;
    let three = Quota {
        evaluations: 3,
        bytes: 0,
    };
    // All at once: each counts what the others have added.
    let made = (0..8).map(|_| create(store, ada, "text", three));
    let made = futures_util::future::join_all(made).await;
    let kept = made
        .iter()
        .filter(|made| matches!(made, Ok(Creation::Made { .. })));
    assert_eq!(kept.count(), 3, "{made:?}");
    assert!(made.contains(&Ok(Creation::Full(Full::Evaluations(3)))));
    let stored = store.read(|db| Ok(sessions::table.count().get_result::<i64>(db)?));
    assert_eq!(stored.await, Ok(3), "what was refused has left nothing");
    assert!(matches!(
        create(store, bob, "text", three).await,
        Ok(Creation::Made { .. })
    ));

    // 4 + 9 + 15 bytes each: source, candidate, question.
    let bytes = Quota {
        evaluations: 0,
        bytes: 100,
    };
    let full = Ok(Creation::Full(Full::Bytes(100)));
    assert_eq!(create(store, ada, "text", bytes).await, full);
    let room = |added| store.write(move |db| quota::exceeded(db, ada, bytes, 0, added));
    assert_eq!(room(16).await, Ok(None));
    assert_eq!(room(17).await, Ok(Some(Full::Bytes(100))));

    let Ok(Creation::Made { id, .. }) = made[0].clone() else {
        return;
    };
    let deleted = store.write(move |db| evaluations::delete(db, ada, id));
    assert_eq!(deleted.await, Ok(true));
    assert!(matches!(
        create(store, ada, "text", three).await,
        Ok(Creation::Made { .. })
    ));
});

on_both!(
    an_evaluation_that_is_to_start_is_made_and_started_or_neither,
    |store| {
        let ada = store.account("ada").await.id;
        let run = runs::NewRun {
            id: new_id(),
            client_request_id: None,
            started_at: at(1),
            node: None,
            api_key: None,
        };
        let key = evaluations::Idempotency {
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
            now: at(1),
        };
        let start = |run: runs::NewRun| {
            let (new, key) = (new_evaluation(ada, 1, "s", "c"), key.clone());
            let quota = Quota::default();
            store.write(move |db| creation::create(db, &new, Some(&key), quota, Some(run)))
        };
        let Ok(Creation::Made { id, begun }) = start(run.clone()).await else {
            panic!("it was not made");
        };
        assert!(matches!(begun, Some(runs::Begin::Started { .. })));
        let again = runs::NewRun {
            id: new_id(),
            ..run.clone()
        };
        let repeated = runs::Begin::Repeated { run_id: run.id };
        let made = Creation::Made {
            id,
            begun: Some(repeated),
        };
        assert_eq!(start(again).await, Ok(made));

        // The start fails: a run with that id is there.
        let new = new_evaluation(ada, 1, "s", "c");
        let failed =
            store.write(move |db| creation::create(db, &new, None, Quota::default(), Some(run)));
        assert!(failed.await.is_err());
        let there = store.read(|db| Ok(sessions::table.count().get_result::<i64>(db)?));
        assert_eq!(there.await, Ok(1), "nothing is left of it");
    }
);

on_both!(what_is_older_than_it_shall_be_kept_goes, |store| {
    let ada = store.account("ada").await.id;
    let old = store.evaluation(ada, 0).await;
    let new = store.evaluation(ada, 1000).await;
    fill(store, old, 1200).await;
    fill(store, new, 10).await;
    let later = store.write(move |db| {
        diesel::update(sessions::table.find(new.to_string()))
            .set(sessions::completed_at.eq(Some(at(1001).naive_utc())))
            .execute(db)?;
        Ok(())
    });
    later.await.unwrap();

    let bytes = |id: SessionId| {
        store.read(move |db| {
            let found = sessions::table.find(id.to_string());
            Ok(found.select(sessions::stored_bytes).first::<i64>(db)?)
        })
    };
    let full = bytes(old).await.unwrap();
    // One that begins after the end of the run leaves it alone.
    let later = store.write(|db| retention::events(db, Some(at(1)), at(500)));
    assert_eq!(later.await.unwrap().rows, 0);
    let (mut slices, mut from) = (Vec::new(), None);
    loop {
        let slice = store.write(move |db| retention::events(db, from, at(500)));
        let slice = slice.await.unwrap();
        if slice.rows == 0 {
            break;
        }
        assert_eq!(slice.reached, at(0));
        from = Some(slice.reached);
        slices.push(slice.rows);
    }
    assert_eq!(slices, [500, 500, 200]);
    assert_eq!(bytes(old).await, Ok(full - 12_000));
    let left = store.read(move |db| {
        let events: i64 = session_events::table.count().get_result(db)?;
        let at = |db: &mut Db, id| evaluations::position(db, ada, id).map(|it| it.unwrap());
        let (old, new) = (at(db, old)?, at(db, new)?);
        Ok((events, old.last_seq, old.purged_seq, new.purged_seq))
    });
    assert_eq!(left.await, Ok((10, 1200, 1200, 0)));

    let gone = store.write(|db| retention::evaluations(db, at(500))).await;
    assert_eq!(gone, Ok(vec![old]));
    let gone = store.write(|db| retention::evaluations(db, at(500))).await;
    assert_eq!(gone, Ok(vec![]));
    let seen = store.read(move |db| {
        let seen = |db: &mut Db, id| evaluations::position(db, ada, id).map(|it| it.is_some());
        Ok((seen(db, old)?, seen(db, new)?))
    });
    assert_eq!(seen.await, Ok((false, true)));
});

on_both!(the_last_place_is_given_away_once, |store| {
    let ada = store.account("ada").await.id;
    let most = collections::MAX_COLLECTIONS;
    let make = || store.write(move |db| collections::create(db, ada, new_id(), "name", at(0)));
    for _ in 1..most {
        make().await.unwrap();
    }
    let at_once = futures_util::future::join_all((0..8).map(|_| make())).await;
    let made = at_once
        .iter()
        .filter(|made| **made == Ok(collections::Kept::Done));
    assert_eq!(made.count(), 1, "{at_once:?}");

    let session = store.evaluation(ada, 1).await;
    fill(store, session, 1).await;
    let result = "UPDATE evaluation_runs SET result = '{}'";
    store.sql(result).await;
    store
        .sql("UPDATE evaluation_sessions SET run_id = (SELECT min(id) FROM evaluation_runs)")
        .await;
    let share = |n: i64| {
        let share = shares::Share {
            id: new_id(),
            created_at: at(1),
            expires_at: at(100),
            show_documents: false,
        };
        store.write(move |db| shares::create(db, ada, session, &share, &format!("hash {n}")))
    };
    for n in 1..shares::MAX_SHARES {
        assert_eq!(share(n).await, Ok(shares::Shared::Done));
    }
    let at_once = futures_util::future::join_all((100..108).map(share)).await;
    let made = at_once
        .iter()
        .filter(|made| **made == Ok(shares::Shared::Done));
    assert_eq!(made.count(), 1, "{at_once:?}");

    store
        .sql(&format!(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {}) \
             INSERT INTO feedback (id, session_id, score, created_at) \
             SELECT 'f' || n, id, 1, created_at FROM n, evaluation_sessions",
            feedback::MAX_FEEDBACK - 1
        ))
        .await;
    let say = |_| {
        let said = feedback::Feedback {
            id: new_id(),
            claim_id: None,
            label: None,
            score: Some(1.0),
            comment: Some("four".to_owned()),
            created_at: at(1),
        };
        store.write(move |db| feedback::create(db, ada, session, &said))
    };
    let at_once = futures_util::future::join_all((0..8).map(say)).await;
    let made = at_once
        .iter()
        .filter(|made| **made == Ok(feedback::Given::Done));
    assert_eq!(made.count(), 1, "{at_once:?}");
});
