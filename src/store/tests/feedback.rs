use std::collections::BTreeMap;

use super::changes::{begin, claim, report, step};
use super::on_both;
use crate::domain::calibration::Confusion;
use crate::domain::claim::Claim;
use crate::domain::ids::{ClaimId, SessionId};
use crate::domain::report::JudgeStatus;
use crate::domain::run::Change;
use crate::domain::verdict::{ClaimLabel, Label};
use crate::store::feedback::{self, Feedback, Given, MAX_FEEDBACK};
use crate::store::tables::columns::time;
use crate::store::tables::schema::feedback::dsl;
use crate::store::testing::at;
use crate::store::{Db, StoreError, new_id};
use diesel::prelude::*;

fn opinion(claim_id: Option<ClaimId>) -> Feedback {
    Feedback {
        id: new_id(),
        claim_id,
        label: None,
        score: Some(7.0),
        comment: None,
        created_at: at(0),
    }
}

fn put(db: &mut Db, session: SessionId, claim_id: Option<ClaimId>) -> Result<(), StoreError> {
    let values = (
        dsl::id.eq(new_id::<crate::domain::ids::Feedback>().to_string()),
        dsl::session_id.eq(session.to_string()),
        dsl::claim_id.eq(claim_id.map(|id| id.to_string())),
        dsl::score.eq(1.0),
        dsl::created_at.eq(time(at(0))),
    );
    diesel::insert_into(dsl::feedback)
        .values(values)
        .execute(db)?;
    Ok(())
}

on_both!(so_much_is_kept_of_an_evaluation, |store| {
    let user = store.account("ada").await.id;
    let other = store.account("bob").await.id;
    let session = store.evaluation(user, 0).await;
    let given = store.write(move |db| feedback::create(db, other, session, &opinion(None)));
    assert_eq!(given.await.unwrap(), Given::NotFound, "somebody else's");
    let mut left = MAX_FEEDBACK - 1;
    while left > 0 {
        // On a busy machine all of them take longer than a transaction may.
        let rows = left.min(500);
        let filled = store.write(move |db| {
            for _ in 0..rows {
                put(db, session, None)?;
            }
            Ok(())
        });
        filled.await.unwrap();
        left -= rows;
    }
    for expected in [Given::Done, Given::TooMany] {
        let given = store.write(move |db| feedback::create(db, user, session, &opinion(None)));
        assert_eq!(given.await.unwrap(), expected);
    }
});

on_both!(judges_labels_are_counted_against_what_people_say, |store| {
    let ada = store.account("ada").await.id;
    let bob = store.account("bob").await.id;
    let session = store.evaluation(ada, 0).await;
    let (run, _) = begin(store, ada, session, None).await;
    let claims: Vec<Claim> = (0..3).map(|n| claim(n, "x")).collect();
    let judged = |name: &str, status: JudgeStatus, labels: [Label; 3]| {
        let mut said = report(name, status, &claims[0]);
        said.claim_verdicts = claims
            .iter()
            .zip(labels)
            .map(|(claim, label)| ClaimLabel {
                claim_id: claim.id,
                label,
                confidence: 0.9,
                probability: None,
            })
            .collect();
        Change::Report(Box::new(said))
    };
    use Label::{NotEnoughInfo, Refuted, Supported};
    let changes = vec![
        Change::Claims(claims.clone()),
        judged("a", JudgeStatus::Completed, [Supported, Refuted, Refuted]),
        judged("b", JudgeStatus::Failed, [Refuted, Refuted, Refuted]),
    ];
    let journal = store.journal();
    journal
        .append(step(session, run, 0, changes))
        .await
        .unwrap();
    // Of the first claim somebody changed their mind; of the third nobody said anything.
    for (at, label) in [(0, Refuted), (1, NotEnoughInfo), (0, Supported)] {
        let said = Feedback {
            label: Some(label),
            score: None,
            ..opinion(Some(claims[at].id))
        };
        let given = store.write(move |db| feedback::create(db, ada, session, &said));
        assert_eq!(given.await.unwrap(), Given::Done);
    }
    let mut expected = Confusion::default();
    expected.count(Supported, Supported);
    expected.count(NotEnoughInfo, Refuted);
    let counted = |user| store.read(move |db| feedback::confusions(db, user));
    let all = BTreeMap::from([("a".to_owned(), expected)]);
    assert_eq!(counted(None).await.unwrap(), all);
    assert_eq!(counted(Some(ada)).await.unwrap(), all);
    assert_eq!(counted(Some(bob)).await.unwrap(), BTreeMap::new());
});

on_both!(
    what_is_said_of_what_was_just_deleted_is_not_found,
    |store| {
        let user = store.account("ada").await.id;
        let session = store.evaluation(user, 0).await;
        // Of a run that was deleted after somebody looked it up.
        let gone = Some(new_id());
        let row = store.write(move |db| put(db, session, gone));
        assert_eq!(row.await.unwrap_err(), StoreError::NotFound);
    }
);
