//! Every figure against reference values of other implementations; the file names their versions.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::report::{JudgeReport, JudgeStatus};
use crate::domain::result::{AuditResult, ClaimCounts};
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::Label;

use crate::figures::consensus::Opinion;
use crate::figures::{Input, IntervalMethod, Settings, Weights};

#[derive(Deserialize)]
struct Golden {
    agreement: Vec<AgreementCase>,
    consensus: Vec<ConsensusCase>,
    #[serde(default)]
    bootstrap: Vec<BootstrapCase>,
    wilson_95: Vec<WilsonCase>,
    hallucination: Vec<HallucinationCase>,
}

#[derive(Deserialize)]
struct AgreementCase {
    labels: Vec<Vec<Option<Label>>>,
    complete_items: usize,
    raw_agreement: Option<f64>,
    fleiss_kappa: Option<f64>,
    krippendorff_alpha_nominal: Option<f64>,
    gwet_ac1: Option<f64>,
}

#[derive(Deserialize)]
struct ConsensusCase {
    scores: Vec<f64>,
    judge_weights: Vec<f64>,
    confidences: Vec<f64>,
    weighted_average: f64,
    mean: f64,
    median: f64,
    trimmed_mean: f64,
    majority_vote: Option<f64>,
    variance: Option<f64>,
    standard_deviation: Option<f64>,
    q1: f64,
    q3: f64,
    mean_confidence: f64,
    inter_judge_agreement: Option<f64>,
    interval: Option<Bounds>,
    #[serde(default)]
    intervals: BTreeMap<String, Option<Bounds>>,
}

#[derive(Deserialize)]
struct Bounds {
    method: String,
    lower: f64,
    upper: f64,
}

#[derive(Deserialize)]
struct BootstrapCase {
    scores: Vec<f64>,
    judge_weights: Vec<f64>,
    confidences: Vec<f64>,
    strategy: AggregationStrategy,
    acceleration: f64,
    lower: f64,
    upper: f64,
}

#[derive(Deserialize)]
struct WilsonCase {
    successes: usize,
    n: usize,
    lower: f64,
    upper: f64,
}

#[derive(Deserialize)]
struct HallucinationCase {
    consensus_score: f64,
    claims: Option<BTreeMap<Label, usize>>,
    judges: Vec<HallucinationJudge>,
    components: BTreeMap<String, Option<f64>>,
    hallucination_score: f64,
}

#[derive(Deserialize)]
struct HallucinationJudge {
    confidence: f64,
    severities: Vec<Severity>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/golden/metrics.json")).unwrap()
}

#[track_caller]
fn assert_close(got: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (got - expected).abs() <= tolerance,
        "{what}: {got} instead of {expected}"
    );
}

#[track_caller]
fn assert_same(got: Option<f64>, expected: Option<f64>, what: &str) {
    match (got, expected) {
        (Some(got), Some(expected)) => assert_close(got, expected, 1e-9, what),
        (got, expected) => assert_eq!(got, expected, "{what}"),
    }
}

fn report(i: usize, score: f64, confidence: f64) -> JudgeReport {
    JudgeReport {
        judge_name: format!("judge-{i:03}"),
        kind: "openai".into(),
        model: "m".into(),
        status: JudgeStatus::Completed,
        score: Some(score),
        confidence: Some(confidence),
        reasoning: String::new(),
        flagged_issues: vec![],
        claim_verdicts: vec![],
        response_time_ms: 1,
        attempts: 1,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

fn summary(case: &ConsensusCase, strategy: AggregationStrategy) -> AuditResult {
    let reports: Vec<JudgeReport> = case
        .scores
        .iter()
        .zip(&case.confidences)
        .enumerate()
        .map(|(i, (&score, &confidence))| report(i, score, confidence))
        .collect();
    let weights = reports
        .iter()
        .map(|report| report.judge_name.clone())
        .zip(case.judge_weights.iter().copied())
        .collect();
    let input = Input {
        verdicts: &[],
        reports: &reports,
        weights: &weights,
        strategy,
    };
    crate::figures::summarise(&input, &Settings::default()).unwrap()
}

#[test]
fn agreement() {
    for (i, case) in golden().agreement.iter().enumerate() {
        let raters = case.labels.first().map_or(0, Vec::len);
        let complete = case
            .labels
            .iter()
            .filter(|row| row.iter().all(Option::is_some));
        assert_eq!(complete.count(), case.complete_items, "case {i}");
        let got = crate::figures::agreement::of_labels(&case.labels, raters);
        for (name, got, expected) in [
            ("raw", got.raw, case.raw_agreement),
            ("kappa", got.fleiss_kappa, case.fleiss_kappa),
            (
                "alpha",
                got.krippendorff_alpha,
                case.krippendorff_alpha_nominal,
            ),
            ("ac1", got.gwet_ac1, case.gwet_ac1),
        ] {
            assert_same(got, expected, &format!("case {i}, {name}"));
        }
    }
}

#[test]
fn consensus_and_spread() {
    for (i, case) in golden().consensus.iter().enumerate() {
        let expected = [
            (
                AggregationStrategy::WeightedAverage,
                Some(case.weighted_average),
            ),
            (AggregationStrategy::Mean, Some(case.mean)),
            (AggregationStrategy::Median, Some(case.median)),
            (AggregationStrategy::TrimmedMean, Some(case.trimmed_mean)),
            (AggregationStrategy::MajorityVote, case.majority_vote),
        ];
        for (strategy, expected) in expected {
            let got = summary(case, strategy);
            if let Some(expected) = expected {
                let what = format!("case {i}, {}", strategy.as_str());
                assert_close(got.consensus_score.unwrap(), expected, 1e-9, &what);
            }
        }
        let got = summary(case, AggregationStrategy::default());
        let spread = got.statistics.unwrap();
        for (name, got, expected) in [
            ("variance", spread.variance, case.variance),
            (
                "deviation",
                spread.standard_deviation,
                case.standard_deviation,
            ),
            ("mean", Some(spread.mean), Some(case.mean)),
            ("median", Some(spread.median), Some(case.median)),
            ("q1", Some(spread.q1), Some(case.q1)),
            ("q3", Some(spread.q3), Some(case.q3)),
            (
                "confidence",
                got.mean_confidence,
                Some(case.mean_confidence),
            ),
            (
                "r*wg",
                got.inter_judge_agreement,
                case.inter_judge_agreement,
            ),
        ] {
            assert_same(got, expected, &format!("case {i}, {name}"));
        }
    }
}

#[test]
fn student_t_intervals_of_judges_that_err_apart() {
    for (i, case) in golden().consensus.iter().enumerate() {
        let default = AggregationStrategy::default();
        let mut expected = vec![(default, case.interval.as_ref())];
        for (name, bounds) in &case.intervals {
            let strategy = serde_json::from_value(name.clone().into()).unwrap();
            expected.push((strategy, bounds.as_ref()));
        }
        let opinions = opinions(&case.scores, &case.confidences, &case.judge_weights);
        for (strategy, expected) in expected {
            let method = IntervalMethod::StudentT;
            let got = crate::figures::interval::interval(&opinions, strategy, method, 0.0);
            let what = format!("case {i}, {}", strategy.as_str());
            match (got, expected) {
                (Ok(got), Some(expected)) => {
                    assert_eq!(got.method, expected.method, "{what}");
                    assert_close(got.lower, expected.lower, 1e-6, &what);
                    assert_close(got.upper, expected.upper, 1e-6, &what);
                }
                (Err(reason), None) => assert_eq!(reason, "fewer_than_3_judges", "{what}"),
                (got, _) => panic!("{what}: {got:?}"),
            }
        }
    }
}

fn opinions(scores: &[f64], confidences: &[f64], weights: &[f64]) -> Vec<Opinion> {
    scores
        .iter()
        .zip(confidences)
        .zip(weights)
        .map(|((&score, &confidence), &weight)| Opinion {
            score,
            confidence,
            weight,
        })
        .collect()
}

#[test]
fn bootstrap_intervals() {
    for (i, case) in golden().bootstrap.iter().enumerate() {
        let opinions = opinions(&case.scores, &case.confidences, &case.judge_weights);
        let acceleration = crate::figures::bootstrap::acceleration(&opinions, case.strategy);
        assert_same(
            acceleration,
            Some(case.acceleration),
            &format!("case {i}, a"),
        );
        let got = crate::figures::interval::interval(
            &opinions,
            case.strategy,
            IntervalMethod::Bootstrap,
            0.0,
        )
        .unwrap();
        assert_eq!(got.method, "bootstrap");
        // Two random samples of resamples: the reference has 200,000, we 9,999.
        let tolerance = 0.03 * (case.upper - case.lower);
        assert_close(
            got.lower,
            case.lower,
            tolerance,
            &format!("case {i}, lower"),
        );
        assert_close(
            got.upper,
            case.upper,
            tolerance,
            &format!("case {i}, upper"),
        );
    }
}

#[test]
fn wilson() {
    for case in golden().wilson_95 {
        let what = format!("{} of {}", case.successes, case.n);
        let got = crate::figures::wilson::wilson_95(case.successes, case.n).unwrap();
        assert_close(got.lower, case.lower, 1e-9, &what);
        assert_close(got.upper, case.upper, 1e-9, &what);
    }
}

#[test]
fn hallucination() {
    for (i, case) in golden().hallucination.iter().enumerate() {
        let count = |label| {
            let counts = case.claims.as_ref();
            counts
                .and_then(|counts| counts.get(&label))
                .copied()
                .unwrap_or(0)
        };
        let [supported, refuted, not_enough_info] = Label::ALL.map(count);
        let claims = ClaimCounts {
            total: supported + refuted + not_enough_info,
            supported,
            refuted,
            not_enough_info,
            supported_interval: None,
        };
        let reports: Vec<JudgeReport> = case
            .judges
            .iter()
            .enumerate()
            .map(|(i, judge)| {
                let issue = |&severity: &Severity| Issue {
                    kind: IssueType::Hallucination,
                    severity,
                    description: String::new(),
                    span: None,
                    unmatched_quote: None,
                };
                JudgeReport {
                    flagged_issues: judge.severities.iter().map(issue).collect(),
                    ..report(i, case.consensus_score, judge.confidence)
                }
            })
            .collect();
        let heard: Vec<&JudgeReport> = reports.iter().collect();
        let confidence = case.judges.iter().map(|j| j.confidence).sum::<f64>() / heard.len() as f64;
        let got = crate::figures::hallucination::components(
            case.consensus_score,
            &claims,
            &heard,
            confidence,
        );
        for (name, got) in [
            ("inverse_consensus", Some(got.inverse_consensus)),
            ("verification", got.verification),
            ("issues", Some(got.issues)),
            ("confidence", Some(got.confidence)),
        ] {
            let expected = case.components.get(name).copied().flatten();
            assert_same(got, expected, &format!("case {i}, {name}"));
        }
        let score = crate::figures::hallucination::score(&got, &Weights::default());
        assert_close(score, case.hallucination_score, 1e-9, &format!("case {i}"));
    }
}
