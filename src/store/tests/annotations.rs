use std::collections::{BTreeMap, BTreeSet};

use super::changes::{begin, result, step};
use super::on_both;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::result::{ClaimCounts, Faithfulness};
use crate::domain::run::{Change, Ending, Status};
use crate::store::annotations::{self, Annotated, AnnotationChanges, Annotations};
use crate::store::evaluations::{self, ClaimsByLabel, Filter, Sort, Work};
use crate::store::feedback::{self, Feedback};
use crate::store::quota::{Full, Quota};
use crate::store::testing::{TestStore, at};
use crate::store::{new_id, runs, statistics};

fn tags(tags: &[&str]) -> BTreeSet<String> {
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn named(name: &str, own: &[&str]) -> AnnotationChanges {
    AnnotationChanges {
        name: Some(Some(name.to_owned())),
        tags: Some(tags(own)),
        notes: None,
    }
}

async fn change(
    store: &TestStore,
    user: UserId,
    session: SessionId,
    changes: AnnotationChanges,
    bytes: u64,
) -> Annotated {
    let quota = Quota {
        evaluations: 0,
        bytes,
    };
    store
        .write(move |db| annotations::change(db, user, session, changes.clone(), quota))
        .await
        .unwrap()
}

async fn bytes(store: &TestStore, user: UserId) -> u64 {
    let mut most = 0;
    // The least quota that has room for what is there.
    for bit in (0..20).rev() {
        let tried = most | (1_u64 << bit);
        let quota = Quota {
            evaluations: 0,
            bytes: tried,
        };
        let full = store
            .write(move |db| crate::store::quota::exceeded(db, user, quota, 0, 1))
            .await
            .unwrap();
        if full.is_some() {
            most = tried;
        }
    }
    most
}

on_both!(what_an_owner_adds_is_kept_changed_and_counted, |store| {
    let ada = store.account("ada").await.id;
    let bob = store.account("bob").await.id;
    let session = store.evaluation(ada, 1).await;
    let before = bytes(store, ada).await;
    assert_eq!(
        change(store, bob, session, named("mine", &[]), 0).await,
        Annotated::NotFound
    );
    let first = change(store, ada, session, named("Mill", &["b", "a"]), 0).await;
    let kept = Annotations {
        name: Some("Mill".to_owned()),
        tags: tags(&["a", "b"]),
        notes: None,
    };
    assert_eq!(first, Annotated::Done(kept));
    assert_eq!(bytes(store, ada).await, before + 6);
    // What is left out stays; what is null goes.
    let notes = AnnotationChanges {
        notes: Some(Some("long".repeat(10))),
        tags: Some(tags(&["b", "c"])),
        ..AnnotationChanges::default()
    };
    assert_eq!(
        change(store, ada, session, notes.clone(), before + 20).await,
        Annotated::Full(Full::Bytes(before + 20))
    );
    change(store, ada, session, notes, 0).await;
    let detail = store
        .read(move |db| evaluations::get(db, ada, session))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        detail.annotations,
        Annotations {
            name: Some("Mill".to_owned()),
            tags: tags(&["b", "c"]),
            notes: Some("long".repeat(10)),
        }
    );
    let nothing = AnnotationChanges {
        name: Some(None),
        tags: Some(BTreeSet::new()),
        notes: Some(None),
    };
    // To take something away there is always room.
    assert_eq!(
        change(store, ada, session, nothing, 1).await,
        Annotated::Done(Annotations::default())
    );
    assert_eq!(bytes(store, ada).await, before);
});

on_both!(
    lists_and_searches_know_names_tags_notes_and_questions,
    |store| {
        let ada = store.account("ada").await.id;
        let bob = store.account("bob").await.id;
        let (first, second) = (
            store.evaluation_of(ada, 1, "hay", "x").await,
            store.evaluation_of(ada, 2, "hay", "x").await,
        );
        let foreign = store.evaluation_of(bob, 3, "hay", "x").await;
        change(store, ada, first, named("Needle of one", &["red"]), 0).await;
        change(
            store,
            ada,
            second,
            named("other", &["red", "Blue needle"]),
            0,
        )
        .await;
        change(store, bob, foreign, named("needle", &["red"]), 0).await;
        store
            .sql(&format!(
                "UPDATE evaluation_previews SET notes = 'see the BARN' WHERE session_id = '{second}'"
            ))
            .await;
        store
            .sql(&format!(
                "UPDATE evaluation_sessions SET question = 'Whose barn is it?', \
                 search_indexed = FALSE WHERE id = '{first}'"
            ))
            .await;
        let found = |q: Option<&'static str>, tag: Option<&'static str>| async move {
            let filter = Filter {
                q: q.map(str::to_owned),
                tag: tag.map(str::to_owned),
                ..Filter::default()
            };
            let page = store
                .read(move |db| evaluations::list(db, ada, &filter, None, 10, &mut Work::none()));
            let page = page.await.unwrap();
            page.items
                .into_iter()
                .map(|item| (item.id, item.name.unwrap_or_default(), item.tags))
                .collect::<Vec<_>>()
        };
        let one = (first, "Needle of one".to_owned(), tags(&["red"]));
        let other = (second, "other".to_owned(), tags(&["Blue needle", "red"]));
        let both = [one.clone(), other.clone()];
        assert_eq!(found(None, Some("red")).await, both);
        assert_eq!(found(None, Some("Blue needle")).await, [other]);
        assert_eq!(found(None, Some("r")).await, []);
        assert_eq!(found(Some("NEEDLE"), None).await, both, "name and tag");
        assert_eq!(found(Some("barn"), None).await, both, "question and notes");
        assert_eq!(found(Some("whose"), Some("red")).await, [one]);
        let listed = store.read(move |db| annotations::tags(db, ada)).await;
        assert_eq!(
            listed.unwrap(),
            BTreeMap::from([("Blue needle".to_owned(), 1), ("red".to_owned(), 2)])
        );
    }
);

on_both!(
    the_figures_of_a_result_are_those_of_lists_runs_and_sums,
    |store| {
        let ada = store.account("ada").await.id;
        let session = store.evaluation(ada, 0).await;
        let other = store.evaluation(ada, 1).await;
        let journal = store.journal();
        let mut whole = result();
        whole.faithfulness = Some(Faithfulness {
            probability: 0.125,
            flagged: true,
            threshold: 0.45,
            basis: "built-in/1".to_owned(),
            interval: None,
        });
        whole.claims = ClaimCounts {
            total: 6,
            supported: 3,
            refuted: 1,
            not_enough_info: 2,
            supported_interval: None,
        };
        let (run, _) = begin(store, ada, session, None).await;
        let ending = Ending {
            status: Status::Completed,
            result: Some(whole),
            error: None,
        };
        let ended = step(session, run, 0, vec![Change::Ended(Box::new(ending))]);
        journal.append(ended).await.unwrap();
        change(store, ada, session, named("one", &["red"]), 0).await;
        let filter = Filter {
            sort: Sort::Probability,
            ..Filter::default()
        };
        let page = store
            .read(move |db| evaluations::list(db, ada, &filter, None, 10, &mut Work::none()))
            .await
            .unwrap();
        let claims = ClaimsByLabel {
            supported: 3,
            refuted: 1,
            not_enough_info: 2,
        };
        let figures: Vec<_> = page
            .items
            .iter()
            .map(|item| (item.id, item.probability, item.claims))
            .collect();
        assert_eq!(
            figures,
            [(session, Some(0.125), Some(claims)), (other, None, None)],
            "without one comes last"
        );
        let counted = |tag: Option<&str>| statistics::Selection {
            user: ada,
            from: at(0) - chrono::TimeDelta::days(1),
            tag: tag.map(str::to_owned),
        };
        for (tag, expected) in [(None, 2), (Some("red"), 1), (Some("blue"), 0)] {
            let counted = counted(tag);
            let days = store.read(move |db| statistics::days(db, &counted)).await;
            let days = days.unwrap();
            let number: i64 = days.iter().map(|day| day.count).sum();
            assert_eq!(number, expected, "{tag:?}");
            if expected > 0 {
                let ended = days.iter().find(|day| day.status == Status::Completed);
                let ended = ended.unwrap();
                assert_eq!(ended.probability, (0.125, 1));
                assert_eq!(ended.claims, (3, 1, 2));
            }
        }
        let all = counted(None);
        let judges = store.read(move |db| statistics::judges(db, &all)).await;
        assert_eq!(judges.unwrap(), [], "none was heard");
        // Another run takes them away until it ends, and stands before the first one.
        let (again, _) = begin(store, ada, session, None).await;
        let runs = store
            .read(move |db| runs::list(db, session, None, 10))
            .await
            .unwrap();
        let told: Vec<_> = runs
            .iter()
            .map(|run| (run.id, run.status, run.claims()))
            .collect();
        assert_eq!(
            told,
            [
                (again, Status::InProgress, None),
                (run, Status::Completed, Some(claims))
            ]
        );
        let earlier = store
            .read(move |db| runs::list(db, session, Some(again), 10))
            .await
            .unwrap();
        assert_eq!(earlier.iter().map(|run| run.id).collect::<Vec<_>>(), [run]);
        let page = store
            .read(move |db| {
                evaluations::list(db, ada, &Filter::default(), None, 1, &mut Work::none())
            })
            .await
            .unwrap();
        assert_eq!(
            (page.items[0].probability, page.items[0].claims),
            (None, None)
        );
    }
);

on_both!(an_opinion_is_taken_back_by_its_owner_alone, |store| {
    let ada = store.account("ada").await.id;
    let bob = store.account("bob").await.id;
    let (session, other) = (
        store.evaluation(ada, 0).await,
        store.evaluation(ada, 1).await,
    );
    let before = bytes(store, ada).await;
    let opinion = Feedback {
        id: new_id(),
        claim_id: None,
        label: None,
        score: Some(7.0),
        comment: Some("twelve bytes".to_owned()),
        created_at: at(0),
    };
    let id = opinion.id;
    store
        .write(move |db| feedback::create(db, ada, session, &opinion))
        .await
        .unwrap();
    assert_eq!(bytes(store, ada).await, before + 12);
    for (user, of, expected) in [
        (bob, session, false),
        (ada, other, false),
        (ada, session, true),
        (ada, session, false),
    ] {
        let taken = store.write(move |db| feedback::withdraw(db, user, of, id));
        assert_eq!(taken.await.unwrap(), expected);
    }
    assert_eq!(bytes(store, ada).await, before);
    let left = store.read(move |db| feedback::list(db, session, None, 10));
    assert_eq!(left.await.unwrap(), []);
});
