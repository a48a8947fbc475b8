//! The verifier's verdict of a claim: probabilities from what was compared, and a label from them.

use super::comparison::Comparison;
use super::index::SourceIndex;
use super::support;
use crate::domain::claim::Claim;
use crate::domain::verdict::Verdict;

/// The verifier's verdict of claim `claims[at]`; its neighbours are context.
pub fn decide(index: &SourceIndex, claims: &[Claim], at: usize) -> Verdict {
    let comparison = Comparison::new(index, claims, at);
    let probability = support::probabilities(&comparison);
    let label = probability.label();
    Verdict {
        claim: claims[at].clone(),
        label,
        confidence: probability.confidence(),
        probability,
        evidence: comparison.evidence(label),
        reasoning: comparison.reasoning(label),
    }
}

#[cfg(test)]
#[path = "tests/rules.rs"]
mod tests;
