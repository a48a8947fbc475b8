use super::*;

#[test]
fn periods_are_in_days() {
    for (word, days) in [
        ("day", Some(1.0)),
        ("h", Some(1.0 / 24.0)),
        ("week", Some(7.0)),
        ("quarter", Some(91.3125)),
        ("annum", Some(365.25)),
        ("night", Some(1.0)),
        ("kilometre", None),
    ] {
        assert_eq!(period(word), days, "{word}");
    }
}
