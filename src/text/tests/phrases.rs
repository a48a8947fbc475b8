use super::*;

#[test]
fn steps_gaps_and_repeats() {
    let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
    for (pattern, text, expected) in [
        ("of course", "of course it did", Some(2)),
        (
            "based on @which% @source",
            "based on the provided context it",
            Some(5),
        ),
        ("the? @source", "source", Some(1)),
        ("a * z", "a b c z", Some(4)),
        ("a * z", "a b c d e f g h z", None),
        ("n/a $", "n/a yes", None),
        ("x|y z", "y z", Some(2)),
        ("x y|$", "x", Some(1)),
        ("x|y z", "y", None),
    ] {
        let patterns = Patterns::new([pattern]);
        let words = words(text);
        assert_eq!(
            patterns.begins(&words).next(),
            expected,
            "{pattern}: {text}"
        );
    }
}
