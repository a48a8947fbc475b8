use super::*;

const PARTS: HallucinationComponents = HallucinationComponents {
    inverse_consensus: 0.2,
    verification: None,
    issues: 0.6,
    confidence: 1.0,
};

#[test]
fn an_absent_component_takes_its_weight_along() {
    let got = score(&PARTS, &Weights::default());
    let expected = 100.0 * (0.4 * 0.2 + 0.2 * 0.6 + 0.1) / 0.7;
    assert!((got - expected).abs() < 1e-12, "{got}");
}

#[test]
fn unusable_weights_leave_the_inverse_consensus() {
    let only_verification = Weights {
        inverse_consensus: 0.0,
        verification: 1.0,
        issues: 0.0,
        confidence: 0.0,
    };
    assert!((score(&PARTS, &only_verification) - 20.0).abs() < 1e-12);
}

#[test]
fn enormous_weights_stay_finite() {
    let weights = Weights {
        inverse_consensus: f64::MAX,
        verification: f64::MAX,
        issues: f64::MAX,
        confidence: f64::MAX,
    };
    assert!((score(&PARTS, &weights) - 60.0).abs() < 1e-9);
}

#[test]
fn severities_combine_below_one() {
    let got = at_least_one([Severity::High, Severity::Medium].into_iter());
    assert!((got - 0.625).abs() < 1e-12);
    assert_eq!(at_least_one(std::iter::empty()), 0.0);
}
