//! How far the verdicts carry: rules with names.
//!
//! A verdict's confidence is the calibrated chance that it is right, so the mean over the claims is the
//! share of verdicts that are expected to be. `benchmark` prints, by class, what share really was.

use crate::domain::result::{JudgeCounts, Reliability};
use crate::domain::verdict::Verdict;

/// Expected share of right verdicts from which the reliability is high.
const HIGH: f64 = 0.9;
/// Expected share of right verdicts from which it is medium.
const MEDIUM: f64 = 0.75;

/// What the rules look at.
pub(super) struct Grounds<'a> {
    /// The final verdicts.
    pub(super) verdicts: &'a [Verdict],
    /// How the judges ended.
    pub(super) judges: JudgeCounts,
}

/// The reliability and the rules that lowered it. Of two bounds on one figure only the one that weighs
/// more is named.
pub(super) fn reliability(grounds: &Grounds<'_>) -> (Reliability, Vec<String>) {
    let mut confidences: Vec<f64> = grounds.verdicts.iter().map(|v| v.confidence).collect();
    // Verdicts come in any order, and floating-point sums depend on theirs.
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
mod tests {
    use super::super::properties::verdict;
    use super::*;
    use crate::domain::verdict::Label;

    fn judged(
        confidences: &[f64],
        (requested, completed, failed): (usize, usize, usize),
    ) -> (Reliability, Vec<String>) {
        let verdicts: Vec<Verdict> = confidences
            .iter()
            .enumerate()
            .map(|(at, &confidence)| Verdict {
                confidence,
                ..verdict(at, Label::Supported)
            })
            .collect();
        reliability(&Grounds {
            verdicts: &verdicts,
            judges: JudgeCounts {
                requested,
                completed,
                failed,
            },
        })
    }

    #[test]
    fn each_rule_fires_at_its_bound() {
        use Reliability::{High, Low, Medium, Unknown};
        let all = (4, 4, 0);
        let table: &[(_, Reliability, &[&str])] = &[
            (judged(&[0.95, 0.97], all), High, &[]),
            (judged(&[0.9], all), High, &[]),
            (
                judged(&[0.99, 0.8], all),
                Medium,
                &["verdict_confidence_below_0.9"],
            ),
            (
                judged(&[0.75], all),
                Medium,
                &["verdict_confidence_below_0.9"],
            ),
            (
                judged(&[0.5, 0.99, 0.7], all),
                Low,
                &["verdict_confidence_below_0.75"],
            ),
            (judged(&[0.95], (4, 3, 1)), Medium, &["judge_failed"]),
            (
                judged(&[0.8], (4, 3, 1)),
                Medium,
                &["verdict_confidence_below_0.9", "judge_failed"],
            ),
            (judged(&[0.95], (4, 2, 2)), Low, &["half_of_judges_failed"]),
            (
                judged(&[], (1, 1, 0)),
                Unknown,
                &["fewer_than_2_judges", "no_claims"],
            ),
            // An abstention is no failure.
            (judged(&[0.95], (4, 2, 0)), High, &[]),
        ];
        for ((reliability, reasons), expected, names) in table {
            assert_eq!(reliability, expected);
            assert_eq!(reasons, names);
        }
    }
}
