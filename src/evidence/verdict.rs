//! The verifier's verdict of a single claim.

use super::compared::ComparedClaim;
use super::index::SourceIndex;
use crate::domain::claim::Claim;
use crate::domain::verdict::Verdict;

/// The verifier's verdict of claim `claims[at]`, for those who ask nothing else of it; its neighbours are context.
pub fn decide(index: &SourceIndex, claims: &[Claim], at: usize) -> Verdict {
    ComparedClaim::new(index, claims, at).verdict(index, &claims[at])
}

#[cfg(test)]
#[path = "tests/verdict.rs"]
mod tests;
