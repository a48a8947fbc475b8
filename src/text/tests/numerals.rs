use super::*;

#[test]
fn separators_of_several_countries() {
    for (word, value) in [
        ("1,200", 1200.0),
        ("1.200.000", 1_200_000.0),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("3,5", 3.5),
        ("0,125", 0.125),
        ("3.125", 3.125),
        ("12٬000", 12_000.0),
    ] {
        assert_eq!(
            digits(word, false).map(|found| found.0),
            Some(value),
            "{word}"
        );
    }
    assert_eq!(digits("1.200", true).map(|found| found.0), Some(1200.0));
    assert_eq!(digits("1.25", true).map(|found| found.0), Some(1.25));
    assert_eq!(digits("1.2.3", false), None);
}
