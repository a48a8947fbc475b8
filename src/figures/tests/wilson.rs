use super::*;

#[test]
fn nothing_has_no_interval() {
    assert_eq!(wilson_95(0, 0), None);
    assert_eq!(claim_counts(&[]).supported_interval, None);
}

#[test]
fn the_ends_of_the_scale_are_kept() {
    let none = wilson_95(0, 12).unwrap();
    let all = wilson_95(12, 12).unwrap();
    assert!(none.lower == 0.0 && none.upper > 0.2 && none.upper < 0.3);
    assert!((none.upper - (1.0 - all.lower)).abs() < 1e-12 && all.upper == 1.0);
}
