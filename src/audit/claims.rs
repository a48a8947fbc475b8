//! Splits a candidate into claims, and lists the parts that are no claims.

use crate::domain::claim::Claim;
use crate::domain::result::NonClaim;
use crate::store::new_id;
use crate::text::claims::{cut, numbered};
use crate::text::non_claims;
use crate::text::span::Utf16Index;

/// Splits a candidate into claims, each with an id of its own.
pub fn claims_of(candidate: &str) -> Vec<Claim> {
    numbered(candidate, |_| new_id())
}

/// Returns the parts of a candidate that state nothing, in order.
pub(crate) fn non_claims_of(candidate: &str) -> Vec<NonClaim> {
    let spans = Utf16Index::new(candidate);
    let named = |(range, reason): (_, non_claims::NonClaim)| NonClaim {
        span: spans.span(range),
        reason: reason.as_str().to_owned(),
    };
    cut(candidate).1.into_iter().map(named).collect()
}

/// The reason why a candidate without a claim has nothing to check.
pub(crate) fn nothing_because(non_claims: &[NonClaim]) -> &'static str {
    let abstention = non_claims::NonClaim::Abstention.as_str();
    if non_claims.iter().any(|part| part.reason == abstention) {
        "abstained"
    } else {
        "no_claim"
    }
}
