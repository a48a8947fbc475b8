//! The claims of one output beside one source, each compared with it once for everybody who asks.
//!
//! The verifier and the offline judges read the same comparison of a claim. It is made when the first of them
//! asks for it, without what it took to make it (words, vectors, rows), and lives as long as the run's case.

use std::sync::{Arc, OnceLock};

use super::comparison::Comparison;
use super::finding::Checked;
use super::index::SourceIndex;
use super::support;
use super::verbatim::verbatim;
use super::view::NeuralView;
use super::wording::Wording;
use crate::domain::claim::Claim;
use crate::domain::verdict::{Probabilities, Verdict};

/// Claims of one output whose comparisons are kept, so that an output of tens of thousands of tiny claims holds
/// a few megabytes at most; those beyond are compared anew for each who asks.
const KEPT: usize = 4_096;

/// What the comparison of one claim with its evidence found.
#[derive(Debug)]
pub struct ComparedClaim {
    pub facts: Checked,
    /// Polarity, opposites, roles, order, quantifiers, certainty.
    pub logic: Checked,
    /// What the neural verifier sees; none where it is off, or does not know the language.
    pub neural: Option<NeuralView>,
    /// Whether the source states the claim in the same words.
    pub verbatim: bool,
    /// What the evidence and the source have of the claim's words.
    pub wording: Wording,
    /// How likely each label is to the verifier.
    probability: Probabilities,
    /// Sentences of the source that the verifier's verdict rests on.
    evidence: Vec<usize>,
    /// Why the verifier says so.
    reasoning: String,
}

impl ComparedClaim {
    /// Compares the claim `claims[at]`; its neighbours are context.
    pub fn new(index: &SourceIndex, claims: &[Claim], at: usize) -> Self {
        let comparison = Comparison::new(index, claims, at);
        let probability = support::probabilities(&comparison);
        let label = probability.label();
        Self {
            verbatim: verbatim(&comparison.alignment),
            wording: Wording::new(&comparison),
            probability,
            evidence: comparison.evidence(label),
            reasoning: comparison.reasoning(probability),
            facts: comparison.facts,
            logic: comparison.logic,
            neural: comparison.neural,
        }
    }

    /// The verifier's verdict of the claim: probabilities from what was compared, and a label from them.
    pub fn verdict(&self, index: &SourceIndex, claim: &Claim) -> Verdict {
        let evidence = self.evidence.iter();
        Verdict {
            claim: claim.clone(),
            label: self.probability.label(),
            confidence: self.probability.confidence(),
            probability: self.probability,
            evidence: evidence.map(|sentence| index.evidence(*sentence)).collect(),
            reasoning: self.reasoning.clone(),
        }
    }
}

/// The claims of one output beside one source.
#[derive(Debug)]
pub struct ComparedClaims {
    index: Arc<SourceIndex>,
    claims: Arc<[Claim]>,
    /// The claims as they are compared.
    read: Arc<[Claim]>,
    /// The comparisons of the first claims, each once it was wanted.
    kept: Box<[OnceLock<Arc<ComparedClaim>>]>,
}

impl ComparedClaims {
    pub fn new(index: Arc<SourceIndex>, claims: Arc<[Claim]>) -> Self {
        let read = Arc::clone(&claims);
        Self::reading(index, claims, read)
    }

    /// The same where claims hold what states nothing, such as the name of a source that is cited: `read` are the
    /// claims without it.
    pub(crate) fn reading(
        index: Arc<SourceIndex>,
        claims: Arc<[Claim]>,
        read: Arc<[Claim]>,
    ) -> Self {
        debug_assert_eq!(claims.len(), read.len(), "the same claims");
        let kept = claims.len().min(KEPT);
        Self {
            index,
            claims,
            read,
            kept: std::iter::repeat_with(OnceLock::new).take(kept).collect(),
        }
    }

    /// The source, cut and indexed once.
    pub const fn index(&self) -> &Arc<SourceIndex> {
        &self.index
    }

    /// The claims, in the output's order.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The claims as they are compared.
    pub(crate) fn read(&self) -> &[Claim] {
        &self.read
    }

    /// The comparison of the claim at this place. Heavy the first time: on a thread for computations. Whoever
    /// asks meanwhile waits for whoever compares; if that one is stopped, the next one compares.
    pub fn get(&self, at: usize) -> Arc<ComparedClaim> {
        let compare = || Arc::new(ComparedClaim::new(&self.index, &self.read, at));
        match self.kept.get(at) {
            Some(kept) => Arc::clone(kept.get_or_init(compare)),
            None => compare(),
        }
    }

    /// The verifier's verdict of the claim at this place; as heavy as [`Self::get`].
    pub fn verdict(&self, at: usize) -> Verdict {
        self.get(at).verdict(&self.index, &self.claims[at])
    }
}

#[cfg(test)]
#[path = "tests/compared.rs"]
mod tests;
