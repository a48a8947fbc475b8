use chrono::Utc;

use super::on_both;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::details::Details;
use crate::domain::event::{ErrorType, RunError};
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::report::{Failure, JudgeReport, JudgeStatus, Usage};
use crate::domain::result::AuditResult;
use crate::domain::run::{Change, Ending, Status};
use crate::domain::verdict::{ClaimLabel, Decision, Evidence, Label, Probabilities, Verdict};
use crate::store::journal::{Append, AppendError, StoredEvent};
use crate::store::runs::{self, Begin, NewRun};
use crate::store::testing::{TestStore, at, config};
use crate::store::{evaluations, new_id};

pub(super) async fn begin(
    store: &TestStore,
    user: UserId,
    session: SessionId,
    request: Option<&str>,
) -> (RunId, Begin) {
    let run = NewRun {
        id: new_id(),
        client_request_id: request.map(str::to_owned),
        started_at: at(50),
        node: None,
        api_key: None,
    };
    let id = run.id;
    let outcome = store
        .write(move |db| runs::begin(db, user, session, &run))
        .await
        .unwrap();
    (id, outcome)
}

/// An append with one event for each of the changes, or one if there are none.
pub(super) fn step(
    session_id: SessionId,
    run_id: RunId,
    base: i64,
    changes: Vec<Change>,
) -> Append {
    let events = (1..=changes.len().max(1) as i64)
        .map(|n| StoredEvent {
            seq: base + n,
            kind: "evaluation_progress",
            ts: at(60),
            frame: format!("{{\"seq\":{}}}", base + n).into(),
        })
        .collect();
    Append {
        session_id,
        run_id,
        epoch: "first".to_owned(),
        base,
        fence: 1,
        progress: Some(base as f64 + 0.1),
        events,
        changes,
        now: at(70),
    }
}

pub(super) fn claim(index: usize, text: &str) -> Claim {
    Claim {
        id: new_id(),
        index,
        text: text.to_owned(),
        kind: if index == 0 {
            ClaimType::Numerical
        } else {
            ClaimType::Quotation
        },
        span: Span {
            start: index,
            end: index + 7,
        },
    }
}

fn verdict(claim: &Claim, label: Label) -> Verdict {
    Verdict {
        claim: claim.clone(),
        label,
        confidence: 1.0 / 3.0,
        probability: Probabilities::normalised(1.0, 1.0, 1.0),
        evidence: vec![Evidence {
            text: "„Beleg“\n".to_owned(),
            span: Span { start: 3, end: 9 },
            source: "source_text".to_owned(),
            document: None,
        }],
        reasoning: "the number is the same".to_owned(),
    }
}

pub(super) fn report(name: &str, status: JudgeStatus, claim: &Claim) -> JudgeReport {
    let completed = status == JudgeStatus::Completed;
    JudgeReport {
        judge_name: name.to_owned(),
        kind: "openai".to_owned(),
        model: "m-1".to_owned(),
        status,
        score: completed.then_some(200.0 / 3.0),
        confidence: completed.then_some(0.1 + 0.2),
        reasoning: "because".to_owned(),
        flagged_issues: vec![
            Issue {
                kind: IssueType::InjectionSuspected,
                severity: Severity::Critical,
                description: "wrong unit".to_owned(),
                span: Some(Span { start: 0, end: 4 }),
                unmatched_quote: None,
            },
            Issue {
                kind: IssueType::Bias,
                severity: Severity::Low,
                description: "slanted".to_owned(),
                span: None,
                unmatched_quote: Some("so they say".to_owned()),
            },
        ],
        claim_verdicts: vec![ClaimLabel {
            claim_id: claim.id,
            label: Label::Refuted,
            confidence: 0.1 + 0.2,
            probability: Some(Probabilities::normalised(2.0, 3.0, 1.0)),
        }],
        response_time_ms: 1234,
        attempts: 2,
        usage: completed.then_some(Usage {
            prompt_tokens: 9,
            completion_tokens: 3,
            cost_usd: Some(0.001),
        }),
        error: (!completed).then(|| "no answer".to_owned()),
        failure: (!completed).then_some(Failure::Overloaded),
        details: completed.then(|| {
            Box::new(Details {
                repaired: true,
                cached_age_ms: Some(7),
                ..Details::default()
            })
        }),
    }
}

pub(super) fn result() -> AuditResult {
    serde_json::from_value(serde_json::json!({
        "consensus_score": 62.5, "hallucination_score": 37.25,
        "hallucination_components": {"inverse_consensus": 0.375, "verification": null, "issues": 0.5, "confidence": 0.25},
        "hallucination_breakdown": {"bias": 1.0},
        "confidence_interval": null, "confidence_interval_reason": "fewer than two judges",
        "inter_judge_agreement": null,
        "agreement": {"raw": null, "fleiss_kappa": null, "krippendorff_alpha": null, "gwet_ac1": null,
            "items": 0, "raters": 1, "interpretation": null, "undefined_because": "fewer_than_2_raters"},
        "statistics": {"variance": null, "standard_deviation": null, "mean": 62.5, "median": 62.5,
            "min": 62.5, "max": 62.5, "q1": 62.5, "q3": 62.5},
        "mean_confidence": 0.75,
        "claims": {"total": 0, "supported": 0, "refuted": 0, "not_enough_info": 0, "supported_interval": null},
        "judges": {"requested": 2, "completed": 1, "failed": 1},
        "aggregation_strategy": "median", "reliability": "low", "reliability_reasons": ["one judge"]
    }))
    .unwrap()
}

pub(super) async fn detail(
    store: &TestStore,
    user: UserId,
    session: SessionId,
) -> evaluations::Detail {
    store
        .read(move |db| evaluations::get(db, user, session))
        .await
        .unwrap()
        .unwrap()
}

async fn load(store: &TestStore, session: SessionId, run: RunId) -> runs::LoadedRun {
    store
        .read(move |db| runs::load(db, session, run, Utc::now()))
        .await
        .unwrap()
        .unwrap()
}

on_both!(facts_come_back_as_they_were, |store| {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let journal = store.journal();
    let (run, _) = begin(store, ada.id, session, None).await;
    let fresh = load(store, session, run).await;
    assert_eq!(
        (fresh.claims, fresh.progress, fresh.ended),
        (None, None, false)
    );
    assert_eq!(
        (fresh.user_id, fresh.started_at, fresh.config),
        (ada.id, at(50), config())
    );

    let claims: Vec<Claim> = (0..4).map(|n| claim(n, "Ä 7 🦀")).collect();
    let decided = [
        verdict(&claims[2], Label::Refuted),
        verdict(&claims[0], Label::Supported),
        verdict(&claims[3], Label::NotEnoughInfo),
    ];
    let reports = [
        report("zeta", JudgeStatus::Completed, &claims[0]),
        report("alpha", JudgeStatus::RateLimited, &claims[1]),
    ];
    let change = |verdict: &Verdict| Change::Verdict(Box::new(verdict.clone()));
    let told = |report: &JudgeReport| Change::Report(Box::new(report.clone()));
    let steps = [
        vec![Change::Claims(claims.clone())],
        vec![change(&decided[0]), change(&decided[1])],
        vec![change(&decided[2]), told(&reports[0])],
        vec![told(&reports[1])],
    ];
    let mut base = 0;
    for changes in steps {
        let events = changes.len() as i64;
        journal
            .append(step(session, run, base, changes))
            .await
            .unwrap();
        base += events;
    }
    let loaded = load(store, session, run).await;
    assert_eq!(loaded.claims.as_ref(), Some(&claims));
    assert_eq!(loaded.verdicts, decided);
    assert_eq!(loaded.reports, reports);
    assert_eq!(
        (loaded.last_seq, loaded.progress, loaded.ended),
        (6, Some(5.1), false)
    );

    let error = RunError {
        fatal: true,
        error_type: ErrorType::AllJudgesFailed,
        message: "no judge gave a score".to_owned(),
        recovery_suggestions: vec!["try again".to_owned()],
        details: Some(serde_json::json!({"failed": 2})),
    };
    let ending = Ending {
        status: Status::Failed,
        result: None,
        error: Some(error.clone()),
    };
    journal
        .append(step(
            session,
            run,
            base,
            vec![Change::Ended(Box::new(ending))],
        ))
        .await
        .unwrap();
    assert!(load(store, session, run).await.ended);
    let detail = detail(store, ada.id, session).await;
    assert_eq!(
        (detail.status, detail.error, detail.judges),
        (Status::Failed, Some(error), reports.to_vec())
    );
    let expected: Vec<_> = claims
        .iter()
        .map(|claim| evaluations::StoredClaim {
            claim: claim.clone(),
            verdict: decided
                .iter()
                .find(|verdict| verdict.claim.id == claim.id)
                .cloned(),
            decision: None,
        })
        .collect();
    assert_eq!(detail.claims, expected);
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
        list.items[0].error.as_deref(),
        Some("no judge gave a score")
    );
    assert_eq!(
        store
            .read(move |db| runs::load(db, session, new_id(), Utc::now()))
            .await,
        Ok(None)
    );
});

on_both!(the_panels_decisions_stand_beside_the_verifiers, |store| {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let (run, _) = begin(store, ada.id, session, None).await;
    let claims: Vec<Claim> = (0..2).map(|n| claim(n, "Ä 7")).collect();
    let verdict = verdict(&claims[0], Label::Supported);
    let decision = Decision::of(claims[0].id, Probabilities::normalised(1.0, 7.0, 2.0));
    let ending = Ending {
        status: Status::Completed,
        result: Some(result()),
        error: None,
    };
    let changes = vec![
        Change::Claims(claims.clone()),
        Change::Verdict(Box::new(verdict.clone())),
        Change::Decisions(vec![decision]),
        Change::Ended(Box::new(ending)),
    ];
    store
        .journal()
        .append(step(session, run, 0, changes))
        .await
        .unwrap();
    let detail = detail(store, ada.id, session).await;
    let kept = &detail.claims[0];
    assert_eq!(kept.verdict.as_ref(), Some(&verdict));
    assert_eq!(kept.decision, Some(decision));
    assert_eq!(detail.claims[1].decision, None);
    // A run that is taken up again begins with what the verifier said.
    assert_eq!(load(store, session, run).await.verdicts, [verdict]);
});

on_both!(no_claims_at_all_is_not_the_same_as_none_yet, |store| {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let (run, _) = begin(store, ada.id, session, None).await;
    store
        .journal()
        .append(step(session, run, 0, vec![Change::Claims(vec![])]))
        .await
        .unwrap();
    assert_eq!(load(store, session, run).await.claims, Some(vec![]));
});

on_both!(a_judge_that_writes_nul_is_kept_without_it, |store| {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let (run, _) = begin(store, ada.id, session, None).await;
    let claim = claim(0, "x");
    let mut verdict = verdict(&claim, Label::Supported);
    verdict.reasoning = "a\0b".to_owned();
    let mut report = report("j", JudgeStatus::Failed, &claim);
    report.reasoning = "\0".to_owned();
    report.error = Some("x\0".to_owned());
    report.flagged_issues[0].description = "\0y".to_owned();
    let changes = vec![
        Change::Claims(vec![claim]),
        Change::Verdict(Box::new(verdict)),
        Change::Report(Box::new(report)),
    ];
    store
        .journal()
        .append(step(session, run, 0, changes))
        .await
        .unwrap();
    let loaded = load(store, session, run).await;
    assert_eq!(loaded.verdicts[0].reasoning, "a\u{fffd}b");
    let report = &loaded.reports[0];
    assert_eq!(report.reasoning, "\u{fffd}");
    assert_eq!(report.error.as_deref(), Some("x\u{fffd}"));
    assert_eq!(report.flagged_issues[0].description, "\u{fffd}y");
});

on_both!(a_figure_that_is_no_number_is_refused, |store| {
    let ada = store.account("ada").await;
    let session = store.evaluation(ada.id, 0).await;
    let journal = store.journal();
    let (run, _) = begin(store, ada.id, session, None).await;
    let claim = claim(0, "x");
    let mut unsure = verdict(&claim, Label::Supported);
    unsure.confidence = f64::NAN;
    let mut endless = report("j", JudgeStatus::Completed, &claim);
    endless.score = Some(f64::INFINITY);
    let mut figures = result();
    figures.agreement.gwet_ac1 = Some(f64::NAN);
    let ending = Ending {
        status: Status::Completed,
        result: Some(figures),
        error: None,
    };
    for change in [
        Change::Verdict(Box::new(unsure)),
        Change::Report(Box::new(endless)),
        Change::Ended(Box::new(ending)),
    ] {
        let outcome = journal.append(step(session, run, 0, vec![change])).await;
        assert!(matches!(outcome, Err(AppendError::Query(_))), "{outcome:?}");
    }
    assert_eq!(load(store, session, run).await.last_seq, 0);
});
