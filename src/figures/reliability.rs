//! The reliability of the verdicts, by named rules.
//!
//! A verdict's confidence is the calibrated probability that it is right, so the mean over the
//! claims is the expected share of right verdicts. `benchmark` prints the actual share by class;
//! `training/fit_figures.py` prints what it would be with other bounds.

use crate::domain::result::{JudgeCounts, Reliability};
use crate::domain::verdict::Verdict;

/// Minimum expected share of right verdicts for high reliability.
const HIGH: f64 = 0.9;
/// Minimum expected share of right verdicts for medium reliability.
const MEDIUM: f64 = 0.75;

/// The input of the rules.
pub(super) struct Grounds<'a> {
    pub(super) verdicts: &'a [Verdict],
    pub(super) judges: JudgeCounts,
}

/// Returns the reliability and the rules that lowered it. If both bounds on a figure apply, only
/// the stricter one is named.
pub(super) fn reliability(grounds: &Grounds<'_>) -> (Reliability, Vec<String>) {
    let mut confidences: Vec<f64> = grounds.verdicts.iter().map(|v| v.confidence).collect();
    // Verdicts come in any order, and floating-point sums depend on the order.
    confidences.sort_by(f64::total_cmp);
    let expected = super::consensus::mean(confidences.into_iter());
    let JudgeCounts {
        requested,
        completed,
        failed,
    } = grounds.judges;
    let unknown = reasons(&[
        (completed < 2, "fewer_than_2_judges"),
        (expected.is_none(), "no_claims"),
    ]);
    let Some(expected) = expected.filter(|_| unknown.is_empty()) else {
        return (Reliability::Unknown, unknown);
    };
    let half_failed = failed > 0 && failed * 2 >= requested;
    let low = reasons(&[
        (expected < MEDIUM, "verdict_confidence_below_0.75"),
        (half_failed, "half_of_judges_failed"),
    ]);
    let medium = reasons(&[
        (
            (MEDIUM..HIGH).contains(&expected),
            "verdict_confidence_below_0.9",
        ),
        (failed > 0 && !half_failed, "judge_failed"),
    ]);
    let reliability = if !low.is_empty() {
        Reliability::Low
    } else if !medium.is_empty() {
        Reliability::Medium
    } else {
        Reliability::High
    };
    (reliability, low.into_iter().chain(medium).collect())
}

fn reasons(rules: &[(bool, &str)]) -> Vec<String> {
    rules
        .iter()
        .filter(|(fired, _)| *fired)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

#[cfg(test)]
#[path = "tests/reliability.rs"]
mod tests;
