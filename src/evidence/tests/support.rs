use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// Values of a claim of the project's own texts, and what `training/fit_verifier.py` makes of them
/// by the table.
#[derive(Deserialize)]
struct Golden {
    values: Vec<f64>,
    supported: f64,
    refuted: f64,
}

#[test]
fn the_table_gives_what_the_fit_computes() {
    let text = include_str!("../../../tests/golden/verifier.json");
    let golden: Vec<Golden> = serde_json::from_str(text).unwrap();
    assert!(golden.len() >= 12);
    for claim in &golden {
        assert_eq!(claim.values.len() + 1, WITH_MODEL.len());
        let (supported, refuted) = weigh(WITH_MODEL, &claim.values);
        assert!(
            (supported - claim.supported).abs() < 1e-9 && (refuted - claim.refuted).abs() < 1e-9,
            "{supported} and {refuted} instead of {} and {}",
            claim.supported,
            claim.refuted
        );
    }
}

#[test]
fn a_claim_is_held_to_its_least_supported_clause() {
    let of = |supported: f64, refuted: f64| rounded(supported, refuted);
    for (whole, clause, expected) in [
        (of(0.8, 0.1), of(0.2, 0.6), of(0.2, 0.6)),
        (of(0.2, 0.6), of(0.8, 0.1), of(0.2, 0.6)),
        (of(0.5, 0.2), of(0.4, 0.1), of(0.4, 0.2)),
        (of(0.1, 0.9), of(0.3, 0.0), of(0.1, 0.9)),
    ] {
        assert_eq!(held_to(whole, clause), expected);
    }
}

proptest! {
    #[test]
    fn any_finite_values_give_probabilities(
        values in prop::collection::vec(-1e300..1e300_f64, WITH_MODEL.len() - 1),
    ) {
        for table in [WITH_MODEL, RULES_ALONE] {
            let (supported, refuted) = weigh(table, &values);
            prop_assert!((0.0..=1.0).contains(&supported), "{supported}");
            prop_assert!((0.0..=1.0).contains(&refuted), "{refuted}");
            prop_assert!(supported + refuted <= 1.0 + 1e-12);
        }
    }
}
