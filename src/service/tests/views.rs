use uuid::Uuid;

use super::*;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::{Label, Probabilities};

fn claim() -> Claim {
    Claim {
        id: ClaimId::new(Uuid::from_u128(1)),
        index: 0,
        text: "The mill was sold.".to_owned(),
        kind: ClaimType::Factual,
        span: Span { start: 0, end: 18 },
    }
}

fn verdict() -> Verdict {
    Verdict {
        claim: claim(),
        label: Label::Refuted,
        confidence: 0.7,
        probability: Probabilities::from_label(Label::Refuted, 0.7),
        evidence: Vec::new(),
        reasoning: "the year differs".to_owned(),
    }
}

#[test]
fn a_claim_that_nobody_has_looked_at_has_no_label() {
    let stored = StoredClaim {
        claim: claim(),
        verdict: None,
        decision: None,
    };
    let view = claim_view(stored, Vec::new());
    assert_eq!(
        (view.label, view.confidence, view.verifier_label),
        (None, None, None)
    );
    assert_eq!((view.reasoning, view.evidence), (None, Vec::new()));
}

#[test]
fn until_the_panel_has_decided_the_verifiers_label_is_the_claims() {
    let stored = StoredClaim {
        claim: claim(),
        verdict: Some(verdict()),
        decision: None,
    };
    let view = claim_view(stored, Vec::new());
    assert_eq!(
        (view.label, view.confidence),
        (Some(Label::Refuted), Some(0.7))
    );
    assert_eq!(view.verifier_label, Some(Label::Refuted));
    assert_eq!(view.reasoning.as_deref(), Some("the year differs"));
}

#[test]
fn the_panels_label_counts_before_the_verifiers() {
    let probability = Probabilities::normalised(0.8, 0.1, 0.1);
    let opinion = JudgeOpinion {
        judge_name: "model".to_owned(),
        label: Label::Supported,
        confidence: 0.9,
        probability: None,
    };
    let stored = StoredClaim {
        claim: claim(),
        verdict: Some(verdict()),
        decision: Some(Decision::of(claim().id, probability)),
    };
    let view = claim_view(stored, vec![opinion.clone()]);
    assert_eq!(
        (view.label, view.probability),
        (Some(Label::Supported), Some(probability))
    );
    assert_eq!(
        view.verifier_label,
        Some(Label::Refuted),
        "what it said stays"
    );
    assert_eq!(view.views, [opinion]);
}
