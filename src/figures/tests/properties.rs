//! What must hold for any result, whatever the judges said.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::report::{JudgeReport, JudgeStatus, Usage};
use crate::domain::result::{AuditResult, Reliability};
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{ClaimLabel, Label, Probabilities, Verdict};

use crate::figures::{Input, IntervalMethod, Settings, Weights, dependence, summarise};

/// Sums of the same numbers in another grouping differ by a few last bits.
const ROUNDING: f64 = 1e-9;

const WORSE: [Label; 3] = [Label::Supported, Label::NotEnoughInfo, Label::Refuted];

#[derive(Debug, Clone)]
struct Scene {
    verdicts: Vec<Verdict>,
    reports: Vec<JudgeReport>,
    weights: BTreeMap<String, f64>,
    strategy: AggregationStrategy,
    settings: Settings,
}

impl Scene {
    fn summarise(&self) -> Option<AuditResult> {
        let input = Input {
            verdicts: &self.verdicts,
            reports: &self.reports,
            weights: &self.weights,
            strategy: self.strategy,
        };
        summarise(&input, &self.settings)
    }

    fn hallucination_score(&self) -> f64 {
        self.summarise().unwrap().hallucination_score.unwrap()
    }

    fn completed(&mut self) -> Vec<&mut JudgeReport> {
        self.reports
            .iter_mut()
            .filter(|report| report.status == JudgeStatus::Completed)
            .collect()
    }
}

fn claim_id(i: usize) -> ClaimId {
    ClaimId::new(Uuid::from_u128(i as u128 + 1))
}

pub(crate) fn verdict(i: usize, label: Label) -> Verdict {
    Verdict {
        claim: Claim {
            id: claim_id(i),
            index: i,
            text: "The bridge opened in May.".into(),
            kind: ClaimType::Temporal,
            span: Span { start: 0, end: 25 },
        },
        label,
        confidence: 0.5,
        probability: Probabilities::from_label(label, 0.5),
        evidence: vec![],
        reasoning: String::new(),
    }
}

fn labels() -> impl Strategy<Value = Label> {
    prop::sample::select(Label::ALL.to_vec())
}

fn issues() -> impl Strategy<Value = Issue> {
    let kinds = vec![
        IssueType::FactualError,
        IssueType::Hallucination,
        IssueType::Bias,
    ];
    let severities = vec![
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    (
        prop::sample::select(kinds),
        prop::sample::select(severities),
    )
        .prop_map(|(kind, severity)| Issue {
            kind,
            severity,
            description: "a fault".into(),
            span: None,
            unmatched_quote: None,
        })
}

/// Scores and confidences at the ends of their scales as often as within.
fn within(upper: f64) -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 1 => Just(upper), 4 => 0.0..=upper]
}

fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 1 => Just(f64::MAX), 1 => Just(f64::MIN_POSITIVE), 6 => 0.0..10.0f64]
}

prop_compose! {
    fn reports(claims: usize)(
        kind in prop::sample::select(vec!["facts", "logic", "openai"]),
        status in prop::sample::select(vec![
            JudgeStatus::Completed, JudgeStatus::Completed, JudgeStatus::Completed,
            JudgeStatus::Abstained, JudgeStatus::Failed, JudgeStatus::Timeout,
        ]),
        score in within(100.0),
        confidence in within(1.0),
        flagged in prop::collection::vec(issues(), 0..4),
        given in prop::collection::vec(prop::option::of(labels()), claims),
        tokens in prop::option::of(0..u64::MAX),
    ) -> JudgeReport {
        let completed = status == JudgeStatus::Completed;
        JudgeReport {
            judge_name: String::new(),
            kind: kind.into(),
            model: "m".into(),
            status,
            score: completed.then_some(score),
            confidence: completed.then_some(confidence),
            reasoning: String::new(),
            flagged_issues: flagged,
            claim_verdicts: given.into_iter().enumerate().filter_map(|(i, label)| Some(ClaimLabel {
                claim_id: claim_id(i),
                label: label?,
                confidence,
                probability: None,
            })).collect(),
            response_time_ms: 1,
            attempts: 1,
            usage: tokens.map(|tokens| Usage { prompt_tokens: tokens, completion_tokens: tokens, cost_usd: None }),
            error: None,
            failure: None,
            details: None,
        }
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let methods = vec![IntervalMethod::StudentT, IntervalMethod::Bootstrap];
    let weights = (weight(), weight(), weight(), weight());
    (weights, prop::sample::select(methods)).prop_map(|((a, b, c, d), interval)| Settings {
        hallucination_weights: Weights {
            inverse_consensus: a,
            verification: b,
            issues: c,
            confidence: d,
        },
        interval,
    })
}

fn scenes() -> impl Strategy<Value = Scene> {
    let strategies = vec![
        AggregationStrategy::WeightedAverage,
        AggregationStrategy::Mean,
        AggregationStrategy::Median,
        AggregationStrategy::TrimmedMean,
        AggregationStrategy::MajorityVote,
    ];
    (0..6usize)
        .prop_flat_map(move |claims| {
            (
                prop::collection::vec(labels(), claims),
                prop::collection::vec((reports(claims), weight()), 0..11),
                prop::sample::select(strategies.clone()),
                settings(),
            )
        })
        .prop_map(|(labels, judges, strategy, settings)| {
            let (mut reports, weights): (Vec<_>, Vec<_>) = judges.into_iter().unzip();
            for (i, report) in reports.iter_mut().enumerate() {
                report.judge_name = format!("judge-{i}");
            }
            let names = reports.iter().map(|report| report.judge_name.clone());
            Scene {
                weights: names.zip(weights).collect(),
                verdicts: labels
                    .into_iter()
                    .enumerate()
                    .map(|(i, l)| verdict(i, l))
                    .collect(),
                reports,
                strategy,
                settings,
            }
        })
}

fn scored_scenes() -> impl Strategy<Value = Scene> {
    scenes().prop_filter("somebody completed", |scene| scene.summarise().is_some())
}

/// Every number anywhere in the result.
fn numbers(value: &serde_json::Value, found: &mut Vec<f64>) {
    match value {
        serde_json::Value::Number(number) => found.extend(number.as_f64()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        serde_json::Value::Object(fields) => {
            fields.values().for_each(|field| numbers(field, found))
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn there_is_a_result_exactly_where_a_judge_completed(scene in scenes()) {
        let completed = scene.reports.iter().any(|r| r.status == JudgeStatus::Completed);
        prop_assert_eq!(scene.summarise().is_some(), completed);
    }

    #[test]
    fn figures_stay_in_their_ranges(scene in scored_scenes()) {
        let result = scene.summarise().unwrap();
        // NaN and infinity would become null and come back as an error or as None.
        let json = serde_json::to_value(&result).unwrap();
        prop_assert_eq!(&serde_json::from_value::<AuditResult>(json.clone()).unwrap(), &result);
        let mut found = vec![];
        numbers(&json, &mut found);
        prop_assert!(found.iter().all(|number| number.is_finite()));

        let spread = result.statistics.unwrap();
        prop_assert!((spread.min..=spread.max).contains(&result.consensus_score.unwrap()));
        prop_assert!(spread.min <= spread.q1 && spread.q1 <= spread.median);
        prop_assert!(spread.median <= spread.q3 && spread.q3 <= spread.max);
        prop_assert!((0.0..=100.0).contains(&result.hallucination_score.unwrap()));
        let parts = result.hallucination_components.unwrap();
        let rest = [parts.inverse_consensus, parts.verification.unwrap_or(0.0), parts.issues, parts.confidence];
        prop_assert!(rest.iter().all(|part| (0.0..=1.0).contains(part)), "{parts:?}");
        if !result.hallucination_breakdown.is_empty() {
            let sum: f64 = result.hallucination_breakdown.values().sum();
            prop_assert!((sum - 1.0).abs() < ROUNDING);
        }
        if let Some(r) = result.inter_judge_agreement {
            prop_assert!((0.0..=1.0).contains(&r));
        }
        let figures = &result.agreement;
        for figure in [figures.raw, figures.fleiss_kappa, figures.krippendorff_alpha, figures.gwet_ac1].into_iter().flatten() {
            prop_assert!((-1.0 - ROUNDING..=1.0 + ROUNDING).contains(&figure), "{figures:?}");
        }
        if let Some(share) = result.claims.supported_interval {
            let observed = result.claims.supported as f64 / result.claims.total as f64;
            prop_assert!(0.0 <= share.lower && share.lower <= observed);
            prop_assert!(observed <= share.upper && share.upper <= 1.0);
        }
        prop_assert_eq!(result.reliability == Reliability::High, result.reliability_reasons.is_empty());
    }

    #[test]
    fn an_interval_or_a_reason(scene in scored_scenes()) {
        let result = scene.summarise().unwrap();
        prop_assert_eq!(result.confidence_interval.is_none(), result.confidence_interval_reason.is_some());
        let kinds: Vec<&str> = scene.reports.iter()
            .filter(|report| report.status == JudgeStatus::Completed)
            .map(|report| report.kind.as_str())
            .collect();
        let worth = dependence::effective(kinds.len(), dependence::mean_correlation(&kinds));
        prop_assert_eq!(result.confidence_interval.is_some(), kinds.len() >= 3 && worth >= 2.0);
        if let Some(interval) = result.confidence_interval {
            prop_assert_eq!(interval.n_effective, Some(worth));
            if interval.lower == interval.upper {
                prop_assert!(worth >= 3.0 && result.statistics.unwrap().variance == Some(0.0), "{interval:?}");
            }
            prop_assert!(0.0 <= interval.lower && interval.lower <= interval.upper && interval.upper <= 100.0);
            // A bootstrap interval need not contain the consensus; Student's does.
            if interval.method == "student_t" {
                prop_assert!((interval.lower..=interval.upper).contains(&result.consensus_score.unwrap()));
            }
        }
    }

    #[test]
    fn the_order_of_judges_and_verdicts_is_irrelevant(
        (scene, reports, verdicts) in scored_scenes().prop_flat_map(|scene| {
            let reports = Just(scene.reports.clone()).prop_shuffle();
            let verdicts = Just(scene.verdicts.clone()).prop_shuffle();
            (Just(scene), reports, verdicts)
        })
    ) {
        // To the last bit.
        let expected = scene.summarise();
        prop_assert_eq!(Scene { reports, verdicts, ..scene }.summarise(), expected);
    }

    #[test]
    fn an_added_issue_never_lowers_the_score(
        (scene, issue, who) in (scored_scenes(), issues(), any::<prop::sample::Index>())
    ) {
        let mut more = scene.clone();
        let mut completed = more.completed();
        let who = who.index(completed.len());
        completed[who].flagged_issues.push(issue);
        prop_assert!(more.hallucination_score() >= scene.hallucination_score() - ROUNDING);
    }

    #[test]
    fn a_worse_verdict_never_lowers_the_score(
        (scene, which, rank) in (scored_scenes(), any::<prop::sample::Index>(), 0..2usize)
    ) {
        prop_assume!(!scene.verdicts.is_empty());
        let which = which.index(scene.verdicts.len());
        let (mut better, mut worse) = (scene.clone(), scene);
        better.verdicts[which].label = WORSE[rank];
        worse.verdicts[which].label = WORSE[rank + 1];
        prop_assert!(worse.hallucination_score() >= better.hallucination_score() - ROUNDING);
    }

    #[test]
    fn a_lower_consensus_never_lowers_the_score((scene, by) in (scored_scenes(), 0.0..=1.0f64)) {
        // With the majority vote the consensus may rise when a score falls, so lower all of them.
        let mut lower = scene.clone();
        for report in lower.completed() {
            report.score = report.score.map(|score| score * by);
        }
        let (before, after) = (scene.summarise().unwrap(), lower.summarise().unwrap());
        if after.consensus_score <= before.consensus_score {
            prop_assert!(after.hallucination_score.unwrap() >= before.hallucination_score.unwrap() - ROUNDING);
        }
    }

    #[test]
    fn a_further_claim_never_helps(
        (scene, label, twice) in (scored_scenes(), labels(), any::<prop::sample::Index>())
    ) {
        prop_assume!(!scene.verdicts.is_empty());
        let before = scene.summarise().unwrap().faithfulness.unwrap();
        let again = scene.verdicts[twice.index(scene.verdicts.len())].clone();
        for added in [verdict(scene.verdicts.len(), label), again] {
            let mut more = scene.clone();
            more.verdicts.push(added);
            let after = more.summarise().unwrap().faithfulness.unwrap();
            prop_assert!(after.probability <= before.probability);
            prop_assert!(after.flagged || !before.flagged);
            prop_assert_eq!(after.flagged, after.probability < after.threshold);
        }
    }

    #[test]
    fn the_same_judges_give_the_same_bits(scene in scored_scenes()) {
        prop_assert_eq!(scene.summarise(), scene.summarise());
    }

    #[test]
    fn judges_without_a_score_change_no_figure((scene, failed) in (scored_scenes(), 1..4usize)) {
        let without = scene.summarise().unwrap();
        let mut with = scene;
        for i in 0..failed {
            with.reports.push(JudgeReport {
                judge_name: format!("silent-{i}"),
                status: JudgeStatus::Unavailable,
                score: None,
                confidence: None,
                ..with.reports[0].clone()
            });
        }
        let with = with.summarise().unwrap();
        prop_assert_eq!(with.judges.failed, without.judges.failed + failed);
        let unaffected = AuditResult {
            judges: without.judges,
            reliability: without.reliability,
            reliability_reasons: without.reliability_reasons.clone(),
            usage: without.usage,
            ..with
        };
        prop_assert_eq!(unaffected, without);
    }
}
