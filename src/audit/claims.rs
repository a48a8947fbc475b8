//! A candidate cut into claims, and what of it is none.

use crate::domain::claim::Claim;
use crate::domain::result::NonClaim;
use crate::store::new_id;
use crate::text::claims::{cut, numbered};
use crate::text::non_claims;
use crate::text::span::Utf16Index;

/// A candidate cut into claims, each with an id of its own.
pub fn claims_of(candidate: &str) -> Vec<Claim> {
    numbered(candidate, |_| new_id())
}

/// What of a candidate states nothing, in its order.
pub(crate) fn non_claims_of(candidate: &str) -> Vec<NonClaim> {
    let spans = Utf16Index::new(candidate);
    let named = |(range, reason): (_, non_claims::NonClaim)| NonClaim {
        span: spans.span(range),
        reason: reason.as_str().to_owned(),
    };
    cut(candidate).1.into_iter().map(named).collect()
}

/// Why there is nothing to check in a candidate without a claim.
pub(crate) fn nothing_because(non_claims: &[NonClaim]) -> &'static str {
    let abstention = non_claims::NonClaim::Abstention.as_str();
    if non_claims.iter().any(|part| part.reason == abstention) {
        "abstained"
    } else {
        "no_claim"
    }
}
