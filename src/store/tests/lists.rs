use super::on_both;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::run::Status;
use crate::store::evaluations::{self, Cursor, Filter, Sort, Summary, Work};
use crate::store::tables::schema::evaluation_sessions as sessions;
use crate::store::testing::{TestStore, at};
use crate::store::{Db, StoreError};
use diesel::prelude::*;

fn score(db: &mut Db, id: SessionId, consensus: Option<f64>, hallucination: Option<f64>) {
    diesel::update(sessions::table.find(id.to_string()))
        .set((
            sessions::consensus_score.eq(consensus),
            sessions::hallucination_score.eq(hallucination),
            sessions::status.eq(Status::Completed.as_str()),
        ))
        .execute(db)
        .unwrap();
}

async fn page(
    store: &TestStore,
    user: UserId,
    filter: &Filter,
    after: Option<Cursor>,
    limit: i64,
) -> evaluations::Page {
    let filter = filter.clone();
    store
        .read(move |db| {
            evaluations::list(db, user, &filter, after.as_ref(), limit, &mut Work::none())
        })
        .await
        .unwrap()
}

async fn found(store: &TestStore, user: UserId, filter: Filter) -> Vec<SessionId> {
    let page = page(store, user, &filter, None, 100).await;
    page.items.iter().map(|item| item.id).collect()
}

/// Walks page by page, through JSON as a client would.
async fn walk(store: &TestStore, user: UserId, filter: &Filter, limit: i64) -> Vec<Summary> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = page(store, user, filter, after, limit).await;
        assert!(page.items.len() <= limit as usize);
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        after = Some(serde_json::from_str(&serde_json::to_string(&next).unwrap()).unwrap());
    }
}

on_both!(
    pages_cover_ties_and_missing_scores_in_every_order,
    |store| {
        let ada = store.account("ada").await;
        let bob = store.account("bob").await;
        store.evaluation(bob.id, 0).await;
        // Two thirds of a second apart in pairs; scores with ties, a number that decimals can't hold, and none.
        let third = 100.0 / 3.0;
        let scores = [
            Some(50.0),
            None,
            Some(third),
            Some(50.0),
            None,
            Some(0.0),
            Some(third),
            None,
            Some(99.9),
        ];
        let mut rows = Vec::new();
        for (n, consensus) in scores.into_iter().enumerate() {
            let id = store.evaluation(ada.id, n as i64 / 2).await;
            rows.push((at(n as i64 / 2), consensus, id));
        }
        let stored = rows.clone();
        store
            .write(move |db| {
                for (_, consensus, id) in stored {
                    score(db, id, consensus, consensus.map(|score| 100.0 - score));
                }
                Ok(())
            })
            .await
            .unwrap();
        for sort in [
            Sort::CreatedAt,
            Sort::ConsensusScore,
            Sort::HallucinationScore,
        ] {
            for descending in [false, true] {
                let mut expected = rows.clone();
                expected.sort_by(|a, b| {
                    let value = |row: &(_, Option<f64>, _)| match sort {
                        Sort::HallucinationScore => row.1.map(|score| 100.0 - score),
                        _ => row.1,
                    };
                    let by_id = a.2.cmp(&b.2);
                    let forward = match sort {
                        Sort::CreatedAt => a.0.cmp(&b.0).then(by_id),
                        _ => match (value(a), value(b)) {
                            (Some(x), Some(y)) => x.total_cmp(&y).then(by_id),
                            (None, None) => by_id,
                            // Last either way.
                            (x, y) => return y.is_some().cmp(&x.is_some()),
                        },
                    };
                    if descending {
                        forward.reverse()
                    } else {
                        forward
                    }
                });
                let expected: Vec<_> = expected.into_iter().map(|row| row.2).collect();
                let filter = Filter {
                    sort,
                    descending,
                    ..Filter::default()
                };
                for limit in [1, 2, 4, 9, 100] {
                    let walked = walk(store, ada.id, &filter, limit).await;
                    let walked: Vec<_> = walked.into_iter().map(|item| item.id).collect();
                    assert_eq!(
                        walked, expected,
                        "{sort:?} descending {descending} limit {limit}"
                    );
                }
            }
        }
    }
);

on_both!(filters_narrow_a_list, |store| {
    let ada = store.account("ada").await;
    let (a, b, c) = (
        store.evaluation(ada.id, 1).await,
        store.evaluation(ada.id, 2).await,
        store.evaluation(ada.id, 3).await,
    );
    store
        .write(move |db| {
            score(db, a, Some(40.0), Some(60.0));
            score(db, b, Some(80.0), Some(20.0));
            Ok(())
        })
        .await
        .unwrap();
    let all = Filter::default;
    for (filter, expected) in [
        (
            Filter {
                status: Some(Status::Completed),
                ..all()
            },
            vec![a, b],
        ),
        (
            Filter {
                status: Some(Status::Pending),
                ..all()
            },
            vec![c],
        ),
        (
            Filter {
                status: Some(Status::Failed),
                ..all()
            },
            vec![],
        ),
        (
            Filter {
                min_score: Some(40.0),
                ..all()
            },
            vec![a, b],
        ),
        (
            Filter {
                min_score: Some(40.1),
                ..all()
            },
            vec![b],
        ),
        (
            Filter {
                max_score: Some(79.9),
                ..all()
            },
            vec![a],
        ),
        (
            Filter {
                min_score: Some(50.0),
                max_score: Some(60.0),
                ..all()
            },
            vec![],
        ),
        (
            Filter {
                created_after: Some(at(2)),
                ..all()
            },
            vec![b, c],
        ),
        (
            Filter {
                created_before: Some(at(2)),
                ..all()
            },
            vec![a, b],
        ),
        (
            Filter {
                created_after: Some(at(2)),
                created_before: Some(at(2)),
                ..all()
            },
            vec![b],
        ),
    ] {
        assert_eq!(
            found(store, ada.id, filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
});

on_both!(
    a_search_knows_no_case_in_any_script_and_reads_signs_as_they_stand,
    |store| {
        let ada = store.account("ada").await;
        let german = store
            .evaluation_of(ada.id, 1, "Die ÖFFENTLICHE Straße", "x")
            .await;
        let russian = store
            .evaluation_of(ada.id, 2, "x", "Волга впадает в Каспийское МОРЕ")
            .await;
        let greek = store
            .evaluation_of(ada.id, 3, "Ο ΟΔΟΣΤΡΩΤΗΡΑΣ ΤΗΣ ΟΔΟΥ", "x")
            .await;
        let signs = store.evaluation_of(ada.id, 4, "100% of a_b\\c", "x").await;
        let chinese = store
            .evaluation_of(ada.id, 5, "长江全长6300公里", "end")
            .await;
        for (q, expected) in [
            ("Offentliche STRASSE", vec![german]),
            ("öffentliche straße", vec![german]),
            ("ВОЛГА", vec![russian]),
            ("море", vec![russian]),
            ("οδοσ", vec![greek]),
            ("ΟΔΟΣ", vec![greek]),
            ("της οδου", vec![greek]),
            ("100%", vec![signs]),
            ("1%0", vec![]),
            ("A_B", vec![signs]),
            ("a-b", vec![]),
            ("B\\C", vec![signs]),
            ("6300公", vec![chinese]),
            // Not across the seam of source and candidate.
            ("公里end", vec![]),
            ("", vec![german, russian, greek, signs, chinese]),
        ] {
            let filter = Filter {
                q: Some(q.to_owned()),
                ..Filter::default()
            };
            assert_eq!(found(store, ada.id, filter).await, expected, "{q:?}");
        }
    }
);

on_both!(previews_hold_160_characters, |store| {
    let ada = store.account("ada").await;
    let long = "🦀ä".repeat(50_000);
    store.evaluation_of(ada.id, 1, &long, "short").await;
    let page = page(store, ada.id, &Filter::default(), None, 10).await;
    assert_eq!(page.items[0].source_preview, "🦀ä".repeat(80));
    assert_eq!(page.items[0].candidate_preview, "short");
    assert_eq!(page.next, None);
});

on_both!(a_cursor_of_another_order_is_refused, |store| {
    let ada = store.account("ada").await;
    for second in 0..3 {
        store.evaluation(ada.id, second).await;
    }
    let cursor = page(store, ada.id, &Filter::default(), None, 1).await.next;
    let filter = Filter {
        sort: Sort::ConsensusScore,
        ..Filter::default()
    };
    let outcome = store
        .read(move |db| {
            evaluations::list(db, ada.id, &filter, cursor.as_ref(), 1, &mut Work::none())
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Query(_))));
});
