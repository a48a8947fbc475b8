use super::*;

#[test]
fn powers_are_kept_apart_from_the_marks_of_footnotes() {
    for (before, mark, is_link, text) in [
        ("4 × 10", "6", false, "⁶"),
        ("about 10", "−3", false, "⁻³"),
        ("an area of 30 km", "2", false, "²"),
        ("9.81 m/s", "2", false, "²"),
        ("(a + b)", "2", false, "²"),
        ("filled in 1988", "12", false, ""),
        ("filled in 1988", "[12]", true, ""),
        ("the owner", "3", false, ""),
        ("the owner.", "3", false, ""),
        ("the owner.", "3, 4", false, ""),
        ("the owner", "*", false, ""),
        ("10", "6", true, ""),
        ("the 1", "st", false, "st"),
        ("the owner", "[citation needed]", true, "[citation needed]"),
    ] {
        assert_eq!(raised(before, mark, is_link), text, "{before}^{mark}");
    }
    assert_eq!(lowered("2"), "₂");
    assert_eq!(lowered("max"), "max");
}
