use std::collections::BTreeSet;

use super::changes::{begin, detail, result, step};
use super::on_both;
use crate::domain::run::{Change, Ending, Status};
use crate::store::fleet::claims::{self, Claimed};
use crate::store::journal::AppendError;
use crate::store::runs::{self, Begin, NewRun};
use crate::store::testing::{at, config, offer};
use crate::store::{evaluations, new_id};

on_both!(of_many_simultaneous_starts_one_starts, |store| {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let attempts: Vec<_> = (0..16)
        .map(|_| {
            let (store, user) = ((**store).clone(), ada.id);
            tokio::spawn(async move {
                let run = NewRun {
                    id: new_id(),
                    client_request_id: None,
                    started_at: at(1),
                    node: None,
                    api_key: None,
                };
                let id = run.id;
                let outcome = store
                    .write(move |db| runs::begin(db, user, session, &run))
                    .await
                    .unwrap();
                (id, outcome)
            })
        })
        .collect();
    let (mut started, mut told) = (Vec::new(), Vec::new());
    for attempt in attempts {
        match attempt.await.unwrap() {
            (
                id,
                Begin::Started {
                    config: found,
                    epoch,
                    last_seq,
                    fence,
                },
            ) => {
                assert_eq!(
                    (found, epoch.as_str(), last_seq, fence),
                    (config(), "first", 0, 1)
                );
                started.push(id);
            }
            (_, Begin::InProgress { run_id }) => told.push(run_id),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((started.len(), told.len()), (1, 15));
    assert!(told.iter().all(|run| *run == started[0]));
    let node = store.node().await;
    let claims = store.write(move |db| claims::take(db, node, at(2), offer(8, 8)));
    let claims = claims.await.unwrap();
    assert_eq!(
        claims.runs,
        [Claimed {
            session,
            run: started[0],
            user: ada.id,
            fence: 2,
            only_to_end: false,
            is_orphaned: false,
        }]
    );
});

on_both!(
    simultaneous_starts_with_one_request_id_are_one_start,
    |store| {
        let ada = store.account("ada").await;
        let session = store.evaluation(ada.id, 0).await;
        let attempts: Vec<_> = (0..8)
            .map(|_| {
                let (store, user) = ((**store).clone(), ada.id);
                tokio::spawn(async move {
                    let run = NewRun {
                        id: new_id(),
                        client_request_id: Some("r".to_owned()),
                        started_at: at(1),
                        node: None,
                        api_key: None,
                    };
                    store
                        .write(move |db| runs::begin(db, user, session, &run))
                        .await
                        .unwrap()
                })
            })
            .collect();
        let mut started = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Begin::Started { .. } => started += 1,
                Begin::Repeated { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(started, 1);
    }
);

on_both!(
    a_request_id_starts_once_even_after_the_run_has_ended,
    |store| {
        let (ada, bob) = (store.account("ada").await, store.account("bob").await);
        let session = store.evaluation(ada.id, 0).await;
        let journal = store.journal();
        assert_eq!(begin(store, bob.id, session, None).await.1, Begin::NotFound);
        let (first, started) = begin(store, ada.id, session, Some("r1")).await;
        assert!(matches!(started, Begin::Started { last_seq: 0, .. }));
        assert_eq!(
            begin(store, ada.id, session, Some("r1")).await.1,
            Begin::Repeated { run_id: first }
        );
        assert_eq!(
            begin(store, ada.id, session, Some("r2")).await.1,
            Begin::InProgress { run_id: first }
        );
        let ending = Ending {
            status: Status::Completed,
            result: Some(result()),
            error: None,
        };
        journal
            .append(step(
                session,
                first,
                0,
                vec![Change::Ended(Box::new(ending))],
            ))
            .await
            .unwrap();
        let node = store.node().await;
        let claims = store.write(move |db| claims::take(db, node, at(2), offer(8, 8)));
        assert_eq!(claims.await.unwrap().runs, [], "it has ended");
        assert_eq!(
            begin(store, ada.id, session, Some("r1")).await.1,
            Begin::Repeated { run_id: first }
        );
        let before = detail(store, ada.id, session).await;
        assert_eq!(before.result, Some(result()));
        assert_eq!(
            (before.status, before.completed_at),
            (Status::Completed, Some(at(70)))
        );
        let (second, again) = begin(store, ada.id, session, Some("r2")).await;
        assert!(matches!(again, Begin::Started { last_seq: 1, .. }));
        // The earlier run's figures are not those of this one.
        let after = detail(store, ada.id, session).await;
        assert_eq!(
            (after.status, after.run_id),
            (Status::InProgress, Some(second))
        );
        assert_eq!(
            (after.result, after.completed_at, after.error),
            (None, None, None)
        );
        let list = store
            .read(move |db| {
                evaluations::list(
                    db,
                    ada.id,
                    &evaluations::Filter::default(),
                    None,
                    1,
                    &mut evaluations::Work::none(),
                )
            })
            .await
            .unwrap();
        assert_eq!(
            (
                list.items[0].consensus_score,
                list.items[0].hallucination_score
            ),
            (None, None)
        );
        // A word of the run that is over does not end the new one.
        let late = Ending {
            status: Status::Cancelled,
            result: None,
            error: None,
        };
        let late = step(session, first, 1, vec![Change::Ended(Box::new(late))]);
        assert_eq!(journal.append(late).await, Err(AppendError::Fenced));
        assert_eq!(
            detail(store, ada.id, session).await.status,
            Status::InProgress
        );
    }
);

on_both!(a_row_that_cannot_be_read_keeps_no_other_back, |store| {
    let ada = store.account("ada").await;
    let node = store.node().await;
    let first = store.evaluation(ada.id, 0).await;
    begin(store, ada.id, first, None).await;
    for damage in ["run_id = NULL", "run_id = 'x'"] {
        let session = store.evaluation(ada.id, 0).await;
        begin(store, ada.id, session, None).await;
        store
            .sql(&format!(
                "UPDATE evaluation_sessions SET {damage} WHERE id = '{session}'"
            ))
            .await;
    }
    let last = store.evaluation(ada.id, 0).await;
    begin(store, ada.id, last, None).await;
    let claims = store.write(move |db| claims::take(db, node, at(60), offer(8, 8)));
    let claims = claims.await.unwrap();
    let found: BTreeSet<_> = claims.runs.iter().map(|run| run.session).collect();
    assert_eq!(found, BTreeSet::from([first, last]));
    assert!(!claims.waiting, "the damaged ones are not asked for again");
});
