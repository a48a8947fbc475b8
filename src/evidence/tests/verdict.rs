use super::*;
use crate::domain::claim::{ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;

fn claims(texts: &[&str]) -> Vec<Claim> {
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| Claim {
            id: ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1)),
            index,
            text: (*text).to_owned(),
            kind: ClaimType::Factual,
            span: Span {
                start: 0,
                end: text.encode_utf16().count(),
            },
        })
        .collect()
}

const SOURCE: &str = "The ferry Alba sank off Corrin in 1931. Its captain, Owen Hale, did not survive. \
    In 1950 the harbour bought a new ferry. It carries more cars than the old one. The crew may strike in June.";

#[test]
fn labels_and_the_words_for_them() {
    let index = SourceIndex::new(SOURCE);
    for (text, label, words) in [
        (
            "The ferry Alba sank off Corrin in 1931.",
            Label::Supported,
            "the source states this",
        ),
        (
            "The ferry Alba sank off Corrin in 1932.",
            Label::Refuted,
            "the source says 1931, the claim says 1932",
        ),
        (
            "The ferry Alba sank off Lisbon in 1931.",
            Label::Refuted,
            "the source says \"Corrin\", the claim says \"Lisbon\"",
        ),
        (
            "Captain Owen Hale survived.",
            Label::Refuted,
            "the source negates this: \"did not survive\"",
        ),
        (
            "The new ferry carries fewer cars than the old one.",
            Label::Refuted,
            "fewer",
        ),
        (
            "The harbour bought a new ferry in May 1950.",
            Label::NotEnoughInfo,
            "the source gives only 1950",
        ),
        (
            "The harbour sold a new ferry in 1950.",
            Label::Refuted,
            "\"bought\", the claim says \"sold\"",
        ),
        (
            "The crew struck work; violins played.",
            Label::NotEnoughInfo,
            "violins",
        ),
        (
            "Penguins adore marmalade.",
            Label::NotEnoughInfo,
            "the source holds nothing on this",
        ),
    ] {
        let verdict = decide(&index, &claims(&[text]), 0);
        assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
        assert!(
            verdict.reasoning.contains(words),
            "{text}: {}",
            verdict.reasoning
        );
    }
}

#[test]
fn a_pronoun_is_read_with_the_claim_before() {
    let index = SourceIndex::new(SOURCE);
    let claims = claims(&[
        "The ferry Alba sank off Corrin.",
        "Its captain did not survive.",
    ]);
    let verdict = decide(&index, &claims, 1);
    assert_eq!(verdict.label, Label::Supported, "{}", verdict.reasoning);
    assert!(verdict.evidence[0].text.starts_with("Its captain"));
}

#[test]
fn values_belong_to_what_they_are_said_of() {
    let vote = "In March the council voted for the plan.";
    let coded = "Valve V1 opens at 30 bar in hall H1. Valve V2 opens at 40 bar in hall H2. \
        Valve V3 opens at 50 bar in hall H3.";
    let pumps = "Pump 16 runs at 1016 rpm. Pump 17 runs at 1017 rpm. Pump 18 runs at 1018 rpm.";
    let towers = "Tower 7 of the harbour has 10 floors and was painted in 1907. Tower 99 of the \
        harbour has 42 floors and was painted in 1999.";
    let years = "In 2020 the mill earned 5 million euros. In 2021 the mill earned 7 million euros.";
    let ways = "Sales rose by 12% in the first quarter and fell by 3% in the second.";
    let budget =
        "The budget for 2022 was 3.1 million dollars. The budget for 2023 was 2.4 million.";
    let rows = "| Year | Sold |\n|---|---|\n| 2022 | 45.300 € |\n| 2023 | 52.750 € |\n";
    let plans = "Plan | Price | Storage\nBasic | 9 euros | 50 GB\nPlus | 19 euros | 200 GB\nMax | 39 euros | 900 GB\n";
    let (supported, refuted, open) = (Label::Supported, Label::Refuted, Label::NotEnoughInfo);
    for (source, text, label) in [
        (pumps, "Pump 17 runs at 1017 rpm.", supported),
        (pumps, "Pump 17 runs at 1018 rpm.", refuted),
        (vote, "The council supported the plan.", supported),
        (vote, "The council voted against the plan.", refuted),
        (vote, "The council opposed the plan.", refuted),
        (coded, "Valve V2 opens at 40 bar.", supported),
        (coded, "Valve V2 opens at 50 bar.", refuted),
        (coded, "Valve V3 opens at 30 bar in hall H3.", refuted),
        (coded, "Valve V3 opens in hall H1.", refuted),
        (pumps, "Pump 18 runs at 1016 rpm.", refuted),
        (towers, "Tower 99 of the harbour has 42 floors.", supported),
        (towers, "Tower 7 of the harbour has 99 floors.", refuted),
        (
            towers,
            "Tower 7 of the harbour was painted in 1999.",
            refuted,
        ),
        (
            years,
            "In 2020 the mill earned 5 million euros and in 2021 7 million euros.",
            supported,
        ),
        (years, "In 2020 the mill earned 7 million euros.", refuted),
        (ways, "Sales rose by 12% in the first quarter.", supported),
        (ways, "Sales fell by 3% in the second quarter.", supported),
        (ways, "Sales fell by 12% in the first quarter.", refuted),
        (budget, "The budget shrank by 700,000 dollars.", open),
        (rows, "| 2022 | 45.300 € |", supported),
        (plans, "The Plus plan costs 19 euros.", supported),
        (plans, "The Plus plan costs 39 euros.", refuted),
    ] {
        let verdict = decide(&SourceIndex::new(source), &claims(&[text]), 0);
        assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
    }
}

#[test]
fn each_language_has_its_own_negators() {
    let source = "Der Verein betreibt z. B. zwei Büchereien und keinen Kindergarten. Der Vorstand traf \
        sich im Mai.";
    let index = SourceIndex::new(source);
    for (text, label) in [
        ("Der Verein betreibt einen Kindergarten.", Label::Refuted),
        ("Der Verein betreibt keinen Kindergarten.", Label::Supported),
        ("Der Vorstand traf sich im Mai.", Label::Supported),
    ] {
        let verdict = decide(&index, &claims(&[text]), 0);
        assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
    }
    let verdict = decide(&index, &claims(&["Der Vorstand traf sich im Juni."]), 0);
    assert!(
        !verdict.reasoning.contains("negates"),
        "{}",
        verdict.reasoning
    );
}

#[test]
fn a_word_that_denies_by_itself_can_be_denied() {
    let rejected = "In 2011 the council rejected a proposal to charge a toll.";
    let kept = "In 2011 the council did not reject the proposal to charge a toll.";
    for (source, text, label) in [
        (
            rejected,
            "The council did not reject the toll proposal.",
            Label::Refuted,
        ),
        (
            rejected,
            "The council rejected the toll proposal.",
            Label::Supported,
        ),
        (
            kept,
            "The council rejected the proposal to charge a toll.",
            Label::Refuted,
        ),
        (
            kept,
            "The council did not reject the proposal to charge a toll.",
            Label::Supported,
        ),
        (
            "The board refused the loan to the mill.",
            "The board has never refused the loan to the mill.",
            Label::Refuted,
        ),
    ] {
        let verdict = decide(&SourceIndex::new(source), &claims(&[text]), 0);
        assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
    }
    // Denied in other words, it is the same.
    let source = "The board refused to sell the mill.";
    let verdict = decide(
        &SourceIndex::new(source),
        &claims(&["The board did not sell the mill."]),
        0,
    );
    assert_ne!(verdict.label, Label::Refuted, "{}", verdict.reasoning);
}

#[test]
fn a_source_without_words_supports_nothing() {
    for source in ["", "\n\n", "!!!"] {
        let verdict = decide(&SourceIndex::new(source), &claims(&["The ferry sank."]), 0);
        assert_eq!(verdict.label, Label::NotEnoughInfo);
        assert!(verdict.evidence.is_empty());
    }
}

#[test]
fn a_reason_names_what_a_number_stands_behind() {
    let rooms = "Room 1 has 20 seats. Room 2 has 40 seats. Room 3 has 60 seats.";
    let verdict = decide(
        &SourceIndex::new(rooms),
        &claims(&["Room 2 has 60 seats."]),
        0,
    );
    assert!(
        verdict
            .reasoning
            .contains("of Room 2 the source says 40, the claim says 60"),
        "{}",
        verdict.reasoning
    );
}
