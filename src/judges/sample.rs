//! A small case with an obvious answer, for testing a judge.

use std::sync::Arc;

use uuid::Uuid;

use super::Case;
use super::budget::RunBudget;
use super::injection::{self, AllowedPhrases};
use crate::domain::claim::{Claim, ClaimType};
use crate::domain::ids::ClaimId;
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::neural::Encoder;
use crate::text::sentences;
use crate::text::span::Utf16Index;

const SOURCE: &str = "The lighthouse was built in 1874. It is 31 metres high.";

const CANDIDATE: &str = "The lighthouse was built in 1874. It is 45 metres high.";

/// Returns the case. It is short, since the operator pays for it; the encoder evaluates it if there
/// is one.
pub(crate) fn sample(encoder: Option<&Arc<Encoder>>) -> Case {
    let index = SourceIndex::new(SOURCE).looked_at_by(encoder);
    case_of(index, SOURCE, CANDIDATE)
}

/// A case with one claim a sentence.
#[cfg(test)]
pub(crate) fn case(source: &str, candidate: &str) -> Case {
    case_of(SourceIndex::new(source), source, candidate)
}

fn case_of(index: SourceIndex, source: &str, candidate: &str) -> Case {
    let utf16 = Utf16Index::new(candidate);
    let claims = sentences::split(candidate)
        .into_iter()
        .enumerate()
        .map(|(index, sentence)| Claim {
            id: ClaimId::new(Uuid::from_u128(index as u128 + 1)),
            index,
            text: candidate[sentence.range.clone()].to_owned(),
            kind: ClaimType::Factual,
            span: utf16.span(sentence.range),
        })
        .collect();
    Case {
        source: source.into(),
        candidate: candidate.into(),
        question: None,
        compared: Arc::new(ComparedClaims::new(Arc::new(index), claims)),
        passages: None,
        signs: injection::signs(candidate, source, None, &AllowedPhrases::default()),
        user: None,
        run_budget: RunBudget::default(),
    }
}
