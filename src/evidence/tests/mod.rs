mod kinds;
pub(crate) mod perturbations;
mod variants;

use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;

/// A claim by itself.
pub(super) fn claim(text: &str) -> Claim {
    Claim {
        id: ClaimId::new(uuid::Uuid::from_u128(1)),
        index: 0,
        text: text.to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start: 0,
            end: text.encode_utf16().count(),
        },
    }
}
