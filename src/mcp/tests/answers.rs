use super::*;
use crate::domain::claim::{Claim, ClaimType};
use crate::domain::ids::Id;

fn claim(index: usize, label: Label) -> ClaimView {
    ClaimView {
        claim: Claim {
            id: Id::new(uuid::Uuid::from_u128(7)),
            index,
            text: format!("claim {index}"),
            kind: ClaimType::Factual,
            span: Span { start: 0, end: 1 },
        },
        label: Some(label),
        confidence: Some(0.9),
        probability: None,
        verifier_label: None,
        views: Vec::new(),
        evidence: Vec::new(),
        reasoning: None,
        citations: Vec::new(),
    }
}

#[test]
fn what_is_supported_is_left_out_first() {
    let claims: Vec<ClaimView> = (0..MAX_CLAIMS + 10)
        .map(|index| {
            let bad = index >= MAX_CLAIMS;
            claim(
                index,
                if bad {
                    Label::Refuted
                } else {
                    Label::Supported
                },
            )
        })
        .collect();
    let (kept, left_out) = bounded(claims);
    assert_eq!((kept.len(), left_out), (MAX_CLAIMS, 10));
    let refuted = kept
        .iter()
        .filter(|claim| claim.label == Some(Label::Refuted));
    assert_eq!(refuted.count(), 10);
    assert_eq!(kept[0].text, "claim 10", "the order is the output's");
}

#[test]
fn few_claims_are_all_there() {
    let (kept, left_out) = bounded(vec![claim(0, Label::Supported)]);
    assert_eq!((kept.len(), left_out), (1, 0));
}
