//! The hallucination score: the amount of a candidate that is wrong, as one number from consensus,
//! verdicts, issues and confidence. The probability that anything is wrong is in `faithfulness`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::issue::{IssueType, Severity};
use crate::domain::report::JudgeReport;
use crate::domain::result::{ClaimCounts, HallucinationComponents};

/// The weight of each component; finite and not negative. Their sum need not be 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Weights {
    /// Weight of (100 − consensus) / 100.
    pub inverse_consensus: f64,
    /// Weight of the share of refuted claims plus half the share of undecided ones.
    pub verification: f64,
    /// Weight of the issues flagged by judges.
    pub issues: f64,
    /// Weight of the judges' lack of confidence.
    pub confidence: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            inverse_consensus: 0.4,
            verification: 0.3,
            issues: 0.2,
            confidence: 0.1,
        }
    }
}

/// Computes the four components, each between 0 and 1, from the judges that completed.
pub(super) fn components(
    consensus_score: f64,
    claims: &ClaimCounts,
    completed: &[&JudgeReport],
    mean_confidence: f64,
) -> HallucinationComponents {
    let issues = completed
        .iter()
        .map(|report| at_least_one(report.flagged_issues.iter().map(|issue| issue.severity)));
    HallucinationComponents {
        inverse_consensus: ((100.0 - consensus_score) / 100.0).clamp(0.0, 1.0),
        verification: (claims.total > 0).then(|| {
            (claims.refuted as f64 + 0.5 * claims.not_enough_info as f64) / claims.total as f64
        }),
        issues: super::consensus::mean(issues).unwrap_or_default(),
        confidence: (1.0 - mean_confidence).clamp(0.0, 1.0),
    }
}

/// Returns 100 times the weighted mean of the components that are defined. If none of these has a
/// weight, the inverse consensus is used alone.
pub(super) fn score(components: &HallucinationComponents, weights: &Weights) -> f64 {
    let parts = [
        (
            weights.inverse_consensus,
            Some(components.inverse_consensus),
        ),
        (weights.verification, components.verification),
        (weights.issues, Some(components.issues)),
        (weights.confidence, Some(components.confidence)),
    ];
    let existing = || {
        parts
            .iter()
            .filter_map(|(weight, part)| Some((*weight, (*part)?)))
    };
    // Dividing by the largest weight first keeps the sums finite for all configured weights.
    let largest = existing().map(|(weight, _)| weight).fold(0.0, f64::max);
    if largest <= 0.0 {
        return 100.0 * components.inverse_consensus;
    }
    let (sum, total) = existing().fold((0.0, 0.0), |(sum, total), (weight, part)| {
        let weight = weight / largest;
        (sum + weight * part, total + weight)
    });
    (100.0 * sum / total).clamp(0.0, 100.0)
}

/// The share of each issue type in the weight of all issues; the sum is 1, or the map is empty.
pub(super) fn breakdown(completed: &[&JudgeReport]) -> BTreeMap<IssueType, f64> {
    let mut sums: BTreeMap<IssueType, f64> = BTreeMap::new();
    for issue in completed.iter().flat_map(|report| &report.flagged_issues) {
        *sums.entry(issue.kind).or_default() += weight(issue.severity);
    }
    let total: f64 = sums.values().sum();
    for share in sums.values_mut() {
        *share /= total;
    }
    sums
}

/// Computes 1 − Π(1 − w): the weights are combined like independent probabilities
/// that the text misleads.
fn at_least_one(severities: impl Iterator<Item = Severity>) -> f64 {
    1.0 - severities
        .map(|severity| 1.0 - weight(severity))
        .product::<f64>()
}

const fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 0.1,
        Severity::Medium => 0.25,
        Severity::High => 0.5,
        Severity::Critical => 0.9,
    }
}

#[cfg(test)]
#[path = "tests/hallucination.rs"]
mod tests;
