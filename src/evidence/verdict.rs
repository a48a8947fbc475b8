//! The verifier's verdict on a single claim.

use super::compared::ComparedClaim;
use super::index::SourceIndex;
use crate::domain::claim::Claim;
use crate::domain::verdict::Verdict;

/// Verifies the claim `claims[at]` for callers that need nothing but the verdict; adjacent
/// claims serve as context.
pub fn decide(index: &SourceIndex, claims: &[Claim], at: usize) -> Verdict {
    ComparedClaim::new(index, claims, at).verdict(index, &claims[at])
}

#[cfg(test)]
#[path = "tests/verdict.rs"]
mod tests;
