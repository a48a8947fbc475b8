use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::claim::{Claim, ClaimType, Span};

fn claim_id(at: usize) -> ClaimId {
    ClaimId::new(Uuid::from_u128(at as u128 + 1))
}

fn verdict(at: usize, probability: Probabilities) -> Verdict {
    Verdict {
        claim: Claim {
            id: claim_id(at),
            index: at,
            text: "The pier closed in March.".into(),
            kind: ClaimType::Temporal,
            span: Span { start: 0, end: 25 },
        },
        label: probability.label(),
        confidence: probability.confidence(),
        probability,
        evidence: Vec::new(),
        reasoning: String::new(),
    }
}

fn said(name: &str, kind: &str, labels: &[(Label, f64)]) -> JudgeReport {
    JudgeReport {
        judge_name: name.into(),
        kind: kind.into(),
        model: "m".into(),
        status: JudgeStatus::Completed,
        score: Some(50.0),
        confidence: Some(0.8),
        reasoning: String::new(),
        flagged_issues: Vec::new(),
        claim_verdicts: labels
            .iter()
            .enumerate()
            .map(|(at, &(label, confidence))| ClaimLabel {
                claim_id: claim_id(at),
                label,
                confidence,
                probability: None,
            })
            .collect(),
        response_time_ms: 1,
        attempts: 1,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

/// The panel's decision on one claim by what the judges say, each with weight 1.
fn one(prior: Probabilities, reports: &[JudgeReport]) -> Decision {
    with(prior, reports, &BTreeMap::new(), &Confusions::new())
}

fn with(
    prior: Probabilities,
    reports: &[JudgeReport],
    weights: &BTreeMap<String, f64>,
    confusions: &Confusions,
) -> Decision {
    decide(&[verdict(0, prior)], reports, weights, confusions)[0]
}

const MODELS: [&str; 4] = ["openai", "anthropic", "gemini", "ollama"];

use Label::{NotEnoughInfo, Refuted, Supported};

#[test]
fn a_strong_judge_overrules_the_verifier() {
    for prior in [0.5, 0.7, 0.85, 0.95, 1.0] {
        let prior = Probabilities::from_label(Supported, prior);
        for kind in MODELS {
            let decision = one(prior, &[said("a", kind, &[(Refuted, 0.9)])]);
            assert_eq!(decision.label, Refuted, "{kind} {prior:?} {decision:?}");
            assert!(
                decision.confidence < 0.9,
                "nobody is that sure: {decision:?}"
            );
        }
    }
    // The other way round, and for what the rules do not find.
    let unknown = Probabilities::from_label(NotEnoughInfo, 0.8);
    let decision = one(unknown, &[said("a", "openai", &[(Supported, 0.9)])]);
    assert_eq!(decision.label, Supported, "{decision:?}");
}

#[test]
fn two_weak_judges_do_not() {
    let prior = Probabilities::from_label(Supported, 0.6);
    for kinds in [
        ["facts", "logic"],
        ["lexical", "novelty"],
        ["neural", "unheard-of"],
    ] {
        let reports = kinds.map(|kind| said(kind, kind, &[(Refuted, 1.0)]));
        let decision = one(prior, &reports);
        assert_eq!(decision.label, Supported, "{kinds:?}");
        assert_eq!(
            decision.probability, prior,
            "their evidence is in it already"
        );
    }
}

#[test]
fn a_hesitant_model_does_not_overrule_a_certain_verifier() {
    let prior = Probabilities::from_label(Supported, 0.98);
    let decision = one(prior, &[said("a", "openai", &[(Refuted, 0.6)])]);
    assert_eq!(decision.label, Supported);
}

#[test]
fn models_that_agree_make_surer_and_one_that_does_not_less_sure() {
    let prior = Probabilities::from_label(Supported, 0.7);
    let a = said("a", "openai", &[(Supported, 0.9)]);
    let b = said("b", "anthropic", &[(Supported, 0.9)]);
    let against = said("b", "anthropic", &[(Refuted, 0.9)]);
    let alone = one(prior, std::slice::from_ref(&a)).probability.supported;
    let both = one(prior, &[a.clone(), b]).probability.supported;
    let apart = one(prior, &[a, against]).probability.supported;
    assert!(prior.supported < alone && alone < both, "{alone} {both}");
    assert!(apart < alone, "{apart} {alone}");
    // Three that say the same are worth more than one and less than three.
    let three: Vec<JudgeReport> = MODELS[..3]
        .iter()
        .map(|kind| said(kind, kind, &[(Refuted, 0.9)]))
        .collect();
    let odds = |of: Probabilities| of.refuted / of.supported;
    let of_one = odds(one(prior, &three[..1]).probability);
    let of_three = odds(one(prior, &three).probability);
    assert!(
        of_one < of_three && of_three < of_one.powi(3),
        "{of_one} {of_three}"
    );
}

#[test]
fn who_abstains_fails_or_weighs_nothing_changes_nothing() {
    let prior = Probabilities::normalised(0.61, 0.28, 0.11);
    let mut reports = Vec::new();
    for (at, status) in [
        JudgeStatus::Abstained,
        JudgeStatus::Failed,
        JudgeStatus::Timeout,
        JudgeStatus::RateLimited,
        JudgeStatus::Unavailable,
    ]
    .into_iter()
    .enumerate()
    {
        // Labels without a completed status are not a view, whatever left them there.
        let mut report = said(&format!("j{at}"), "openai", &[(Refuted, 1.0)]);
        report.status = status;
        reports.push(report);
    }
    reports.push(said("mute", "openai", &[]));
    assert_eq!(one(prior, &reports).probability, prior);
    let loud = [said("loud", "openai", &[(Refuted, 1.0)])];
    let weights = BTreeMap::from([("loud".to_owned(), 0.0)]);
    let unheard = with(prior, &loud, &weights, &Confusions::new());
    assert_eq!(unheard.probability, prior);
    let heard = one(prior, &loud).probability;
    let weights = BTreeMap::from([("loud".to_owned(), 0.3)]);
    let partly = with(prior, &loud, &weights, &Confusions::new()).probability;
    assert!(prior.refuted < partly.refuted && partly.refuted < heard.refuted);
}

#[test]
fn an_operators_labels_teach_which_judge_is_right() {
    let prior = Probabilities::from_label(Supported, 0.7);
    let mut wrong = Confusion::default();
    let mut right = Confusion::default();
    for _ in 0..60 {
        for truth in Label::ALL {
            right.count(truth, truth);
            // It calls everything refuted, whatever is true.
            wrong.count(truth, Refuted);
        }
    }
    assert_eq!((right.total(), wrong.total()), (180, 180));
    let reports = [said("j", "nli", &[(Refuted, 0.95)])];
    let after = |confusion| {
        let known = Confusions::from([("j".to_owned(), confusion)]);
        with(prior, &reports, &BTreeMap::new(), &known).probability
    };
    let table = one(prior, &reports).probability;
    assert!(after(right).refuted > table.refuted);
    assert!(after(wrong).refuted < table.refuted);
    // Labels of another judge are nothing to this one.
    let other = Confusions::from([("k".to_owned(), wrong)]);
    let same = with(prior, &reports, &BTreeMap::new(), &other).probability;
    assert_eq!(same, table);
}

#[test]
fn a_few_labels_move_the_rates_a_little() {
    let table = skill::of_kind("openai").rates;
    let mut few = Confusion::default();
    few.count(Refuted, Supported);
    few.count(Refuted, Supported);
    let moved = rates(table, Some(&few));
    assert_eq!(moved[0], table[0], "nothing was said of supported claims");
    assert!((moved[1][0] - (20.0 * table[1][0] + 2.0) / 22.0).abs() < 1e-12);
    assert!(
        moved
            .iter()
            .all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-12)
    );
}

#[test]
fn figures_of_the_result_use_the_panels_labels() {
    let verdicts = vec![
        verdict(0, Probabilities::from_label(Supported, 0.6)),
        verdict(1, Probabilities::from_label(NotEnoughInfo, 0.6)),
    ];
    let reports = [said("a", "openai", &[(Refuted, 0.95), (Supported, 0.95)])];
    let decisions = decide(&verdicts, &reports, &BTreeMap::new(), &Confusions::new());
    let finals = decided(verdicts.clone(), &decisions);
    let labels: Vec<Label> = finals.iter().map(|verdict| verdict.label).collect();
    assert_eq!(labels, [Refuted, Supported]);
    assert_eq!(finals[0].probability, decisions[0].probability);
    assert_eq!(finals[0].claim, verdicts[0].claim);
}

fn probabilities() -> impl Strategy<Value = Probabilities> {
    (0.01..1.0_f64, 0.01..1.0_f64, 0.01..1.0_f64)
        .prop_map(|(s, r, n)| Probabilities::normalised(s, r, n))
}

fn views() -> impl Strategy<Value = Vec<JudgeReport>> {
    let kind = prop::sample::select(vec!["openai", "gemini", "nli", "spans", "facts"]);
    let label = prop::sample::select(Label::ALL.to_vec());
    let view = (
        kind,
        label,
        0.0..=1.0_f64,
        prop::option::of(probabilities()),
    );
    prop::collection::vec(view, 0..6).prop_map(|views| {
        views
            .into_iter()
            .enumerate()
            .map(|(at, (kind, label, confidence, probability))| {
                let mut report = said(&format!("judge {at}"), kind, &[(label, confidence)]);
                report.claim_verdicts[0].probability = probability;
                report
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_the_judges_changes_no_bit(
        prior in probabilities(),
        (reports, shuffled) in views().prop_flat_map(|reports| {
            (Just(reports.clone()), Just(reports).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(one(prior, &reports), one(prior, &shuffled));
    }

    #[test]
    fn what_comes_out_are_probabilities(
        prior in probabilities(),
        reports in views(),
        weight in prop::sample::select(vec![0.0, 0.5, 1.0, 1e6]),
    ) {
        let weights = reports.iter().map(|report| (report.judge_name.clone(), weight)).collect();
        let decision = with(prior, &reports, &weights, &Confusions::new());
        prop_assert!(decision.probability.is_valid(), "{:?}", decision);
        prop_assert_eq!(decision.label, decision.probability.label());
        prop_assert_eq!(decision.confidence, decision.probability.of(decision.label));
    }

    /// A judge that says nothing of the three labels apart moves nothing.
    #[test]
    fn a_view_without_a_preference_says_nothing(prior in probabilities()) {
        let mut report = said("a", "openai", &[(Supported, 0.4)]);
        report.claim_verdicts[0].probability = Some(Probabilities::normalised(1.0, 1.0, 1.0));
        let after = one(prior, &[report]).probability;
        for label in Label::ALL {
            prop_assert!((after.of(label) - prior.of(label)).abs() < 1e-9);
        }
    }

    /// The surer a model is of a label, the likelier the label becomes.
    #[test]
    fn a_surer_view_counts_more(
        prior in probabilities(),
        label in prop::sample::select(Label::ALL.to_vec()),
        (low, high) in (0.4..1.0_f64, 0.4..1.0_f64),
    ) {
        let (low, high) = (low.min(high), low.max(high));
        let after = |confidence| one(prior, &[said("a", "openai", &[(label, confidence)])]);
        // Of a verifier that says the same and steps back meanwhile this can't be asked.
        prop_assume!(prior.of(label) < 0.5);
        let (weaker, stronger) = (after(low).probability, after(high).probability);
        prop_assert!(weaker.of(label) <= stronger.of(label) + 1e-9);
    }
}
