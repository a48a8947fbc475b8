use std::time::{Duration, Instant};

use super::*;
use crate::text::analysis::Analysis;
use crate::text::claims::extract;
use crate::text::span::Utf16Index;
use crate::text::tokens::Tokenizer;

/// The claims, each checked to be the text at its span.
fn texts(candidate: &str) -> Vec<String> {
    let spans = Utf16Index::new(candidate);
    extract(candidate)
        .into_iter()
        .map(|claim| {
            let bytes = spans.bytes(claim.span).unwrap();
            assert_eq!(candidate[bytes], claim.text);
            claim.text
        })
        .collect()
}

fn inserted_in(claim: &str) -> Vec<&str> {
    let language = Language::of(claim);
    let analysis = Analysis::new(&Tokenizer::new(language), claim, 0..claim.len());
    inserted(claim, 0..claim.len(), &analysis.tokens, language)
        .into_iter()
        .map(|range| &claim[range])
        .collect()
}

#[test]
fn a_clause_behind_a_mark_is_a_claim_of_its_own() {
    for (text, expected) in [
        (
            "The bridge opened in 1932 (it was paid for by the army).",
            ["The bridge opened in 1932", "it was paid for by the army"],
        ),
        (
            "The bridge opened in 1932 (soldiers paid for it) [2].",
            ["The bridge opened in 1932", "soldiers paid for it"],
        ),
        (
            "The bridge opened in 1932 [the army had paid for it].",
            ["The bridge opened in 1932", "the army had paid for it"],
        ),
        (
            "The bridge opened in 1932: it was paid for by the army.",
            ["The bridge opened in 1932", "it was paid for by the army."],
        ),
        (
            "The mayor lost the case: Acme owns the mill.",
            ["The mayor lost the case", "Acme owns the mill."],
        ),
        (
            "The bridge opened in 1932 / the army had paid for it.",
            ["The bridge opened in 1932", "the army had paid for it."],
        ),
        (
            "The mill was sold to a bank, it has three floors and a wooden wheel.",
            [
                "The mill was sold to a bank",
                "it has three floors and a wooden wheel.",
            ],
        ),
        (
            "The bridge opened in 1932; soldiers paid for it.",
            ["The bridge opened in 1932", "soldiers paid for it."],
        ),
        (
            "The bridge opened in 1932 – the army had paid for it.",
            ["The bridge opened in 1932", "the army had paid for it."],
        ),
        (
            "The bridge opened in 1932 [1; 2], and the army paid for it [3].",
            [
                "The bridge opened in 1932 [1; 2]",
                "the army paid for it [3].",
            ],
        ),
        (
            "Die Brücke wurde 1932 eröffnet (sie wurde von der Armee bezahlt).",
            [
                "Die Brücke wurde 1932 eröffnet",
                "sie wurde von der Armee bezahlt",
            ],
        ),
        (
            "Die Brücke wurde 1932 eröffnet: die Armee hat sie bezahlt.",
            [
                "Die Brücke wurde 1932 eröffnet",
                "die Armee hat sie bezahlt.",
            ],
        ),
        (
            "Le pont fut ouvert en 1932 (il est payé par l'armée).",
            ["Le pont fut ouvert en 1932", "il est payé par l'armée"],
        ),
        (
            "El puente fue abierto en 1932 (fue pagado por el ejército).",
            [
                "El puente fue abierto en 1932",
                "fue pagado por el ejército",
            ],
        ),
    ] {
        assert_eq!(texts(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_clause_stays_with_its_sentence() {
    for text in [
        "The bridge opened in 1932 (see page 3).",
        "The bridge opened in 1932 (the year of the flood).",
        "The mayor comes from Vessen (a town founded in 1802).",
        "The stones weigh 3.5 tonnes (each).",
        "The ferry leaves at 9:30 and it returns at 11:45 daily.",
        "She added: the mill was old.",
        "The reason is: it rained.",
        "When the mill was sold to a bank, it had three floors.",
        "Should repairs be needed, they would cost three million.",
        "Built in 1902 by Anna Vries, it has three floors.",
        "He said the mill was old, it had three floors.",
        "The verdict was clear: Acme owns the mill.",
        "The team has three parts: a house, a mill and a barn.",
        "He said that the mill (it was old) burned.",
        "The walls consist of three layers; stones painted by children.",
        "She said: \"It was old (it was cold).\"",
    ] {
        assert_eq!(texts(text), [text]);
    }
}

#[test]
fn a_clause_inside_another_is_found() {
    for (claim, expected) in [
        (
            "The bridge (it was paid for by the army) opened in 1932.",
            vec!["it was paid for by the army"],
        ),
        (
            "The mill - it was built in 1874 - has three floors.",
            vec!["it was built in 1874"],
        ),
        (
            "The mill — the army had built it — has three floors (Anna Vries sold two of them) today.",
            vec!["the army had built it", "Anna Vries sold two of them"],
        ),
        (
            "Die Brücke (sie wurde von der Armee bezahlt) ist alt.",
            vec!["sie wurde von der Armee bezahlt"],
        ),
        ("The bridge (the old one) opened in 1932.", vec![]),
        ("The bridge - and the mill - opened in 1932.", vec![]),
        ("(It was paid for by the army.)", vec![]),
    ] {
        assert_eq!(inserted_in(claim), expected, "{claim}");
    }
    // No more than the bound are looked at.
    let many = "The mill (it was old) burned ".repeat(9);
    assert_eq!(inserted_in(&many).len(), INSERTED);
}

#[test]
fn many_marks_cost_no_more_than_full_stops() {
    let time = |text: &str| {
        let start = Instant::now();
        std::hint::black_box(extract(text));
        start.elapsed()
    };
    let length = 6_000;
    let stops = time(&"it was old. ".repeat(length / 12));
    for piece in [
        "(it was old ",
        "it was old: ",
        "it was old; ",
        "it was old - ",
        "it was old [1], ",
        "((((((((",
        "[[[[[[[[ ",
        "Das Werk schloss 2019:\n",
        "以下于：\n",
    ] {
        // Other work on the machine makes both slow.
        let marks = time(&piece.repeat(length / piece.len()));
        let most = 10 * stops + Duration::from_secs(2);
        assert!(marks < most, "{piece:?}: {marks:?} beside {stops:?}");
    }
}
