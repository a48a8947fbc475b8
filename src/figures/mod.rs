//! Computes the figures of a result from the judges' reports and the verifier's verdicts.
//!
//! One function, [`summarise`], computes all of them; each subject has its own file. It is pure:
//! the same input gives the same bits, whatever the order of the reports. `actors` and the command
//! line may import this module; it imports only `domain`, and no other module uses statrs.
//! Deliberately absent: calling judges, verifying claims, rounding, presentation. An undefined
//! figure is `None` with its reason, never a number that looks measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::report::{JudgeReport, JudgeStatus, Usage};
use crate::domain::result::{AuditResult, JudgeCounts, Outcome, Reliability};
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::Verdict;

pub(crate) mod accuracy;
mod agreement;
mod bootstrap;
pub(crate) mod calibration;
mod consensus;
mod dependence;
pub(crate) mod faithfulness;
mod hallucination;
mod interval;
pub(crate) mod paired;
pub(crate) mod panel;
mod reliability;
mod spread;
pub(crate) mod three_way;
mod wilson;

pub(crate) use faithfulness::THRESHOLD;
pub(crate) use hallucination::Weights;
pub(crate) use interval::IntervalMethod;

use consensus::Opinion;

/// The operator's settings for the figures: the `[metrics]` table of the configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The weights of the components of the hallucination score.
    pub hallucination_weights: Weights,
    pub interval: IntervalMethod,
}

/// The input of a result's computation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    /// The final verdict on each claim; empty if there are no claims or they could not be verified.
    pub verdicts: &'a [Verdict],
    /// One report for each judge that was called, in any order.
    pub reports: &'a [JudgeReport],
    /// The configured weight of each judge by name (finite, not negative); a judge that is
    /// missing has weight 1.
    pub weights: &'a BTreeMap<String, f64>,
    /// The way in which the scores are combined.
    pub strategy: AggregationStrategy,
}

/// Computes every figure of a result; `None` if no judge completed.
///
/// Scores must be validated to be within 0 and 100, and confidences within 0 and 1.
pub(crate) fn summarise(input: &Input<'_>, settings: &Settings) -> Option<AuditResult> {
    let mut completed: Vec<(&JudgeReport, Opinion)> = input
        .reports
        .iter()
        .filter(|report| report.status == JudgeStatus::Completed)
        .filter_map(|report| Some((report, opinion(report, input.weights)?)))
        .collect();
    // Judges answer in any order, and floating-point sums depend on the order.
    completed.sort_by(|(a, _), (b, _)| a.judge_name.cmp(&b.judge_name));
    let (heard, opinions): (Vec<&JudgeReport>, Vec<Opinion>) = completed.into_iter().unzip();

    let consensus_score = consensus::consensus(&opinions, input.strategy)?;
    let statistics = spread::statistics(&opinions)?;
    let mean_confidence =
        consensus::mean(opinions.iter().map(|opinion| opinion.confidence)).unwrap_or_default();
    let kinds: Vec<&str> = heard.iter().map(|report| report.kind.as_str()).collect();
    let correlation = dependence::mean_correlation(&kinds);
    let (confidence_interval, confidence_interval_reason) =
        match interval::interval(&opinions, input.strategy, settings.interval, correlation) {
            Ok(interval) => (Some(interval), None),
            Err(reason) => (None, Some(reason.to_owned())),
        };
    let agreement = agreement::agreement(&heard);
    let claims = wilson::claim_counts(input.verdicts);
    let judges = judge_counts(input.reports);
    let hallucination_components =
        hallucination::components(consensus_score, &claims, &heard, mean_confidence);
    let (reliability, reliability_reasons) = reliability::reliability(&reliability::Grounds {
        verdicts: input.verdicts,
        judges,
    });

    Some(AuditResult {
        outcome: Outcome::Checked,
        outcome_reason: None,
        faithfulness: faithfulness::faithfulness(input.verdicts),
        consensus_score: Some(consensus_score),
        hallucination_score: Some(hallucination::score(
            &hallucination_components,
            &settings.hallucination_weights,
        )),
        hallucination_components: Some(hallucination_components),
        hallucination_breakdown: hallucination::breakdown(&heard),
        confidence_interval,
        confidence_interval_reason,
        inter_judge_agreement: spread::r_wg_star(&opinions),
        agreement,
        statistics: Some(statistics),
        mean_confidence: Some(mean_confidence),
        claims,
        // Added by the caller, which has the texts.
        non_claims: Vec::new(),
        judges,
        aggregation_strategy: input.strategy,
        reliability,
        reliability_reasons,
        usage: Some(total_usage(input.reports)),
        // Not derived from the reports; added by the caller, which has the texts.
        injection: None,
        citations: None,
        offline_comparison: None,
        calibration: None,
    })
}

/// The result of a candidate without claims: no figure is defined, whatever the judges reported.
pub(crate) fn nothing_to_check(input: &Input<'_>, reason: &str) -> AuditResult {
    let why = Some("nothing_to_check".to_owned());
    AuditResult {
        outcome: Outcome::NothingToCheck,
        outcome_reason: Some(reason.to_owned()),
        faithfulness: None,
        consensus_score: None,
        hallucination_score: None,
        hallucination_components: None,
        hallucination_breakdown: BTreeMap::new(),
        confidence_interval: None,
        confidence_interval_reason: why,
        inter_judge_agreement: None,
        agreement: agreement::agreement(&[]),
        statistics: None,
        mean_confidence: None,
        claims: wilson::claim_counts(&[]),
        non_claims: Vec::new(),
        judges: judge_counts(input.reports),
        aggregation_strategy: input.strategy,
        reliability: Reliability::Unknown,
        reliability_reasons: Vec::new(),
        usage: Some(total_usage(input.reports)),
        injection: None,
        citations: None,
        offline_comparison: None,
        calibration: None,
    }
}

fn judge_counts(reports: &[JudgeReport]) -> JudgeCounts {
    let scored = |report: &&JudgeReport| {
        report.status == JudgeStatus::Completed
            && report.score.is_some()
            && report.confidence.is_some()
    };
    JudgeCounts {
        requested: reports.len(),
        completed: reports.iter().filter(scored).count(),
        failed: reports
            .iter()
            .filter(|report| report.status.is_failure())
            .count(),
    }
}

/// A judge's contribution to the consensus; `None` for a report that lacks a score in
/// spite of its status.
fn opinion(report: &JudgeReport, weights: &BTreeMap<String, f64>) -> Option<Opinion> {
    let (score, confidence) = (report.score?, report.confidence?);
    debug_assert!((0.0..=100.0).contains(&score), "score {score}");
    debug_assert!((0.0..=1.0).contains(&confidence), "confidence {confidence}");
    let weight = weights.get(&report.judge_name).copied().unwrap_or(1.0);
    debug_assert!(weight.is_finite() && weight >= 0.0, "weight {weight}");
    Some(Opinion {
        score,
        confidence,
        weight,
    })
}

/// Includes failed judges, because their tokens were paid for. Nothing was used if no judge reports
/// anything: offline judges read no tokens.
fn total_usage(reports: &[JudgeReport]) -> Usage {
    reports
        .iter()
        .filter_map(|report| report.usage)
        .reduce(Usage::plus)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
