//! Verifies the claims of a candidate that is still being written, each as soon as the sentence
//! after it has begun.
//!
//! Such an early verdict is the verifier's alone. Deliberately not here: who stores the pieces, and
//! the check of the complete text at the end (`guard`).

use std::sync::Arc;

use crate::domain::verdict::Verdict;
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::neural::Encoder;
use crate::text::sentences;
use crate::text::span::Utf16Index;

use super::claims::claims_of;

/// The index of a source, which many comparisons share.
#[derive(Clone)]
pub(crate) struct Read(Arc<SourceIndex>);

/// Indexes a source. Expensive: call it on a thread for computations.
pub(crate) fn read(source: &str, encoder: Option<&Arc<Encoder>>) -> Read {
    Read(Arc::new(SourceIndex::new(source).looked_at_by(encoder)))
}

/// Returns the verdicts of the claims that begin at `from` (in UTF-16 code units) or later and that
/// no further text can change. Expensive: call it on a thread for computations.
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
