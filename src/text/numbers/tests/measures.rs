use super::*;

#[test]
fn names_in_both_numbers_and_several_languages() {
    for (word, base, factor) in [
        ("kilometres", "m", 1e3),
        ("stunden", "s", 3600.0),
        ("semanas", "s", 604_800.0),
        ("kpa", "kpa", 1.0),
        ("ppm", "ppb", 1e3),
        ("inches", "m", 0.0254),
    ] {
        let found = measure(word).map(|found| (found.base, found.factor));
        assert_eq!(found, Some((base, factor)), "{word}");
    }
    assert_eq!(measure("table"), None);
}

/// An s is cut off once, and never from a name of two letters: "ms" is no "m".
#[test]
fn a_plural_is_the_measure_that_its_singular_is() {
    let size = |word| measure(word).map(|found| found.factor);
    assert_eq!(size("ms"), Some(1e-3));
    assert_eq!(size("kgs"), size("kg"));
    assert_eq!(size("gs"), None);
    assert_eq!(size("miles"), Some(1_609.344));
    assert_eq!(size("miless"), None);
}

#[test]
fn degrees_fahrenheit_have_another_zero() {
    let found = measure("fahrenheit").unwrap();
    assert_eq!(found.base, "celsius");
    assert_eq!((212.0 + found.offset) * found.factor, 100.0);
}
