use super::*;
use crate::domain::verdict::Label;
use crate::figures::tests::properties::verdict;

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
