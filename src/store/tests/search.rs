use std::sync::Arc;
use std::time::{Duration, Instant};

use super::on_both;
use super::transactions::{accounts, someone};
use crate::computing::Stop;
use crate::domain::ids::{SessionId, UserId};
use crate::store::StoreError;
use crate::store::evaluations::{self, Filter, Sort, Work};
use crate::store::search::make_filters;
use crate::store::testing::TestStore;
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
        for sort in [Sort::CreatedAt, Sort::ConsensusScore] {
            let filter = Filter {
                q: Some("NEEDLE".to_owned()),
                sort,
                ..Filter::default()
            };
            let (found, pages) = walk(store, ada.id, &filter, usize::MAX).await;
            assert_eq!((found, pages), (expected.clone(), 3), "{sort:?}");
            // A row costs some 500 bytes: ten rows a page.
            let (found, pages) = walk(store, ada.id, &filter, 6000).await;
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
            "no text has \"aab\", so none is read"
        );
        let all = "a".repeat(1000);
        assert_eq!(asked(all.clone(), usize::MAX).await, (20, false));
        assert_eq!(asked(all, 1_000_000).await, (5, true), "200,001 bytes each");
    }
);

on_both!(
    evaluations_of_earlier_versions_are_found_and_get_their_filters,
    |store| {
        let ada = store.account("ada").await;
        let id = store.evaluation_of(ada.id, 1, "a needle", "x").await;
        for n in 0..70 {
            store.evaluation_of(ada.id, n, "hay", "x").await;
        }
        store
            .sql("UPDATE evaluation_previews SET search_filter = NULL")
            .await;
        let filter = Filter {
            q: Some("needle".to_owned()),
            ..Filter::default()
        };
        assert_eq!(walk(store, ada.id, &filter, usize::MAX).await.0, [id]);
        assert_eq!(store.write(make_filters).await, Ok(64));
        assert_eq!(store.write(make_filters).await, Ok(7));
        assert_eq!(store.write(make_filters).await, Ok(0));
        assert_eq!(walk(store, ada.id, &filter, usize::MAX).await.0, [id]);
        // All but the one that has it are known to lack it: reading them would take more.
        let (found, pages) = walk(store, ada.id, &filter, 71 * (512 + 16)).await;
        assert_eq!((found.as_slice(), pages), ([id].as_slice(), 1));
    }
);

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
