//! A candidate that is still being written: its claims are verified as soon as the sentence after them has begun.
//!
//! What is said of a claim before the end is the verifier's alone. Deliberately not here: who holds the pieces, and
//! the check of the whole at the end (`guard`).

use std::sync::Arc;

use crate::domain::verdict::Verdict;
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::neural::Encoder;
use crate::text::sentences;
use crate::text::span::Utf16Index;

use super::claims::claims_of;

/// A source that is compared with again and again. Heavy to make: on a thread for computations.
#[derive(Clone)]
pub(crate) struct Read(Arc<SourceIndex>);

/// Reads a source.
pub(crate) fn read(source: &str, encoder: Option<&Arc<Encoder>>) -> Read {
    Read(Arc::new(SourceIndex::new(source).looked_at_by(encoder)))
}

/// The verdicts of the claims from this place on, in UTF-16 code units, that no further text can change any more.
/// Heavy: on a thread for computations.
pub(crate) fn decided(source: &Read, candidate: &str, from: usize) -> Vec<Verdict> {
    let claims = claims_of(candidate);
    let Some(last) = sentences::split(candidate).pop() else {
        return Vec::new();
    };
    let open = Utf16Index::new(candidate).span(last.range).start;
    let is_ready =
        |claim: &crate::domain::claim::Claim| claim.span.start >= from && claim.span.end <= open;
    let ready: Vec<usize> = (0..claims.len())
        .filter(|at| is_ready(&claims[*at]))
        .collect();
    let compared = ComparedClaims::new(Arc::clone(&source.0), claims.into());
    ready.into_iter().map(|at| compared.verdict(at)).collect()
}

#[cfg(test)]
#[path = "tests/sentences.rs"]
mod tests;
