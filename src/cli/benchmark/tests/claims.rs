use uuid::Uuid;

use super::*;
use crate::audit::panel::Question;
use crate::domain::claim::{Claim, ClaimType};
use crate::domain::ids::ClaimId;

fn span(start: usize, end: usize) -> Span {
    Span { start, end }
}

fn verdict(span: Span, label: Label) -> Verdict {
    Verdict {
        claim: Claim {
            id: ClaimId::new(Uuid::from_u128(span.start as u128 + 1)),
            index: 0,
            text: String::new(),
            kind: ClaimType::Factual,
            span,
        },
        label,
        confidence: 0.9,
        probability: Probabilities::from_label(label, 0.9),
        evidence: Vec::new(),
        reasoning: String::new(),
    }
}

fn pair(candidate: &str, claims: Option<Vec<Labelled>>, supported: bool) -> Pair {
    Pair {
        texts: Question {
            source: "s".into(),
            candidate: candidate.into(),
            question: None,
        },
        supported,
        document: 0,
        class: None,
        label: None,
        claims,
        spans: None,
    }
}

#[test]
fn a_labelled_claim_takes_the_verdict_that_overlaps_it_most() {
    // 0..9 "- 😀 abcd", 10..19 "efgh ijkl", 20..23 "mno"
    let candidate = "- 😀 abcd\nefgh ijkl\nmno";
    let labelled = |start, end, label| Labelled {
        span: span(start, end),
        label,
    };
    let claims = vec![
        labelled(0, 9, Label::Supported),
        labelled(10, 19, Label::Refuted),
        labelled(20, 23, Label::Supported),
    ];
    let pair = pair(candidate, Some(claims), false);
    let verdicts = [
        verdict(span(5, 14), Label::Supported),
        verdict(span(14, 19), Label::NotEnoughInfo),
    ];
    let got: Vec<_> = judged(&pair, &verdicts)
        .into_iter()
        .map(|(claim, at)| (claim.given.map(|given| given.0), at))
        .collect();
    assert_eq!(
        got,
        [
            (Some(Label::Supported), Some(0)),
            (Some(Label::NotEnoughInfo), Some(1)),
            (None, None)
        ]
    );
    // "abcd efgh" overlaps both alike; "ijkl" is the second's alone.
    let truth = |at| truth_of(&pair, &verdicts, at);
    assert_eq!(truth(1), Some(Truth::Label(Label::Refuted)));
    assert!(truth(0).is_some());
}

#[test]
fn a_label_for_the_whole_tells_of_one_claim_or_of_none() {
    let one = [verdict(span(0, 3), Label::Refuted)];
    let two = [one[0].clone(), verdict(span(3, 6), Label::Supported)];
    let wrong = pair("abcdef", None, false);
    assert_eq!(judged(&wrong, &one)[0].0.truth, Truth::NotSupported);
    assert!(judged(&wrong, &two).is_empty());
    assert_eq!(truth_of(&wrong, &two, 0), None);
    let right = pair("abcdef", None, true);
    assert_eq!(
        truth_of(&right, &two, 0),
        Some(Truth::Label(Label::Supported))
    );
    let three = Pair {
        label: Some(Label::NotEnoughInfo),
        ..pair("abcdef", None, false)
    };
    let got = whole(&three, &two).unwrap();
    assert_eq!(got.given.unwrap().0, Label::Refuted);
    assert_eq!(whole(&wrong, &two), None);
}
