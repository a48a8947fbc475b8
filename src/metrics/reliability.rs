//! How far the figures carry: rules with names.

use crate::domain::result::{ConfidenceInterval, JudgeCounts, Reliability};

/// What the rules look at.
pub(super) struct Grounds<'a> {
    /// Krippendorff's alpha, where defined.
    pub(super) alpha: Option<f64>,
    /// The interval of the consensus, where there is one.
    pub(super) interval: Option<&'a ConfidenceInterval>,
    /// 0..1.
    pub(super) mean_confidence: f64,
    /// How the judges ended.
    pub(super) judges: JudgeCounts,
    /// Claims with a verdict.
    pub(super) claims: usize,
}

/// The reliability and the rules that lowered it. Of two bounds on one figure only the one that
/// weighs more is named; an undefined figure fires nothing.
pub(super) fn reliability(grounds: &Grounds<'_>) -> (Reliability, Vec<String>) {
    let unknown = reasons(&[
        (grounds.judges.completed < 2, "fewer_than_2_judges"),
        (grounds.claims == 0, "no_claims"),
    ]);
    if !unknown.is_empty() {
        return (Reliability::Unknown, unknown);
    }
    let alpha = |bound| grounds.alpha.is_some_and(|alpha| alpha < bound);
    let wider = |bound| grounds.interval.is_some_and(|i| i.upper - i.lower > bound);
    let confidence = |bound| grounds.mean_confidence < bound;
    let JudgeCounts {
        requested, failed, ..
    } = grounds.judges;
    let half_failed = failed > 0 && failed * 2 >= requested;

    let low = reasons(&[
        (alpha(0.4), "alpha_below_0.4"),
        (wider(40.0), "interval_wider_than_40"),
        (confidence(0.5), "mean_confidence_below_0.5"),
        (half_failed, "half_of_judges_failed"),
    ]);
    let medium = reasons(&[
        (alpha(0.6) && !alpha(0.4), "alpha_below_0.6"),
        (wider(20.0) && !wider(40.0), "interval_wider_than_20"),
        (
            confidence(0.7) && !confidence(0.5),
            "mean_confidence_below_0.7",
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
    use super::*;

    fn judged(
        alpha: Option<f64>,
        width: Option<f64>,
        mean_confidence: f64,
        (requested, completed, failed): (usize, usize, usize),
        claims: usize,
    ) -> (Reliability, Vec<String>) {
        let interval = width.map(|width| ConfidenceInterval {
            level: 0.95,
            lower: 30.0,
            upper: 30.0 + width,
            method: "student_t".into(),
            n: completed,
            n_effective: None,
        });
        reliability(&Grounds {
            alpha,
            interval: interval.as_ref(),
            mean_confidence,
            judges: JudgeCounts {
                requested,
                completed,
                failed,
            },
            claims,
        })
    }

    #[test]
    fn each_rule_fires_at_its_bound() {
        use Reliability::{High, Low, Medium, Unknown};
        let all = (4, 4, 0);
        let table: &[(_, Reliability, &[&str])] = &[
            (judged(Some(0.9), Some(10.0), 0.9, all, 5), High, &[]),
            (judged(Some(0.6), Some(20.0), 0.7, all, 5), High, &[]),
            (judged(None, None, 0.7, all, 5), High, &[]),
            (
                judged(Some(0.59), Some(10.0), 0.9, all, 5),
                Medium,
                &["alpha_below_0.6"],
            ),
            (
                judged(Some(0.4), Some(40.0), 0.5, all, 5),
                Medium,
                &[
                    "alpha_below_0.6",
                    "interval_wider_than_20",
                    "mean_confidence_below_0.7",
                ],
            ),
            (
                judged(Some(0.9), Some(10.0), 0.9, (4, 3, 1), 5),
                Medium,
                &["judge_failed"],
            ),
            (
                judged(Some(0.39), Some(41.0), 0.49, (4, 2, 2), 5),
                Low,
                &[
                    "alpha_below_0.4",
                    "interval_wider_than_40",
                    "mean_confidence_below_0.5",
                    "half_of_judges_failed",
                ],
            ),
            (
                judged(Some(0.9), Some(41.0), 0.6, all, 5),
                Low,
                &["interval_wider_than_40", "mean_confidence_below_0.7"],
            ),
            (
                judged(Some(0.1), None, 0.1, (1, 1, 0), 0),
                Unknown,
                &["fewer_than_2_judges", "no_claims"],
            ),
            // An abstention is no failure.
            (judged(Some(0.9), Some(5.0), 0.9, (4, 2, 0), 5), High, &[]),
        ];
        for ((reliability, reasons), expected, names) in table {
            assert_eq!(reliability, expected);
            assert_eq!(reasons, names);
        }
    }
}
