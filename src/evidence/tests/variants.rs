//! What the verifier makes of claims of single kinds: a line is a label (S supported, R refuted, N neither), a
//! source and a claim, written for this.

use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::Label;
use crate::evidence::SourceIndex;
use crate::evidence::decide;

fn label(source: &str, claim: &str) -> (Label, String) {
    let claim = Claim {
        id: ClaimId::new(uuid::Uuid::from_u128(1)),
        index: 0,
        text: claim.to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start: 0,
            end: claim.encode_utf16().count(),
        },
    };
    let verdict = decide(&SourceIndex::new(source), &[claim], 0);
    (verdict.label, verdict.reasoning)
}

fn is_kept(lines: &str) {
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let parts: Vec<&str> = line.split(" ~ ").collect();
        let [expected, source, claim] = parts[..] else {
            panic!("not three parts: {line}")
        };
        let expected = match expected {
            "S" => Label::Supported,
            "R" => Label::Refuted,
            _ => Label::NotEnoughInfo,
        };
        let (found, reasoning) = label(&source.replace("\\n", "\n"), claim);
        if found != expected {
            wrong.push(format!("{line}: {found:?}, {reasoning}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sums_of_money_in_other_spellings_and_other_currencies() {
    is_kept(include_str!("variants/money.txt"));
}

#[test]
fn parts_of_a_whole_and_how_often() {
    is_kept(include_str!("variants/periods.txt"));
}

#[test]
fn times_zones_dates_and_scales() {
    is_kept(include_str!("variants/clocks.txt"));
}

#[test]
fn the_value_of_another_subject() {
    is_kept(include_str!("variants/subjects.txt"));
}

#[test]
fn the_value_of_another_row() {
    is_kept(include_str!("variants/rows.txt"));
}

#[test]
fn little_words_arithmetic_and_comparisons() {
    is_kept(include_str!("variants/words.txt"));
}
