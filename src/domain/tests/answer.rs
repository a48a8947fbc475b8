use super::sentence;

#[test]
fn the_sentence_counts_what_does_not_hold() {
    let cases = [
        (1, 0, 0, "The one claim is supported by the source."),
        (7, 0, 0, "All 7 claims are supported by the source."),
        (1, 0, 1, "1 of 1 claim is not supported by the source."),
        (9, 0, 2, "2 of 9 claims are not supported by the source."),
        (9, 1, 0, "1 of 9 claims contradicts the source."),
        (
            9,
            2,
            1,
            "2 of 9 claims contradict the source; 1 is not supported.",
        ),
        (
            11,
            1,
            3,
            "1 of 11 claims contradicts the source; 3 are not supported.",
        ),
    ];
    for (total, contradicted, unsupported, expected) in cases {
        assert_eq!(sentence(total, contradicted, unsupported), expected);
    }
}
