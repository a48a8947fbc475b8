use super::*;

const NAMES: [&str; 3] = ["handbook", "minutes.pdf", "https://example.org/report/"];

/// The marks, each with the name that it stands for.
fn marks(text: &str) -> Vec<(&str, Option<&'static str>)> {
    find(text, &NAMES)
        .into_iter()
        .map(|cited| (&text[cited.range], cited.source.map(|at| NAMES[at])))
        .collect()
}

#[test]
fn numbers_count_the_sources() {
    assert_eq!(
        marks("It opened in 1987 [1]. It has 12 rooms [2, 3]. It is old [4]."),
        [
            ("[1]", Some(NAMES[0])),
            ("[2, 3]", Some(NAMES[1])),
            ("[2, 3]", Some(NAMES[2])),
            ("[4]", None),
        ]
    );
    assert_eq!(
        marks("It is old [1-3].").len(),
        3,
        "a range names all that it spans"
    );
    assert_eq!(marks("It is old [0].")[0].1, None);
}

#[test]
fn names_are_taken_in_any_case_and_other_words_in_brackets_are_none() {
    assert_eq!(
        marks("Fees rose [Handbook] and fell [sic] again [Source: minutes.pdf]."),
        [
            ("[Handbook]", Some(NAMES[0])),
            ("[Source: minutes.pdf]", Some(NAMES[1])),
        ]
    );
    assert_eq!(
        marks("Fees rose (Source: the yearly report)."),
        [("(Source: the yearly report)", None)]
    );
}

#[test]
fn a_name_behind_a_statement_that_no_source_has_is_a_citation_of_nothing() {
    for (text, mark) in [
        (
            "The ferry carries forty cars [harbour guide].",
            "[harbour guide]",
        ),
        ("The ferry carries forty cars [Nobody]", "[Nobody]"),
        (
            "It was sold in 1987 [annual report], and then moved.",
            "[annual report]",
        ),
        ("It was sold [handbok] [1].", "[handbok]"),
        (
            "It was sold last year [company report].",
            "[company report]",
        ),
    ] {
        assert_eq!(marks(text)[0], (mark, None), "{text}");
    }
    for text in [
        "Fees rose again [sic].",
        "Fees rose again [emphasis added].",
        "Please call us at [phone number].",
        "The director is [Jane Doe].",
        "Best regards, [Jane Doe]",
        "Fees rose [in the second year] by a third.",
        "It weighs five grams [10 mg].",
        "The ferry carries forty cars [and ninety heavy lorries].",
        "The ferry sails daily [but none on Sundays].",
        "The ferry was sold last year [Anna Berg was arrested].",
        "- [x] Fees rose",
        "Fees rose last year [page](#there).",
    ] {
        assert_eq!(marks(text), [], "{text}");
    }
}

#[test]
fn footnotes_and_lists_of_references_say_what_a_mark_stands_for() {
    let text = "Fees rose.[^a] They fell [1].\n\n[^a]: minutes.pdf, page 3\n[1]: https://example.org/report\n";
    assert_eq!(
        marks(text),
        [("[^a]", Some(NAMES[1])), ("[1]", Some(NAMES[2]))]
    );
    let text = "They fell [2].\n\nReferences\n[2] The handbook, second edition\n";
    assert_eq!(marks(text), [("[2]", Some(NAMES[0]))]);
    assert_eq!(marks("Fees rose.[^7]"), [("[^7]", None)]);
}

#[test]
fn links_cite_by_their_address() {
    assert_eq!(
        marks(
            "Fees [rose](https://example.org/report#fees), says [the rest](https://example.com/)."
        ),
        [
            ("[rose](https://example.org/report#fees)", Some(NAMES[2])),
            ("[the rest](https://example.com/)", None),
        ]
    );
    let without_addresses = find("Fees [rose](https://example.com/).", &["handbook"]);
    assert!(without_addresses.is_empty());
}

#[test]
fn raised_figures_and_marks_of_assistants_are_read() {
    assert_eq!(marks("Fees rose.²"), [("²", Some(NAMES[1]))]);
    assert_eq!(
        marks("Fees rose【1†source】."),
        [("【1†source】", Some(NAMES[0]))]
    );
    assert!(marks("It has 30 m² of floor.").is_empty());
}

#[test]
fn code_and_texts_without_sources_cite_nothing() {
    assert!(marks("Look:\n\n```\nvalue = list[1]\n```\n").is_empty());
    assert!(find("It opened in 1987 [1].", &[]).is_empty());
    assert!(marks("- [ ] to do\n- [x] done").is_empty());
}

#[test]
fn a_number_that_is_too_long_names_no_source_and_a_range_has_an_end() {
    let long = "99999999999";
    for mark in [
        format!("(Source 1-{long})"),
        format!("(Source: 1-{long})"),
        format!("[Source 1-{long}]"),
        format!("【1-{long}†source】"),
    ] {
        let text = format!("The ferry carries forty cars {mark}.");
        assert_eq!(
            marks(&text),
            [(mark.as_str(), Some(NAMES[0])), (mark.as_str(), None)]
        );
    }
    let text = "The ferry carries forty cars (Source 18446744073709551615-20).";
    let mark = "(Source 18446744073709551615-20)";
    assert_eq!(marks(text), [(mark, None)], "one fault is told once");
    assert_eq!(
        marks("It is old [7-9]. It is new [2, 8, 9]."),
        [
            ("[7-9]", None),
            ("[2, 8, 9]", Some(NAMES[1])),
            ("[2, 8, 9]", None)
        ]
    );
    assert_eq!(
        marks("It is old [99999999999999999999]."),
        [("[99999999999999999999]", None)]
    );
    assert!(marks("It is old [2019].").is_empty(), "it is a year");
}

#[test]
fn a_range_names_a_bounded_number_of_sources() {
    for mark in ["1-999999", "1-20, 21-999"] {
        assert_eq!(numbers(mark).len(), OF_ONE_MARK, "{mark}");
        let text = format!("It is old (Source {mark}).");
        assert_eq!(marks(&text).len(), NAMES.len() + 1, "{text}");
    }
    assert_eq!(numbers("3-1"), [Some(3)]);
    assert_eq!(numbers("1-3, 5"), [Some(1), Some(2), Some(3), Some(5)]);
}
