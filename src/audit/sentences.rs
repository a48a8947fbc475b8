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

/// How far a candidate is decided, in UTF-16 code units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// End of the last claim with a verdict.
    pub told_up_to: usize,
    /// Start of the last sentence, which may still go on. While it stays, no further claim is
    /// decided.
    pub open: usize,
}

/// Returns the verdicts of the claims that no further text can change and that have none yet, and
/// how far the candidate is decided with them. Expensive: call it on a thread for computations.
pub(crate) fn decided(
    source: &Read,
    candidate: &str,
    before: Progress,
) -> (Vec<Verdict>, Progress) {
    let Some(last) = sentences::split(candidate).pop() else {
        return (Vec::new(), before);
    };
    let open = Utf16Index::new(candidate).span(last.range).start;
    // A long answer comes in thousands of pieces, most of which begin no sentence.
    if open == before.open {
        return (Vec::new(), before);
    }
    let from = before.told_up_to;
    let claims = claims_of(candidate);
    let is_ready =
        |claim: &crate::domain::claim::Claim| claim.span.start >= from && claim.span.end <= open;
    let ready: Vec<usize> = (0..claims.len())
        .filter(|at| is_ready(&claims[*at]))
        .collect();
    let compared = ComparedClaims::new(Arc::clone(&source.0), claims.into());
    let verdicts: Vec<Verdict> = ready.into_iter().map(|at| compared.verdict(at)).collect();
    let told_up_to = verdicts.last().map_or(from, |last| last.claim.span.end);
    (verdicts, Progress { told_up_to, open })
}

/// Returns true if a piece only goes on with a word of ASCII letters or digits, so that no sentence
/// begins with it.
pub(crate) fn is_within_word(before: &str, piece: &str) -> bool {
    before.ends_with(|last: char| last.is_ascii_alphanumeric())
        && piece.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
#[path = "tests/sentences.rs"]
mod tests;
