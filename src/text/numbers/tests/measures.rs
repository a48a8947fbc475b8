use super::*;

#[test]
fn names_in_both_numbers_and_several_languages() {
    for (word, base, factor) in [
        ("kilometres", "m", 1e3),
        ("stunden", "s", HOUR),
        ("semanas", "s", 7.0 * DAY),
        ("kpa", "kpa", 1.0),
        ("ppm", "ppb", 1e3),
        ("inches", "m", 0.0254),
    ] {
        let found = measure(word).map(|found| (found.base, found.factor));
        assert_eq!(found, Some((base, factor)), "{word}");
    }
    assert_eq!(measure("table"), None);
    assert_eq!(period("day"), Some(1.0));
}
