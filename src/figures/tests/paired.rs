//! Comparisons against scipy and statsmodels (`tests/golden/paired.py`), and what must hold of any.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    before: Vec<f64>,
    now: Vec<f64>,
    document: Vec<u64>,
    probability: Expected,
    faithful: Expected,
    detectable: f64,
    newly_flagged: usize,
    no_longer_flagged: usize,
    mcnemar: f64,
    margins: Vec<f64>,
    not_worse_by: Vec<f64>,
    #[serde(default, rename = "ttost_lower_0.1")]
    ttost: Option<f64>,
}

#[derive(Deserialize)]
struct Expected {
    mean: f64,
    error: f64,
    interval: (f64, f64),
}

fn pairs(before: &[f64], now: &[f64], document: &[u64]) -> Vec<Pair> {
    let both = before.iter().zip(now).zip(document);
    both.map(|((&before, &now), &document)| Pair {
        before,
        now,
        flagged_before: before < 0.45,
        flagged_now: now < 0.45,
        document,
    })
    .collect()
}

fn near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn as_scipy_and_statsmodels_compute_it() {
    let golden = include_str!("../../../tests/golden/paired.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    assert!(golden.cases.len() >= 5);
    for case in golden.cases {
        let made = compare(&pairs(&case.before, &case.now, &case.document)).unwrap();
        near(made.probability.mean, case.probability.mean, "mean");
        near(
            made.probability.standard_error.unwrap(),
            case.probability.error,
            "error",
        );
        near(made.faithful.mean, case.faithful.mean, "share");
        near(
            made.faithful.standard_error.unwrap(),
            case.faithful.error,
            "error of the share",
        );
        near(
            made.probability.detectable.unwrap(),
            case.detectable,
            "detectable",
        );
        assert_eq!(made.newly_flagged, case.newly_flagged);
        assert_eq!(made.no_longer_flagged, case.no_longer_flagged);
        near(made.mcnemar, case.mcnemar, "McNemar");
        for (margin, expected) in case.margins.iter().zip(&case.not_worse_by) {
            near(made.not_worse_by(*margin), *expected, "not worse");
        }
        if let Some(expected) = case.ttost {
            let guarded = expected.max(0.9_f64.powf(made.documents as f64));
            near(
                made.not_worse_by(0.1),
                guarded,
                "statsmodels' one-sided test",
            );
        }
        for (found, expected) in [
            (made.probability, &case.probability),
            (made.faithful, &case.faithful),
        ] {
            // Other draws: the bounds agree to a few hundredths of the interval's width.
            let (lower, upper) = found.interval.unwrap();
            let width = (expected.interval.1 - expected.interval.0).max(1e-9);
            assert!(
                (lower - expected.interval.0).abs() < 0.15 * width,
                "{lower} {:?}",
                expected.interval
            );
            assert!(
                (upper - expected.interval.1).abs() < 0.15 * width,
                "{upper} {:?}",
                expected.interval
            );
        }
    }
}

#[test]
fn a_handful_of_items_shows_nothing_however_alike_they_are() {
    let same = |count: usize| {
        let all: Vec<f64> = vec![0.9; count];
        let documents: Vec<u64> = (0..count as u64).collect();
        compare(&pairs(&all, &all, &documents)).unwrap()
    };
    assert!(same(3).not_worse_by(0.05) > 0.8);
    assert!(same(58).not_worse_by(0.05) > 0.05);
    assert!(same(59).not_worse_by(0.05) < 0.05);
    assert_eq!(
        same(1).not_worse_by(0.05),
        1.0,
        "one document has no spread"
    );
    assert!(same(20).probability.detectable.is_none());
    assert!(compare(&[]).is_none());
}

#[test]
fn many_items_of_one_document_count_as_one() {
    let before: Vec<f64> = (0..100).map(|at| 0.5 + f64::from(at % 7) / 20.0).collect();
    let now: Vec<f64> = before.iter().map(|value| value - 0.01).collect();
    let one = compare(&pairs(&before, &now, &[7; 100])).unwrap();
    assert_eq!((one.items, one.documents), (100, 1));
    assert!(one.probability.interval.is_none() && one.probability.standard_error.is_none());
}

proptest! {
    #[test]
    fn bounds_hold_and_the_order_of_items_changes_nothing(
        items in prop::collection::vec((0.0..=1.0_f64, 0.0..=1.0_f64, 0..6_u64), 1..40),
        margin in 0.0..=1.0_f64,
    ) {
        let before: Vec<f64> = items.iter().map(|item| item.0).collect();
        let now: Vec<f64> = items.iter().map(|item| item.1).collect();
        let documents: Vec<u64> = items.iter().map(|item| item.2).collect();
        let mut all = pairs(&before, &now, &documents);
        let made = compare(&all).unwrap();
        all.reverse();
        let turned = compare(&all).unwrap();
        prop_assert!((made.probability.mean - turned.probability.mean).abs() < 1e-12);
        prop_assert_eq!(made.mcnemar, turned.mcnemar);
        prop_assert!((0.0..=1.0).contains(&made.mcnemar));
        prop_assert!((0.0..=1.0).contains(&made.not_worse_by(margin)));
        prop_assert!(made.not_worse_by(1.0) <= made.not_worse_by(0.0) + 1e-12);
        if let Some((lower, upper)) = made.probability.interval {
            prop_assert!((-1.0..=1.0).contains(&lower) && lower <= upper && upper <= 1.0);
        }
    }
}
