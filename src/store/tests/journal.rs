use chrono::Utc;

use super::on_both;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::run::Change;
use crate::store::journal::{self, Append, AppendError, Journal, StoredEvent};
use crate::store::runs::{self, NewRun};
use crate::store::tables::schema;
use crate::store::testing::{TestStore, at};
use crate::store::{evaluations, new_id};
use diesel::prelude::*;

pub(super) async fn started(store: &TestStore, user: UserId) -> (SessionId, RunId) {
    let session = store.evaluation(user, 0).await;
    let run = NewRun {
        id: new_id(),
        client_request_id: None,
        started_at: at(1),
        node: None,
        api_key: None,
    };
    let id = run.id;
    store
        .write(move |db| runs::begin(db, user, session, &run))
        .await
        .unwrap();
    (session, id)
}

fn frame(session: SessionId, seq: i64) -> String {
    format!("{{\"seq\":{seq},  \"session\":\"{session}\",\"nul\":\"\\u0000\",\"text\":\"ü🦀\"}}")
}

pub(super) fn append(session_id: SessionId, run_id: RunId, base: i64, events: i64) -> Append {
    Append {
        session_id,
        run_id,
        epoch: "first".to_owned(),
        base,
        fence: 1,
        progress: None,
        events: (base + 1..=base + events)
            .map(|seq| StoredEvent {
                seq,
                kind: "evaluation_progress",
                ts: at(seq),
                frame: frame(session_id, seq).into(),
            })
            .collect(),
        changes: Vec::new(),
        now: at(100),
    }
}

async fn log(store: &TestStore, session: SessionId) -> Vec<(i64, String)> {
    store
        .read(move |db| journal::read(db, session, 0, 10_000, usize::MAX))
        .await
        .unwrap()
        .into_iter()
        .map(|(seq, frame)| (seq, frame.to_string()))
        .collect()
}

fn expected(session: SessionId, events: i64) -> Vec<(i64, String)> {
    (1..=events).map(|seq| (seq, frame(session, seq))).collect()
}

on_both!(frames_come_back_byte_for_byte_in_bounded_parts, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let journal = store.journal();
    journal.append(append(session, run, 0, 3)).await.unwrap();
    journal.append(append(session, run, 3, 7)).await.unwrap();
    assert_eq!(log(store, session).await, expected(session, 10));
    let size = frame(session, 1).len();
    for (after, until, limit, bytes, found) in [
        (0, i64::MAX, 4, usize::MAX, vec![1, 2, 3, 4]),
        (8, i64::MAX, 4, usize::MAX, vec![9, 10]),
        (10, i64::MAX, 4, usize::MAX, vec![]),
        (0, i64::MAX, 4, 1, vec![1]),
        (0, i64::MAX, 4, 2 * size, vec![1, 2]),
        (2, 5, 100, usize::MAX, vec![3, 4, 5]),
    ] {
        let events = store
            .read(move |db| journal::read_until(db, session, after, until, limit, bytes))
            .await
            .unwrap();
        let events: Vec<i64> = events.into_iter().map(|(seq, _)| seq).collect();
        assert_eq!(
            events, found,
            "after {after} until {until} limit {limit} bytes {bytes}"
        );
    }
    let stats = journal.stats();
    assert_eq!((stats.events, stats.commits), (10, 2));
});

on_both!(
    an_append_needs_its_place_its_epoch_and_its_session,
    |store| {
        let ada = store.account("ada").await;
        let (session, run) = started(store, ada.id).await;
        let journal = store.journal();
        journal.append(append(session, run, 0, 2)).await.unwrap();

        assert_eq!(
            journal.append(append(session, run, 5, 1)).await,
            Err(AppendError::Conflict)
        );
        let mut stranger = append(session, run, 2, 1);
        stranger.epoch = "second".to_owned();
        assert_eq!(journal.append(stranger).await, Err(AppendError::Conflict));
        let mut other = append(session, run, 1, 1);
        other.events[0].frame = "{}".into();
        assert_eq!(journal.append(other).await, Err(AppendError::Conflict));
        // The tail of it is there, the rest is not: somebody else has written.
        assert_eq!(
            journal.append(append(session, run, 1, 2)).await,
            Err(AppendError::Conflict)
        );
        let mut hole = append(session, run, 2, 2);
        hole.events[1].seq = 5;
        assert!(matches!(
            journal.append(hole).await,
            Err(AppendError::Query(_))
        ));
        assert_eq!(log(store, session).await, expected(session, 2));

        store
            .write(move |db| evaluations::delete(db, ada.id, session))
            .await
            .unwrap();
        assert_eq!(
            journal.append(append(session, run, 2, 1)).await,
            Err(AppendError::Gone)
        );
    }
);

on_both!(an_append_that_landed_may_be_handed_in_again, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let journal = store.journal();
    let claim = Claim {
        id: new_id(),
        index: 0,
        text: "x".to_owned(),
        kind: ClaimType::Factual,
        span: Span { start: 0, end: 1 },
    };
    let mut first = append(session, run, 0, 2);
    first.changes.push(Change::Claims(vec![claim.clone()]));
    let mut silent = append(session, run, 2, 0);
    silent.changes.push(Change::Claims(vec![claim.clone()]));
    for _ in 0..2 {
        assert_eq!(journal.append(first.clone()).await, Ok(()));
    }
    // Without events there is nothing to tell it by: written again, it changes nothing.
    for _ in 0..2 {
        assert_eq!(journal.append(silent.clone()).await, Ok(()));
    }
    journal.append(append(session, run, 2, 3)).await.unwrap();
    assert_eq!(journal.append(first).await, Ok(()));
    assert_eq!(log(store, session).await, expected(session, 5));
    let loaded = store
        .read(move |db| runs::load(db, session, run, Utc::now()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(loaded.claims, Some(vec![claim]));
});

on_both!(
    one_bad_append_does_not_harm_those_that_share_its_transaction,
    |store| {
        let ada = store.account("ada").await;
        let mut sessions = Vec::new();
        for _ in 0..9 {
            sessions.push(started(store, ada.id).await);
        }
        let (gone, _) = sessions[3];
        store
            .write(move |db| evaluations::delete(db, ada.id, gone))
            .await
            .unwrap();
        let mut appends: Vec<Append> = sessions
            .iter()
            .map(|&(session, run)| append(session, run, 0, 2))
            .collect();
        appends[5].base = 1;
        appends[5].events.remove(0);
        // A change that the database refuses: claims of a run that is not there.
        appends[7].run_id = new_id();
        appends[7].changes.push(Change::Claims(vec![Claim {
            id: new_id(),
            index: 0,
            text: "x".to_owned(),
            kind: ClaimType::Factual,
            span: Span { start: 0, end: 1 },
        }]));
        let outcomes = store
            .blocking(
                store.journal_slot().await.unwrap(),
                store.write_turn().await,
                move |db, _| Ok(crate::store::log::batch::write(db, &appends, |_| {})),
            )
            .await
            .unwrap();
        for (n, outcome) in outcomes.iter().enumerate() {
            let (session, _) = sessions[n];
            let events = match n {
                3 => {
                    assert_eq!(*outcome, Err(AppendError::Gone));
                    0
                }
                5 => {
                    assert_eq!(*outcome, Err(AppendError::Conflict));
                    0
                }
                7 => {
                    assert!(matches!(outcome, Err(AppendError::Query(_))), "{outcome:?}");
                    0
                }
                _ => {
                    assert_eq!(*outcome, Ok(()));
                    2
                }
            };
            assert_eq!(
                log(store, session).await,
                expected(session, events),
                "append {n}"
            );
        }
    }
);

on_both!(
    several_appends_of_one_session_share_a_transaction_in_their_order,
    |store| {
        let ada = store.account("ada").await;
        let (session, run) = started(store, ada.id).await;
        let (other, other_run) = started(store, ada.id).await;
        let appends = vec![
            append(session, run, 0, 2),
            append(session, run, 2, 1),
            append(session, run, 3, 2),
            append(other, other_run, 0, 1),
        ];
        let outcome = store
            .blocking(
                store.journal_slot().await.unwrap(),
                store.write_turn().await,
                move |db, _| {
                    let mut commits = 0;
                    let outcomes = crate::store::log::batch::write(db, &appends, |_| commits += 1);
                    Ok((outcomes, commits))
                },
            )
            .await
            .unwrap();
        assert_eq!(outcome, (vec![Ok(()); 4], 1));
        assert_eq!(log(store, session).await, expected(session, 5));
    }
);

async fn feed(journal: Journal, session: SessionId, run: RunId, appends: i64) {
    for n in 0..appends {
        let mut next = append(session, run, n * 2, 2);
        next.progress = Some(n as f64);
        assert_eq!(journal.append(next).await, Ok(()));
    }
}

on_both!(
    many_runs_and_writers_at_once_lose_nothing_and_meet_no_lock,
    |store| {
        let ada = store.account("ada").await;
        let journal = store.journal();
        let mut sessions = Vec::new();
        for _ in 0..30 {
            sessions.push(started(store, ada.id).await);
        }
        let mut tasks: Vec<_> = sessions
            .iter()
            .map(|&(session, run)| tokio::spawn(feed(journal.clone(), session, run, 20)))
            .collect();
        for n in 0..4 {
            let (store, user) = ((**store).clone(), ada.id);
            tasks.push(tokio::spawn(async move {
                for m in 0..10 {
                    let new = crate::store::testing::new_evaluation(user, n * 10 + m, "s", "c");
                    let id = new.id;
                    store
                        .write(move |db| evaluations::create(db, &new, None))
                        .await
                        .unwrap();
                    store
                        .write(move |db| evaluations::delete(db, user, id))
                        .await
                        .unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        for (session, run) in sessions {
            assert_eq!(log(store, session).await, expected(session, 40));
            let loaded = store
                .read(move |db| runs::load(db, session, run, Utc::now()))
                .await
                .unwrap()
                .unwrap();
            assert_eq!((loaded.last_seq, loaded.progress), (40, Some(19.0)));
        }
        let stats = journal.stats();
        assert_eq!(stats.events, 1200);
        assert!(
            stats.commits < 600,
            "{stats:?}: nothing was committed together"
        );
    }
);

on_both!(
    two_journals_on_one_database_do_not_block_each_other_for_good,
    |store| {
        let ada = store.account("ada").await;
        let (one, two) = (store.journal(), store.journal());
        let mut tasks = Vec::new();
        let mut sessions = Vec::new();
        for n in 0..20 {
            let (session, run) = started(store, ada.id).await;
            let journal = if n % 2 == 0 { one.clone() } else { two.clone() };
            tasks.push(tokio::spawn(feed(journal, session, run, 10)));
            sessions.push(session);
        }
        for task in tasks {
            task.await.unwrap();
        }
        for session in sessions {
            assert_eq!(log(store, session).await.len(), 20);
        }
    }
);

on_both!(a_deleted_evaluation_takes_everything_with_it, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let mut step = append(session, run, 0, 2);
    step.changes.push(Change::Claims(vec![Claim {
        id: new_id(),
        index: 0,
        text: "x".to_owned(),
        kind: ClaimType::Factual,
        span: Span { start: 0, end: 1 },
    }]));
    store.journal().append(step).await.unwrap();
    let rows = |db: &mut crate::store::Db| {
        Ok([
            schema::session_events::table
                .count()
                .get_result::<i64>(db)?,
            schema::evaluation_runs::table
                .count()
                .get_result::<i64>(db)?,
            schema::claims::table.count().get_result::<i64>(db)?,
            schema::evaluation_texts::table
                .count()
                .get_result::<i64>(db)?,
            schema::evaluation_sessions::table
                .count()
                .get_result::<i64>(db)?,
        ])
    };
    assert_eq!(store.read(rows).await, Ok([2, 1, 1, 1, 1]));
    let deleted = store
        .write(move |db| evaluations::delete(db, ada.id, session))
        .await;
    assert_eq!(deleted, Ok(true));
    store.remove_deleted().await;
    assert_eq!(store.read(rows).await, Ok([0; 5]));
});

#[tokio::test]
async fn the_end_of_the_writer_is_seen() {
    let journal = crate::store::testing::broken_journal();
    journal.broken().await;
    let outcome = journal.append(append(new_id(), new_id(), 0, 1)).await;
    assert!(
        matches!(outcome, Err(AppendError::Unavailable(_))),
        "{outcome:?}"
    );
    // One that works is not broken, and its end is no fault once nobody wants to write.
    let store = crate::store::testing::sqlite();
    let journal = store.journal();
    let broken = journal.broken();
    tokio::pin!(broken);
    let soon = tokio::time::timeout(std::time::Duration::from_millis(50), &mut broken);
    assert!(soon.await.is_err());
    drop(journal);
    broken.await;
}
