use super::on_both;
use crate::domain::claim::Span;
use crate::domain::run::Status;
use crate::domain::source::NamedSource;
use crate::store::evaluations::{self, Created, Idempotency, Position};
use crate::store::testing::{at, config, new_evaluation};
use crate::store::{StoreError, new_id};

fn key(name: &str, fingerprint: &str, second: i64) -> Idempotency {
    Idempotency {
        key: name.to_owned(),
        fingerprint: fingerprint.to_owned(),
        now: at(second),
    }
}

on_both!(several_sources_are_kept_by_name_and_place, |store| {
    let ada = store.account("ada").await;
    let named = |name: &str, start, end| NamedSource {
        name: name.to_owned(),
        span: Span { start, end },
    };
    let sources = vec![named("Fähre", 0, 5), named("pool", 7, 11)];
    let mut new = new_evaluation(ada.id, 5, "Fähre\n\npool", "c");
    new.sources.clone_from(&sources);
    let id = new.id;
    let found = store.write(move |db| {
        evaluations::create(db, &new, None)?;
        evaluations::get(db, ada.id, id)
    });
    let found = found.await.unwrap().unwrap();
    assert_eq!(found.sources, sources);
    let other = store.evaluation_of(ada.id, 6, "one", "c").await;
    let other = store.read(move |db| evaluations::get(db, ada.id, other));
    assert!(other.await.unwrap().unwrap().sources.is_empty());
});

on_both!(a_new_evaluation_is_as_it_was_made, |store| {
    let (ada, bob) = (store.account("ada").await, store.account("bob").await);
    let id = store
        .evaluation_of(ada.id, 5, "Quelle: 100 % „wörtlich“", "Kandidat 🦀")
        .await;
    let found = store
        .read(move |db| evaluations::get(db, ada.id, id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id, id);
    assert_eq!(found.status, Status::Pending);
    assert_eq!(found.source_text, "Quelle: 100 % „wörtlich“");
    assert_eq!(found.candidate_output, "Kandidat 🦀");
    assert_eq!(found.question.as_deref(), Some("How long is it?"));
    assert_eq!(found.config, config());
    assert_eq!(found.created_at, at(5));
    assert_eq!((found.epoch.as_str(), found.last_seq), ("first", 0));
    assert_eq!(
        (found.started_at, found.completed_at, found.run_id),
        (None, None, None)
    );
    assert!(found.result.is_none() && found.error.is_none());
    assert!(found.claims.is_empty() && found.judges.is_empty());
    let position = store
        .read(move |db| evaluations::position(db, ada.id, id))
        .await;
    assert_eq!(
        position,
        Ok(Some(Position {
            status: Status::Pending,
            epoch: "first".to_owned(),
            last_seq: 0,
            purged_seq: 0,
            run_id: None,
            node: None,
            fence: 0,
        }))
    );
    let strangers = store
        .read(move |db| {
            Ok((
                evaluations::get(db, bob.id, id)?.is_none(),
                evaluations::position(db, bob.id, id)?.is_none(),
            ))
        })
        .await;
    assert_eq!(strangers, Ok((true, true)));
    assert_eq!(
        store
            .write(move |db| evaluations::delete(db, bob.id, id))
            .await,
        Ok(false)
    );
});

on_both!(a_text_with_nul_is_refused, |store| {
    let ada = store.account("ada").await;
    let new = new_evaluation(ada.id, 0, "a\0b", "c");
    let outcome = store
        .write(move |db| evaluations::create(db, &new, None))
        .await;
    assert!(matches!(outcome, Err(StoreError::Query(_))), "{outcome:?}");
});

on_both!(an_idempotency_key_is_honoured_for_a_day, |store| {
    let (ada, bob) = (store.account("ada").await, store.account("bob").await);
    let create = |user, key: Idempotency| async move {
        let new = new_evaluation(user, 0, "s", "c");
        let id = new.id;
        let created = store
            .write(move |db| evaluations::create(db, &new, Some(&key)))
            .await
            .unwrap();
        (id, created)
    };
    let (first, created) = create(ada.id, key("k", "f", 0)).await;
    assert_eq!(created, Created::New);
    assert_eq!(
        create(ada.id, key("k", "f", 10)).await.1,
        Created::Replayed(first)
    );
    assert_eq!(
        create(ada.id, key("k", "g", 10)).await.1,
        Created::KeyReused
    );
    assert_eq!(create(bob.id, key("k", "g", 10)).await.1, Created::New);
    let day = 24 * 3600;
    assert_eq!(
        create(ada.id, key("k", "f", day - 1)).await.1,
        Created::Replayed(first)
    );
    let (second, created) = create(ada.id, key("k", "g", day)).await;
    assert_eq!(created, Created::New);
    assert_eq!(
        create(ada.id, key("k", "g", day + 1)).await.1,
        Created::Replayed(second)
    );
    let deleted = store
        .write(move |db| evaluations::delete(db, ada.id, second))
        .await;
    assert_eq!(deleted, Ok(true));
    assert_eq!(create(ada.id, key("k", "h", day + 2)).await.1, Created::New);
});

on_both!(
    simultaneous_requests_with_one_key_make_one_evaluation,
    |store| {
        let ada = store.account("ada").await;
        let attempts: Vec<_> = (0..10)
            .map(|_| {
                let (store, user) = ((**store).clone(), ada.id);
                tokio::spawn(async move {
                    let new = new_evaluation(user, 0, "s", "c");
                    let id = new.id;
                    let created = store
                        .write(move |db| evaluations::create(db, &new, Some(&key("k", "f", 0))))
                        .await
                        .unwrap();
                    (id, created)
                })
            })
            .collect();
        let (mut made, mut replayed) = (Vec::new(), Vec::new());
        for attempt in attempts {
            match attempt.await.unwrap() {
                (id, Created::New) => made.push(id),
                (_, Created::Replayed(id)) => replayed.push(id),
                (_, Created::KeyReused) => panic!("same content"),
            }
        }
        assert_eq!((made.len(), replayed.len()), (1, 9));
        assert!(replayed.iter().all(|id| *id == made[0]));
        let page = store
            .read(move |db| {
                evaluations::list(
                    db,
                    ada.id,
                    &evaluations::Filter::default(),
                    None,
                    10,
                    &mut evaluations::Work::none(),
                )
            })
            .await
            .unwrap();
        assert_eq!(page.items.len(), 1);
    }
);

on_both!(an_evaluation_of_nobody_is_refused, |store| {
    let new = new_evaluation(new_id(), 0, "s", "c");
    let outcome = store
        .write(move |db| evaluations::create(db, &new, None))
        .await;
    assert!(matches!(outcome, Err(StoreError::NotFound)), "{outcome:?}");
});
