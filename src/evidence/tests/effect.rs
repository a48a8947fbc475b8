use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::evidence::verifier_table::{RULES_ALONE, WITH_MODEL};

/// Values of claims of the project's own texts, and what `training/fit_verifier.py` made of them
/// when it printed the table.
#[derive(Deserialize)]
struct Golden {
    #[serde(rename = "WITH_MODEL")]
    with_model: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    values: Vec<f64>,
    supported: f64,
    refuted: f64,
}

#[test]
fn the_table_gives_what_the_fit_computed() {
    let text = include_str!("../../../tests/golden/verifier.json");
    let golden: Golden = serde_json::from_str(text).unwrap();
    assert!(golden.with_model.len() >= 12);
    for claim in &golden.with_model {
        let (supported, refuted) = WITH_MODEL.probabilities(&claim.values);
        assert!(
            (supported - claim.supported).abs() < 1e-9 && (refuted - claim.refuted).abs() < 1e-9,
            "{supported} and {refuted} instead of {} and {}",
            claim.supported,
            claim.refuted
        );
    }
}

#[test]
fn each_piece_has_its_own_slope_and_nothing_jumps() {
    const SLOPES: [Slope; 3] = [
        Slope::new(1.0, 0.0),
        Slope::new(0.0, 2.0),
        Slope::new(4.0, 8.0),
    ];
    const BENT: Table = Table {
        effects: &[Effect::new("value", &[0.5, 0.75], &SLOPES)],
        bias: Slope::new(-1.0, 0.25),
    };
    let logits = |value: f64| {
        let mut logits = BENT.bias;
        BENT.effects[0].add_to(&mut logits, value);
        (logits.supported, logits.refuted)
    };
    assert_eq!(logits(-2.0), (-3.0, 0.25));
    assert_eq!(logits(0.0), (-1.0, 0.25));
    assert_eq!(logits(0.25), (-0.75, 0.25));
    assert_eq!(logits(0.5), (-0.5, 0.25));
    assert_eq!(logits(0.75), (-0.5, 0.75));
    assert_eq!(logits(1.0), (0.5, 2.75));
    for bend in [0.5, 0.75] {
        let (below, above) = (logits(bend - 1e-9), logits(bend + 1e-9));
        assert!((below.0 - above.0).abs() < 1e-7 && (below.1 - above.1).abs() < 1e-7);
    }
}

#[test]
fn the_tables_are_well_formed() {
    for table in [WITH_MODEL, RULES_ALONE] {
        for effect in table.effects {
            assert_eq!(effect.slopes.len(), effect.bends.len() + 1, "{effect:?}");
            assert!(
                effect.bends.is_sorted_by(|one, next| one < next),
                "{effect:?}"
            );
            for slope in effect.slopes.iter().chain([&table.bias]) {
                assert!(slope.supported.is_finite() && slope.refuted.is_finite());
            }
        }
    }
    // Only the figures of the model are added.
    assert_eq!(WITH_MODEL.effects.len(), RULES_ALONE.effects.len() + 5);
}

proptest! {
    #[test]
    fn any_finite_values_give_probabilities(
        values in prop::collection::vec(-1e300..1e300_f64, WITH_MODEL.effects.len()),
    ) {
        for (table, values) in [(WITH_MODEL, &values[..]), (RULES_ALONE, &values[..RULES_ALONE.effects.len()])] {
            let (supported, refuted) = table.probabilities(values);
            prop_assert!((0.0..=1.0).contains(&supported) && (0.0..=1.0).contains(&refuted), "{supported} {refuted}");
            prop_assert!(supported + refuted <= 1.0 + 1e-12);
        }
    }
}
