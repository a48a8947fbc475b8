use uuid::Uuid;

use super::*;
use crate::domain::ids::ClaimId;
use crate::domain::verdict::{ClaimLabel, Label};

fn days(day: &str, status: Status, count: i64, consensus: Sum) -> DayCount {
    DayCount {
        day: day.to_owned(),
        status,
        count,
        consensus,
        hallucination: (100.0 * consensus.1 as f64 - consensus.0, consensus.1),
        probability: (consensus.0 / 200.0, consensus.1),
        claims: (3 * consensus.1, consensus.1, 0),
    }
}

fn heard(name: &str, day: &str, status: &str, count: i64, score: Sum) -> JudgeCount {
    JudgeCount {
        name: name.to_owned(),
        kind: "openai".to_owned(),
        day: day.to_owned(),
        status: status.to_owned(),
        count,
        score,
        confidence: (0.5 * score.1 as f64, score.1),
        response_time_ms: 100 * count,
        prompt_tokens: 10 * count,
        completion_tokens: count,
        cost_usd: (0.0, 0),
    }
}

fn said(name: &str, labels: &[(u128, Label)]) -> (String, Vec<ClaimLabel>) {
    let label = |(claim, label): &(u128, Label)| ClaimLabel {
        claim_id: ClaimId::new(Uuid::from_u128(*claim)),
        label: *label,
        confidence: 0.9,
        probability: None,
    };
    (name.to_owned(), labels.iter().map(label).collect())
}

#[test]
fn days_are_sums_over_every_status_and_means_of_what_has_a_score() {
    let all = [
        days("2026-11-02", Status::Completed, 2, (150.0, 2)),
        days("2026-11-01", Status::Completed, 1, (30.0, 1)),
        days("2026-11-02", Status::Failed, 3, (0.0, 0)),
        days("2026-11-02", Status::Cancelled, 1, (0.0, 0)),
        days("2026-11-01", Status::InProgress, 4, (0.0, 0)),
        days("2026-11-03", Status::Pending, 5, (0.0, 0)),
    ];
    let period = (7, "2026-10-28".to_owned(), "2026-11-03".to_owned());
    let view = summed(period, &all, Vec::new(), &[]);
    let counts = &view.evaluations;
    assert_eq!(
        (
            counts.total,
            counts.completed,
            counts.failed,
            counts.cancelled
        ),
        (16, 3, 3, 1)
    );
    assert_eq!(view.mean_consensus_score, Some(60.0));
    assert_eq!(view.mean_hallucination_score, Some(40.0));
    assert_eq!(view.mean_probability, Some(0.3));
    assert_eq!((view.claims.supported, view.claims.refuted), (9, 3));
    assert_eq!((view.mean_agreement, view.compared), (None, 0));
    let by_day: Vec<_> = view
        .by_day
        .iter()
        .map(|day| (day.day.as_str(), day.evaluations, day.mean_consensus_score))
        .collect();
    assert_eq!(
        by_day,
        [
            ("2026-11-01", 5, Some(30.0)),
            ("2026-11-02", 6, Some(75.0)),
            ("2026-11-03", 5, None),
        ]
    );
}

#[test]
fn nothing_is_no_mean() {
    let view = summed((1, String::new(), String::new()), &[], Vec::new(), &[]);
    assert_eq!(
        (view.mean_consensus_score, view.mean_agreement),
        (None, None)
    );
    assert!(view.by_day.is_empty() && view.by_judge.is_empty() && view.disagreements.is_empty());
}

#[test]
fn a_judge_that_was_not_waited_for_has_failed_nobody_and_is_paid_for() {
    let mut cancelled = heard("b", "2026-11-01", NOT_WAITED_FOR, 4, (0.0, 0));
    cancelled.response_time_ms = 90_000;
    cancelled.cost_usd = (0.25, 4);
    let all = by_judge(vec![
        heard("b", "2026-11-02", "completed", 2, (120.0, 2)),
        heard("a", "2026-11-01", "timeout", 1, (0.0, 0)),
        heard("b", "2026-11-01", "abstained", 1, (0.0, 0)),
        heard("b", "2026-11-01", "unavailable", 1, (0.0, 0)),
        cancelled,
    ]);
    let [a, b] = &all[..] else { panic!("{all:?}") };
    assert_eq!((a.judge_name.as_str(), a.results, a.failed), ("a", 1, 1));
    assert_eq!(
        (a.mean_score, a.cost_usd),
        (None, None),
        "no price is no zero"
    );
    assert_eq!(
        (b.results, b.completed, b.abstained, b.failed),
        (4, 2, 1, 1)
    );
    assert_eq!((b.mean_score, b.mean_confidence), (Some(60.0), Some(0.5)));
    assert_eq!(b.mean_response_time_ms, Some(100.0));
    assert_eq!(
        (b.prompt_tokens, b.completion_tokens, b.cost_usd),
        (80, 8, Some(0.25))
    );
    let days: Vec<_> = b
        .by_day
        .iter()
        .map(|day| (day.day.as_str(), day.results, day.mean_score))
        .collect();
    assert_eq!(
        days,
        [("2026-11-01", 2, None), ("2026-11-02", 2, Some(60.0))]
    );
}

#[test]
fn two_judges_are_compared_on_the_claims_that_both_labelled() {
    use Label::{NotEnoughInfo, Refuted, Supported};
    let all = [
        Opinions {
            agreement: Some(0.5),
            judges: vec![
                said("b", &[(1, Supported), (2, Refuted)]),
                said("a", &[(1, Supported), (2, Supported), (3, Refuted)]),
            ],
        },
        Opinions {
            agreement: None,
            judges: vec![said("a", &[(4, Refuted)]), said("b", &[(4, NotEnoughInfo)])],
        },
        Opinions {
            agreement: Some(1.0),
            judges: vec![said("a", &[(5, Refuted)]), said("c", &[(6, Refuted)])],
        },
    ];
    let found = disagreements(&all);
    let [pair] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(pair.judges, ["a", "b"], "whichever was heard first");
    assert_eq!((pair.claims, pair.disagreed), (3, 2));
    assert!((pair.share - 2.0 / 3.0).abs() < 1e-12);
    let view = summed((1, String::new(), String::new()), &[], Vec::new(), &all);
    assert_eq!((view.mean_agreement, view.compared), (Some(0.75), 3));
}
