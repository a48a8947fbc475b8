use super::*;

#[test]
fn a_panel_is_worth_what_its_errors_leave() {
    // n, ρ, n / (1 + (n − 1) ρ)
    for (n, correlation, expected) in [
        (1, 0.5, 1.0),
        (4, 0.0, 4.0),
        (4, 1.0, 1.0),
        (4, 0.5, 1.6),
        (10, 0.1, 10.0 / 1.9),
    ] {
        assert!((effective(n, correlation) - expected).abs() < 1e-12);
    }
}

#[test]
fn unknown_pairs_are_half_alike_and_one_judge_twice_is_one() {
    assert_eq!(mean_correlation(&["openai", "gemini", "facts"]), UNKNOWN);
    assert_eq!(mean_correlation(&["lexical", "novelty"]), 1.0);
    assert_eq!(mean_correlation(&["facts"]), 0.0);
    assert_eq!(
        mean_correlation(&["facts", "logic"]),
        mean_correlation(&["logic", "facts"])
    );
    for (one, other, correlation) in MEASURED {
        assert!((0.0..=1.0).contains(&correlation));
        assert!(one != other || correlation == 1.0, "{one}");
    }
}
