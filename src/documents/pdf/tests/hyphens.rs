use super::*;

#[test]
fn the_typesetters_hyphens_go_and_the_words_own_stay() {
    for (text, expected) in [
        (
            "the certifi-\ncation of the mill",
            "the certification of the mill",
        ),
        ("it was under-\nstood by the", "it was understood by the"),
        (
            "a de-\ntermining factor of the",
            "a determining factor of the",
        ),
        (
            "the price-\ndetermining factors",
            "the price-determining factors",
        ),
        (
            "the state-of-the-\nart method",
            "the state-of-the-art method",
        ),
        ("the Franco-\nGerman border", "the Franco-German border"),
        ("in 1990-\n95 it was", "in 1990-95 it was"),
        (
            "the pre-\nand post-war years",
            "the pre-\nand post-war years",
        ),
        ("He said -\nand left", "He said -\nand left"),
        ("the ri-\nver, and the river", "the river, and the river"),
        ("re-\nsign, or to re-sign it", "re-sign, or to re-sign it"),
        ("the Donau\u{ad}\ndampfer", "the Donaudampfer"),
        (
            "They cross the border. Of cross-\nborder trade",
            "They cross the border. Of cross-border trade",
        ),
        (
            "a cross-country race to the border, and cross-\nborder trade",
            "a cross-country race to the border, and cross-border trade",
        ),
        (
            "It was under the table and stood there, under-\nstood as a sign",
            "It was under the table and stood there, understood as a sign",
        ),
        (
            "The work of the shop is over, and the water-\nmelons of the melons are sold",
            "The work of the shop is over, and the watermelons of the melons are sold",
        ),
        (
            "die Straße im Bau und der straßen-\nbau der bau straßen",
            "die Straße im Bau und der straßenbau der bau straßen",
        ),
        (
            "die Unter-\nnehmen und die Gesell-\nschaft",
            "die Unternehmen und die Gesellschaft",
        ),
    ] {
        assert_eq!(joined(text), expected);
    }
}
