use proptest::prelude::*;

use super::*;

fn texts(candidate: &str) -> Vec<String> {
    extract(candidate)
        .into_iter()
        .map(|claim| claim.text)
        .collect()
}

#[test]
fn sentences_and_complete_clauses() {
    for (candidate, expected) in [
        (
            "The mill opened in 1902, and the bakery closed a year later.",
            vec!["The mill opened in 1902", "the bakery closed a year later."],
        ),
        (
            "Anna bought flour, salt and yeast.",
            vec!["Anna bought flour, salt and yeast."],
        ),
        (
            "She said that the mill was old, and the roof was new.",
            vec!["She said that the mill was old, and the roof was new."],
        ),
        (
            "If it rains, the fair is moved, and the stalls are closed.",
            vec!["If it rains, the fair is moved, and the stalls are closed."],
        ),
        (
            "The dam holds 3,500 litres; it was built by Rossi.",
            vec!["The dam holds 3,500 litres", "it was built by Rossi."],
        ),
        (
            "Hello! Sure, here is a summary: \nThe bridge was closed.\nI hope this helps.",
            vec!["The bridge was closed."],
        ),
        (
            "# History\n\n- Founded in 1998\n- Who knows?\n",
            vec!["Founded in 1998"],
        ),
        (
            "The painter, who lived in Ghent, and the sculptor met in 1901.",
            vec!["The painter, who lived in Ghent, and the sculptor met in 1901."],
        ),
        (
            "It carries forty cars [^1].\n\n[^1]: the handbook, pages 3-4\n[2]: minutes.pdf, S. 12\n",
            vec!["It carries forty cars [^1]."],
        ),
        ("工厂于1998年开业。它有三层吗？", vec!["工厂于1998年开业。"]),
        ("Paris", vec!["Paris"]),
        ("Hello!", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(texts(candidate), expected, "{candidate}");
    }
}

#[test]
fn kinds_by_their_marks() {
    for (text, expected) in [
        ("Revenue rose by 12% in 2020.", ClaimType::Numerical),
        ("The mill opened in 1902.", ClaimType::Temporal),
        (
            "“We will stay here”, the mayor added.",
            ClaimType::Quotation,
        ),
        ("The Elbe is longer than the Weser.", ClaimType::Comparative),
        ("More than 50 people came.", ClaimType::Numerical),
        ("The flood was caused by a broken dam.", ClaimType::Causal),
        ("Rossi built the bridge.", ClaimType::Factual),
    ] {
        assert_eq!(extract(text)[0].kind, expected, "{text}");
    }
}

/// Fails where a content word stands in no claim and in nothing that is told to be none.
fn uncovered(candidate: &str) -> Result<(), TestCaseError> {
    let (claims, others) = cut(candidate);
    let spans = Utf16Index::new(candidate);
    let mut parts: Vec<Range<usize>> = others.into_iter().map(|(range, _)| range).collect();
    parts.extend(claims.iter().filter_map(|claim| spans.bytes(claim.span)));
    let tokenizer = Tokenizer::new(Language::of(candidate));
    for token in tokenizer.tokens(candidate, 0..candidate.len()) {
        // A mark that joins what is before it may join a blank.
        let blank = token.word.len() - token.word.trim_start().len();
        let inside = parts
            .iter()
            .any(|part| part.start <= token.range.start + blank && token.range.end <= part.end);
        // The mark of an item of a list, which Unicode calls a number.
        let mark = token.word.chars().all(|c| ('①'..='⑳').contains(&c));
        prop_assert!(
            inside || mark || !token.content(),
            "{:?} of {candidate:?} in {parts:?}",
            token.word
        );
    }
    Ok(())
}

#[test]
fn a_mark_of_a_list_is_no_content() {
    for candidate in ["①", "⑳②", "①\n② The mill opened.", "1、\nIt burnt."] {
        uncovered(candidate).unwrap();
    }
}

#[test]
fn a_statement_behind_a_dash_or_beside_another_is_a_claim_of_its_own() {
    let two = [
        "Lorries may reach the site at night",
        "the mill was built in 1874.",
    ];
    for text in [
        "Lorries may reach the site at night - the mill was built in 1874.",
        "Lorries may reach the site at night – the mill was built in 1874.",
        "Lorries may reach the site at night, while the mill was built in 1874.",
    ] {
        assert_eq!(texts(text), two, "{text}");
    }
    for text in [
        "The mill - it was built in 1874 - has three floors.",
        "The mill was open 1990–2000 and is closed.",
        "Anna lived there while the mill was built.",
        "She said the mill was old - the roof was new.",
    ] {
        assert_eq!(texts(text), [text], "{text}");
    }
}

#[test]
fn no_courtesy_hides_a_claim() {
    for (text, claim) in [
        (
            "Let me add that the mill was sold to a bank.",
            "the mill was sold to a bank.",
        ),
        (
            "Let's note that the mill was sold to a bank.",
            "the mill was sold to a bank.",
        ),
        (
            "I am happy to say that the mill was sold to a bank.",
            "the mill was sold to a bank.",
        ),
        (
            "Feel free to note that the mill was sold to a bank.",
            "the mill was sold to a bank.",
        ),
        (
            "The mill was sold to a bank :)",
            "The mill was sold to a bank :)",
        ),
    ] {
        assert_eq!(texts(text), [claim], "{text}");
    }
    assert_eq!(
        texts("It opened in 1902. Let me know if that helps :)"),
        ["It opened in 1902."]
    );
}

#[test]
fn a_footnote_that_says_something_is_a_claim() {
    for text in [
        "[^2]: The price does not include tax.",
        "[^1]: Der Chef betrügt seine Kunden.",
        "[^1]: Le directeur ment à ses clients.",
        "[^1]: 工厂于1998年开业，有三百名工人。",
        "[x]: No deaths among its passengers.",
        "[^1]: Source: 400 deaths, page 3.",
        "[^1]: ferry, page 3, which sank in 1987",
        "[^1]: the ferry of the two brothers, page 3",
    ] {
        assert_eq!(
            texts(&format!("It carries forty cars.\n\n{text}")).len(),
            2,
            "{text}"
        );
    }
}

#[test]
fn lines_that_state_something_are_claims() {
    for (candidate, expected) in [
        (
            "- **Opened:** 1974\n- **Director:** Jon Berg",
            vec!["**Opened:** 1974", "**Director:** Jon Berg"],
        ),
        (
            "Opened: 1974\nTown: Oslo",
            vec!["Opened: 1974", "Town: Oslo"],
        ),
        (
            "| Field | Value |\n|---|---|\n| Opened | 1974 |\n| Town | Oslo |",
            vec!["Opened | 1974", "Town | Oslo"],
        ),
        (
            "Field | Value\n--- | ---\nOpened | 1974",
            vec!["Opened | 1974"],
        ),
        (
            "The library offers:\n- a reading room\n- parking",
            vec!["a reading room", "parking"],
        ),
        (
            "The library offers:\n* a reading room\n\n* a sauna",
            vec!["a reading room", "a sauna"],
        ),
        (
            "### The library opened in 1984\n\nIt is old.",
            vec!["The library opened in 1984", "It is old."],
        ),
        (
            "## Die Bibliothek wurde 1984 eröffnet\n\nSie ist alt.",
            vec!["Die Bibliothek wurde 1984 eröffnet", "Sie ist alt."],
        ),
        (
            "**Director:** Jon Berg\n\nThe library opened in 1974.",
            vec!["**Director:** Jon Berg", "The library opened in 1974."],
        ),
        (
            "Direktor: Jon Berg\nOrt: Oslo",
            vec!["Direktor: Jon Berg", "Ort: Oslo"],
        ),
        ("馆长：王芳\n地点：北京", vec!["馆长：王芳", "地点：北京"]),
        ("Excused:\nC. Claire\nD. Moor", vec!["C. Claire", "D. Moor"]),
        (
            "1. Opened in 1974\n2. Directed by Jon Berg",
            vec!["Opened in 1974", "Directed by Jon Berg"],
        ),
        (
            "# Corvane Instruments: the first half\n\nSales rose.",
            vec!["Sales rose."],
        ),
        (
            "**Scope**\n- Only pods fit\n\n**What happened**\nIt fell.",
            vec!["Only pods fit", "It fell."],
        ),
        (
            "It rose.\n\nSources:\n- Yearly report 2020",
            vec!["It rose."],
        ),
    ] {
        assert_eq!(texts(candidate), expected, "{candidate}");
    }
}

#[test]
fn what_could_be_checked_stays_a_claim() {
    for candidate in [
        "I think the mill opened in 1902.",
        "I believe Anna Vries founded it.",
        "The report does not include the costs of the roof.",
        "The mayor does not say why he left.",
    ] {
        assert_eq!(texts(candidate), [candidate]);
    }
}

proptest! {
    #[test]
    fn spans_slice_back_in_order(candidate in "[a-zA-Z .,;!?\\n\"#*0-9é漢😀؟।-]{0,200}") {
        let spans = Utf16Index::new(&candidate);
        let mut end = 0;
        for claim in extract(&candidate) {
            prop_assert!(claim.span.start >= end && claim.span.start < claim.span.end);
            end = claim.span.end;
            let range = spans.bytes(claim.span);
            prop_assert_eq!(range.map(|range| &candidate[range]), Some(claim.text.as_str()));
        }
    }

    #[test]
    fn every_content_word_is_in_a_claim_or_in_what_is_none(
        candidate in "([A-Za-z]{1,9}|the|is|was|not|and|1,902|3\\.5|Dr\\.|漢字|كتاب|été|[.,;:!?|#*-]|\\n| ){0,60}",
    ) {
        uncovered(&candidate)?;
    }

    #[test]
    fn any_unicode_is_covered(candidate in any::<String>()) {
        uncovered(&candidate)?;
    }

    #[test]
    fn any_unicode_is_taken(candidate in any::<String>()) {
        prop_assert_eq!(extract(&candidate), extract(&candidate));
    }
}

#[test]
fn a_word_that_answers_stays_a_claim_when_more_follows() {
    assert_eq!(texts("Vessen."), ["Vessen."]);
    assert_eq!(
        texts("Vessen. The pier closed."),
        ["Vessen.", "The pier closed."]
    );
    assert_eq!(
        texts("1902. The pier closed."),
        ["1902.", "The pier closed."]
    );
    // What only agrees is none, whatever follows.
    assert!(texts("Exactly.").is_empty());
    assert_eq!(texts("Exactly. The pier closed."), ["The pier closed."]);
}

/// Sentences of many forms, each as it may stand in an output or in a source.
const FORMS: [&str; 12] = [
    "The pier of Vessen closed in March.",
    "it was sold for 40,000 pounds.",
    "The mill belongs to Tarn Ltd.",
    "Anna Vries moved to the U.S.",
    "passage 2: the roof was mended.",
    "[c] Nobody voted against it.",
    "Revenue rose by 12%!",
    "She said: \"It never rains.\"",
    "He left at 9 p.m.",
    "Vessen.",
    "The stones weigh 3.5 tonnes (each).",
    "most of them carried timber and coal.",
];

proptest! {
    /// Whoever appends to an output must not make an earlier claim go: it may grow by what no mark parts from it
    /// (`evidence` looks behind that), and never vanish.
    #[test]
    fn what_is_appended_hides_no_claim(
        before in prop::collection::vec(prop::sample::select(FORMS.to_vec()), 1..4),
        later in prop::collection::vec(prop::sample::select(FORMS.to_vec()), 1..3),
    ) {
        let before = before.join(" ");
        let alone = texts(&before);
        let both = texts(&format!("{before} {}", later.join(" ")));
        prop_assert!(both.len() >= alone.len(), "{alone:?} {both:?}");
        for (one, other) in alone.iter().zip(&both) {
            prop_assert!(other.starts_with(one.as_str()), "{alone:?} {both:?}");
        }
    }
}
