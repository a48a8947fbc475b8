use super::*;

#[test]
fn a_part_of_a_line_becomes_a_sentence() {
    for (part, line) in [
        (
            "the source says 40, the claim says 90",
            "The source says 40, the claim says 90.",
        ),
        (
            "the provider refused the call (HTTP 400): no",
            "The provider refused the call (HTTP 400): no.",
        ),
        ("max_tokens is too low", "max_tokens is too low."),
        ("3 of 4 claims hold", "3 of 4 claims hold."),
        ("It is right. It is so!", "It is right. It is so!"),
        ("it ends; does it?", "It ends; does it?"),
        ("صحيح؟", "صحيح؟"),
        ("", ""),
    ] {
        assert_eq!(sentence(part), line);
    }
}
