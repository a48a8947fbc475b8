use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;

use super::on_both;
use super::transactions::{accounts, someone};
use crate::computing::Stop;
use crate::domain::ids::{SessionId, UserId};
use crate::store::annotations::{self, AnnotationChanges};
use crate::store::creation::{self, Creation};
use crate::store::evaluations::{self, Filter, Sort, Work};
use crate::store::quota::Quota;
use crate::store::search::{keep_indexed, next_unindexed};
use crate::store::testing::TestStore;
use crate::store::{Db, StoreError, trash};
use tokio::sync::{Barrier, Notify};

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Walks page by page, each with so much work; what was found, and the pages that it took.
async fn walk(
    store: &TestStore,
    user: UserId,
    filter: &Filter,
    bytes: usize,
) -> (Vec<SessionId>, usize) {
    let (mut all, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let filter = filter.clone();
        let page = store
            .search(move |db, stop| {
                let mut work = Work::new(bytes, stop);
                evaluations::list(db, user, &filter, after.as_ref(), 3, &mut work)
            })
            .await
            .unwrap();
        pages += 1;
        assert!(page.items.len() <= 3);
        all.extend(page.items.iter().map(|item| item.id));
        let Some(next) = page.next else {
            return (all, pages);
        };
        after = Some(next);
    }
}

on_both!(
    a_search_that_reads_too_much_goes_on_where_it_has_stopped,
    |store| {
        let ada = store.account("ada").await;
        let mut expected = Vec::new();
        for n in 0..70 {
            let source = if n % 10 == 0 {
                "a needle"
            } else {
                "only hay, ".repeat(3000).leak()
            };
            let id = store.evaluation_of(ada.id, n, source, "x").await;
            if n % 10 == 0 {
                expected.push(id);
            }
        }
        // As they are after an update, so that each is read.
        store
            .sql("UPDATE evaluation_sessions SET search_indexed = FALSE")
            .await;
        for sort in [Sort::CreatedAt, Sort::ConsensusScore] {
            let filter = Filter {
                q: Some("NEEDLE".to_owned()),
                sort,
                ..Filter::default()
            };
            let (found, pages) = walk(store, ada.id, &filter, usize::MAX).await;
            assert_eq!((found, pages), (expected.clone(), 3), "{sort:?}");
            // A row costs 27,500 bytes: ten rows a page.
            let (found, pages) = walk(store, ada.id, &filter, 275_000).await;
            assert_eq!(found, expected, "{sort:?}");
            assert!((6..=20).contains(&pages), "{pages} pages");
        }
    }
);

on_both!(
    texts_are_read_only_where_the_word_may_be_and_only_so_many,
    |store| {
        let ada = store.account("ada").await;
        // Quadratic for a pattern that is tried at each place.
        let hostile = "a".repeat(200_000);
        for n in 0..20 {
            store.evaluation_of(ada.id, n, &hostile, "b").await;
        }
        let asked = |q: String, bytes| {
            let filter = Filter {
                q: Some(q),
                ..Filter::default()
            };
            async move {
                let began = store.search(move |db, stop| {
                    let mut work = Work::new(bytes, stop);
                    let page = evaluations::list(db, ada.id, &filter, None, 100, &mut work)?;
                    Ok((page.items.len(), page.next.is_some()))
                });
                began.await.unwrap()
            }
        };
        let near = "a".repeat(900) + "b";
        assert_eq!(
            asked(near, 100_000).await,
            (0, false),
            "no text has \"aab\", so none is found"
        );
        let all = "a".repeat(1000);
        assert_eq!(asked(all.clone(), usize::MAX).await, (20, false));
        assert_eq!(asked(all, 1_000_000).await, (5, true), "200,001 bytes each");
    }
);

/// Finds this among the evaluations of a user, all on one page.
async fn found(store: &TestStore, user: UserId, q: &str) -> Vec<SessionId> {
    let filter = Filter {
        q: Some(q.to_owned()),
        ..Filter::default()
    };
    let page =
        store.read(move |db| evaluations::list(db, user, &filter, None, 1000, &mut Work::none()));
    page.await
        .unwrap()
        .items
        .iter()
        .map(|item| item.id)
        .collect()
}

/// Indexes one evaluation as the upkeep does. Returns false if none is left.
fn index_next(db: &mut Db) -> Result<bool, StoreError> {
    let Some(next) = next_unindexed(db)? else {
        return Ok(false);
    };
    keep_indexed(db, &next.indexed())?;
    Ok(true)
}

/// As a release without the index leaves it.
async fn forget_the_index(store: &TestStore) {
    store
        .write(|db| {
            let forget = |sql: &str, db: &mut Db| diesel::sql_query(sql).execute(db).map(drop);
            if matches!(db, Db::Sqlite(_)) {
                forget("DROP TABLE search_terms", db)?;
                forget(
                    "CREATE VIRTUAL TABLE search_terms USING fts5 (terms, content = '', \
                     detail = none, columnsize = 0, tokenize = ascii)",
                    db,
                )?;
            }
            forget("DELETE FROM search_entries", db)?;
            forget("UPDATE evaluation_sessions SET search_indexed = FALSE", db)?;
            Ok(())
        })
        .await
        .unwrap();
}

on_both!(
    evaluations_of_earlier_releases_are_found_and_get_indexed,
    |store| {
        let ada = store.account("ada").await;
        let id = store.evaluation_of(ada.id, 1, "a needle", "x").await;
        for n in 0..20 {
            store.evaluation_of(ada.id, n, "hay", "x").await;
        }
        forget_the_index(store).await;
        assert_eq!(found(store, ada.id, "needle").await, [id]);
        for _ in 0..10 {
            assert_eq!(store.write(index_next).await, Ok(true));
        }
        assert_eq!(found(store, ada.id, "needle").await, [id]);
        for _ in 0..11 {
            assert_eq!(store.write(index_next).await, Ok(true));
        }
        assert_eq!(store.write(index_next).await, Ok(false));
        assert_eq!(found(store, ada.id, "eedl").await, [id]);
        let filter = Filter {
            q: Some("needle".to_owned()),
            ..Filter::default()
        };
        // Only the one that has it is read: two would take more.
        let (found, pages) = walk(store, ada.id, &filter, 2 * 512).await;
        assert_eq!((found.as_slice(), pages), ([id].as_slice(), 1));
    }
);

on_both!(a_text_is_found_by_any_part_and_nobody_elses_is, |store| {
    let ada = store.account("ada").await.id;
    let bob = store.account("bob").await.id;
    let text = "The Größe of wool_mix is 1,200.5 €; 长江全长6300公里";
    let mine = store.evaluation_of(ada, 1, text, "x").await;
    let theirs = store.evaluation_of(bob, 1, text, "x").await;
    let both = store
        .evaluation_of(ada, 2, "wool", "the mix of 1,200")
        .await;
    for part in [
        "größe", "GROSSE", "l_mix", "1,200.5", "公里", "里", "€", " of wool", "; ",
    ] {
        assert_eq!(found(store, ada, part).await, [mine], "{part:?}");
        assert_eq!(found(store, bob, part).await, [theirs], "{part:?}");
    }
    // All its n-grams are there, and it is not.
    assert_eq!(found(store, ada, "wool mix").await, []);
    assert_eq!(found(store, ada, "1,200").await, [mine, both]);
    assert_eq!(found(store, ada, "HOW LONG").await, [mine, both]);
    assert_eq!(found(store, ada, "rhine").await, []);
    assert_eq!(found(store, ada, "\u{ad}\u{301}").await, [], "invisible");
    assert_eq!(found(store, ada, "").await, [mine, both]);
});

on_both!(more_hits_than_few_come_in_order_page_by_page, |store| {
    let ada = store.account("ada").await.id;
    let mut all = Vec::new();
    for n in 0..510 {
        all.push(store.evaluation_of(ada, n, "hay", "x").await);
    }
    let filter = Filter {
        q: Some("hay".to_owned()),
        ..Filter::default()
    };
    let (found, pages) = walk(store, ada, &filter, usize::MAX).await;
    assert_eq!((found, pages), (all.clone(), 170));
    // Those that are not indexed yet are among them.
    for forget in [
        "DELETE FROM search_entries WHERE session_id =",
        "UPDATE evaluation_sessions SET search_indexed = FALSE WHERE id =",
    ] {
        store.sql(&format!("{forget} '{}'", all[7])).await;
    }
    let (found, pages) = walk(store, ada, &filter, usize::MAX).await;
    assert_eq!((found, pages), (all, 170));
});

on_both!(
    an_evaluation_whose_run_is_at_work_is_indexed_once_it_ends,
    |store| {
        let ada = store.account("ada").await.id;
        let id = store.evaluation_of(ada, 1, "a needle", "x").await;
        forget_the_index(store).await;
        let set = |status: &str| {
            let change = format!("UPDATE evaluation_sessions SET status = '{status}'");
            async move { store.sql(&change).await }
        };
        set("in_progress").await;
        assert_eq!(store.write(index_next).await, Ok(false));
        assert_eq!(found(store, ada, "needle").await, [id], "it is read");
        set("completed").await;
        assert_eq!(store.write(index_next).await, Ok(true));
        assert_eq!(found(store, ada, "needle").await, [id]);
    }
);

/// Deletion promises seconds, and the index of a long history takes minutes.
#[tokio::test(flavor = "multi_thread")]
async fn who_indexes_keeps_nobody_from_removing_what_is_deleted() {
    let Some(store) = crate::store::testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await.id;
    let gone = store.evaluation_of(ada, 1, "hay", "x").await;
    store.evaluation_of(ada, 2, "a needle", "x").await;
    forget_the_index(&store).await;
    store
        .write(move |db| evaluations::delete(db, ada, gone))
        .await
        .unwrap();
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let indexing = {
        let (store, began, go_on) = ((*store).clone(), Arc::clone(&began), Arc::clone(&go_on));
        let runtime = tokio::runtime::Handle::current();
        tokio::spawn(async move {
            let write = store.write(move |db| {
                let done = index_next(db)?;
                began.notify_one();
                // Not for ever, where the test fails meanwhile.
                let waited = tokio::time::timeout(PATIENCE, go_on.notified());
                drop(runtime.block_on(waited));
                Ok(done)
            });
            write.await
        })
    };
    began.notified().await;
    let removed = store.write(trash::remove_slice).await.unwrap();
    go_on.notify_one();
    assert!(removed > 0, "the deletion waits for the index");
    assert_eq!(indexing.await.unwrap(), Ok(true));
}

on_both!(
    what_changes_is_found_as_it_is_now_whoever_changes_it,
    |store| {
        let ada = store.account("ada").await.id;
        let id = store.evaluation_of(ada, 1, "hay", "x").await;
        let named = |name: Option<&str>| AnnotationChanges {
            name: Some(name.map(str::to_owned)),
            ..AnnotationChanges::default()
        };
        let change = |changes: AnnotationChanges| {
            store.write(move |db| {
                annotations::change(db, ada, id, changes.clone(), Quota::default())
            })
        };
        change(named(Some("first"))).await.unwrap();
        assert_eq!(found(store, ada, "irst").await, [id]);
        change(named(Some("second"))).await.unwrap();
        assert_eq!(found(store, ada, "first").await, []);
        assert_eq!(found(store, ada, "second").await, [id]);
        assert_eq!(store.write(index_next).await, Ok(false), "it is indexed");
        // A node of an earlier release.
        store
            .sql("UPDATE evaluation_previews SET name = 'third', notes = notes")
            .await;
        assert_eq!(found(store, ada, "third").await, [id]);
        assert_eq!(store.write(index_next).await, Ok(true));
        assert_eq!(found(store, ada, "third").await, [id]);
        assert_eq!(found(store, ada, "second").await, []);
        change(named(None)).await.unwrap();
        assert_eq!(found(store, ada, "third").await, []);
        assert_eq!(found(store, ada, "hay").await, [id]);
    }
);

/// Number of terms in the index of SQLite.
async fn terms(store: &TestStore) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }
    let terms = store.write(|db| {
        diesel::sql_query(
            "CREATE VIRTUAL TABLE temp.terms_there USING fts5vocab (main, search_terms, 'row')",
        )
        .execute(db)?;
        let count: Count =
            diesel::sql_query("SELECT count(*) AS rows FROM temp.terms_there").get_result(db)?;
        diesel::sql_query("DROP TABLE temp.terms_there").execute(db)?;
        Ok(count.rows)
    });
    terms.await.unwrap()
}

/// FTS5 would keep the terms of what is deleted until it merges its segments.
#[tokio::test]
async fn nothing_of_what_is_deleted_stays_in_the_index() {
    let store = crate::store::testing::sqlite();
    let ada = store.account("ada").await.id;
    let kept = store.evaluation_of(ada, 1, "the river rises", "x").await;
    let before = terms(&store).await;
    assert!(before > 20, "{before}");
    for n in 0..40 {
        let text = format!("a{n}b{n}c is quite another text, number {n}");
        let id = store.evaluation_of(ada, n, &text, "x").await;
        assert!(terms(&store).await > before);
        store
            .write(move |db| evaluations::delete(db, ada, id))
            .await
            .unwrap();
        store.remove_deleted().await;
        assert_eq!(terms(&store).await, before);
    }
    let changed = AnnotationChanges {
        notes: Some(Some("zzz".to_owned())),
        ..AnnotationChanges::default()
    };
    for changes in [
        changed,
        AnnotationChanges {
            notes: Some(None),
            ..AnnotationChanges::default()
        },
    ] {
        store
            .write(move |db| annotations::change(db, ada, kept, changes.clone(), Quota::default()))
            .await
            .unwrap();
    }
    assert_eq!(terms(&store).await, before);
    // What the quota refuses leaves nothing either.
    let new = crate::store::testing::new_evaluation(ada, 2, "quite another", "y");
    let quota = Quota {
        evaluations: 1,
        bytes: 0,
    };
    let refused = store.write(move |db| creation::create(db, &new, None, quota, None));
    assert!(matches!(refused.await, Ok(Creation::Full(_))));
    assert_eq!(terms(&store).await, before);
    store
        .sql("INSERT INTO search_terms (search_terms, rank) VALUES ('integrity-check', 0)")
        .await;
}

on_both!(searches_leave_connections_to_everybody_else, |store| {
    let go_on = Arc::new(Notify::new());
    let searches: Vec<_> = (0..16)
        .map(|_| {
            let (store, go_on) = ((**store).clone(), Arc::clone(&go_on));
            let runtime = tokio::runtime::Handle::current();
            tokio::spawn(async move {
                let search = store.search(move |_, _| {
                    // Not for ever, where the test fails meanwhile.
                    let waited = tokio::time::timeout(PATIENCE, go_on.notified());
                    drop(runtime.block_on(waited));
                    Ok(())
                });
                search.await
            })
        })
        .collect();
    let begin = Instant::now();
    while store.inner.search_slots.available_permits() > 0 {
        assert!(begin.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        assert_eq!(store.ping().await, Ok(()));
    }
    store.account("ada").await;
    for search in searches {
        go_on.notify_one();
        while !search.is_finished() {
            assert!(begin.elapsed() < PATIENCE);
            go_on.notify_waiters();
            tokio::task::yield_now().await;
        }
        assert_eq!(search.await.unwrap(), Ok(()));
    }
});

on_both!(a_search_ends_when_nobody_waits_for_it, |store| {
    let (began, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let search = {
        let (store, began, ended) = ((**store).clone(), Arc::clone(&began), Arc::clone(&ended));
        tokio::spawn(async move {
            let search = store.search(move |_, stop: Stop| {
                began.notify_one();
                let mut work = Work::new(usize::MAX, stop);
                let end: Result<(), StoreError> = loop {
                    if let Err(error) = work.take(1) {
                        break Err(error);
                    }
                };
                ended.notify_one();
                end
            });
            search.await
        })
    };
    began.notified().await;
    search.abort();
    tokio::time::timeout(PATIENCE, ended.notified())
        .await
        .expect("the search goes on for nobody");
});

/// Who waits for its turn to write keeps nobody from reading.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_wait_hold_no_connection_of_a_reader() {
    let store = crate::store::testing::sqlite();
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = {
        let (store, began, go_on) = ((*store).clone(), Arc::clone(&began), Arc::clone(&go_on));
        let runtime = tokio::runtime::Handle::current();
        tokio::spawn(async move {
            let write = store.write(move |db| {
                began.notify_one();
                let waited = tokio::time::timeout(PATIENCE, go_on.notified());
                drop(runtime.block_on(waited));
                someone(db, "first")
            });
            write.await
        })
    };
    began.notified().await;
    let asking = Arc::new(Barrier::new(21));
    let others: Vec<_> = (0..20)
        .map(|n| {
            let (store, asking) = ((*store).clone(), Arc::clone(&asking));
            tokio::spawn(async move {
                asking.wait().await;
                store.write(move |db| someone(db, &format!("u{n}"))).await
            })
        })
        .collect();
    asking.wait().await;
    for _ in 0..100 {
        let read = tokio::time::timeout(PATIENCE / 4, store.read(accounts));
        assert_eq!(read.await.expect("reads wait for writers"), Ok(0));
    }
    go_on.notify_one();
    assert!(first.await.unwrap().is_ok());
    for writer in others {
        assert!(writer.await.unwrap().is_ok());
    }
    assert_eq!(store.read(accounts).await, Ok(21));
}

on_both!(a_row_without_texts_does_not_end_the_indexing, |store| {
    let ada = store.account("ada").await.id;
    let broken = store.evaluation_of(ada, 1, "hay", "x").await;
    let id = store.evaluation_of(ada, 2, "a needle", "x").await;
    forget_the_index(store).await;
    store
        .sql(&format!(
            "DELETE FROM evaluation_texts WHERE session_id = '{broken}'"
        ))
        .await;
    for expected in [true, true, false] {
        assert_eq!(store.write(index_next).await, Ok(expected));
    }
    assert_eq!(found(store, ada, "needle").await, [id]);
});

on_both!(
    what_changes_while_it_is_indexed_is_as_it_was_left,
    |store| {
        let ada = store.account("ada").await.id;
        let id = store.evaluation_of(ada, 1, "a needle", "x").await;
        let gone = store.evaluation_of(ada, 2, "a needle", "x").await;
        forget_the_index(store).await;
        let read = || async { store.read(next_unindexed).await.unwrap().unwrap().indexed() };
        // Named after its texts were read.
        let indexed = read().await;
        store
            .sql(&format!(
                "UPDATE evaluation_previews SET name = 'thimble' WHERE session_id = '{id}'"
            ))
            .await;
        let keep = store.write(move |db| keep_indexed(db, &indexed));
        keep.await.unwrap();
        assert_eq!(found(store, ada, "thimble").await, [id]);
        // Deleted, or indexed by another node.
        let (first, second) = (read().await, read().await);
        let keep = store.write(move |db| keep_indexed(db, &first));
        keep.await.unwrap();
        store
            .write(move |db| evaluations::delete(db, ada, gone))
            .await
            .unwrap();
        let keep = store.write(move |db| keep_indexed(db, &second));
        keep.await.unwrap();
        assert_eq!(found(store, ada, "needle").await, [id]);
        assert_eq!(store.write(index_next).await, Ok(false));
    }
);
