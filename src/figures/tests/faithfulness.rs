use proptest::prelude::*;

use super::*;

fn of(chances: &[f64]) -> f64 {
    probability(chances.iter().copied()).unwrap()
}

#[test]
fn no_claim_has_no_chance() {
    assert_eq!(probability(std::iter::empty()), None);
}

#[test]
fn a_true_text_stays_true_however_long_and_one_lie_is_enough() {
    assert!(of(&[0.999; 3]) > 0.9 && of(&vec![0.999; 5_000]) > 0.9);
    assert!(of(&[0.02]) < THRESHOLD);
    let mut all = vec![0.999; 5_000];
    all[2_500] = 0.02;
    assert!(of(&all) < 0.1, "{}", of(&all));
}

fn chances() -> impl Strategy<Value = Vec<f64>> {
    let chance = prop_oneof![1 => Just(0.0), 1 => Just(1.0), 6 => 0.0..=1.0f64];
    prop::collection::vec(chance, 1..40)
}

#[test]
fn the_interval_is_around_its_probability_up_to_the_ends() {
    for at in 0..=1_000_u32 {
        let probability = f64::from(at) / 1_000.0;
        let found = interval(probability);
        assert!(
            0.0 <= found.lower && found.lower <= probability && probability <= found.upper,
            "{found:?} around {probability}"
        );
        assert!(found.upper <= 1.0);
    }
    let half = interval(0.5);
    assert!((half.lower + half.upper - 1.0).abs() < 1e-9, "{half:?}");
    let width = (half.upper / (1.0 - half.upper)).ln();
    assert!((width - FIT.half_width).abs() < 1e-3, "{width}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_added_raises_no_end_of_the_interval(claims in chances(), more in chances()) {
        let both: Vec<f64> = claims.iter().chain(&more).copied().collect();
        let (before, after) = (interval(of(&claims)), interval(of(&both)));
        prop_assert!(after.lower <= before.lower && after.upper <= before.upper);
    }

    #[test]
    fn whatever_is_added_never_helps(claims in chances(), more in chances()) {
        let both: Vec<f64> = claims.iter().chain(&more).copied().collect();
        prop_assert!(of(&both) <= of(&claims));
        prop_assert!((0.0..=1.0).contains(&of(&both)));
    }

    #[test]
    fn said_twice_never_helps(claims in chances(), times in 2..30usize) {
        prop_assert!(of(&claims.repeat(times)) <= of(&claims));
    }

    #[test]
    fn a_chance_that_falls_never_helps(
        (claims, at, by) in (chances(), any::<prop::sample::Index>(), 0.0..=1.0f64)
    ) {
        let mut worse = claims.clone();
        let at = at.index(worse.len());
        worse[at] *= by;
        prop_assert!(of(&worse) <= of(&claims));
    }

    #[test]
    fn the_order_of_claims_is_irrelevant(
        (claims, shuffled) in chances().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(of(&shuffled).to_bits(), of(&claims).to_bits());
    }
}
