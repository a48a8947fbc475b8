//! Compares the claims of one candidate with one source, each only once for all
//! users of the result.
//!
//! The verifier and the offline judges read the same comparison of a claim. It is computed on
//! first use, keeps none of the intermediate data (words, vectors, rows), and lives as long
//! as the run's case.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::align::Alignment;
use super::comparison::Comparison;
use super::finding::Checked;
use super::index::SourceIndex;
use super::support;
use super::verbatim::verbatim;
use super::view::NeuralView;
use super::wording::Wording;
use crate::domain::claim::Claim;
use crate::domain::verdict::{Probabilities, Verdict};
use crate::text::analysis::Analysis;
use crate::text::clauses;
use crate::text::non_claims::states_nothing;
use crate::text::tokens::Tokenizer;

/// Maximum number of comparisons kept, so that a candidate with tens of thousands of tiny claims
/// takes a few megabytes at most; further claims are compared at each use.
const KEPT: usize = 4_096;

/// The result of comparing one claim with its evidence.
#[derive(Debug)]
pub struct ComparedClaim {
    pub facts: Checked,
    /// Findings about polarity, opposites, roles, order, quantifiers and certainty.
    pub logic: Checked,
    /// The neural verifier's view; `None` if it is off or does not support the language.
    pub neural: Option<NeuralView>,
    /// True if the source states the claim in the same words.
    pub verbatim: bool,
    /// The share of the claim's words in the evidence and in the source.
    pub wording: Wording,
    /// The verifier's probability of each label.
    probability: Probabilities,
    /// The sentences of the source that the verdict is based on.
    evidence: Vec<usize>,
    /// The explanation of the verdict.
    reasoning: String,
}

impl ComparedClaim {
    /// Compares the claim `claims[at]`; adjacent claims serve as context.
    pub fn new(index: &SourceIndex, claims: &[Claim], at: usize) -> Self {
        let comparison = Comparison::new(index, claims, at);
        let text = comparison.alignment.text;
        let tokens = &comparison.alignment.claim.tokens;
        let inserted = clauses::inserted(text, 0..text.len(), tokens, index.language());
        let mut compared = Self::of(comparison);
        if !compared.verbatim {
            for range in inserted {
                compared.hold_to(index, text, range, at);
            }
        }
        compared
    }

    fn of(comparison: Comparison<'_>) -> Self {
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

    /// Lets a clause inside the claim `text` decide if it is less supported: the claim holds only if
    /// the clause does, which may be a small part of its words.
    fn hold_to(&mut self, index: &SourceIndex, text: &str, clause: Range<usize>, at: usize) {
        let clause = &text[clause];
        let tokenizer = Tokenizer::new(index.language());
        let analysis = Analysis::new(&tokenizer, clause, 0..clause.len());
        if states_nothing(clause, &analysis).is_some() {
            return;
        }
        let alignment = Alignment::of(index, clause, Some(text), at);
        let compared = Self::of(Comparison::of(alignment));
        if compared.probability.supported < self.probability.supported {
            self.probability = support::held_to(self.probability, compared.probability);
            self.evidence = compared.evidence;
            self.reasoning = format!("of \"{clause}\": {}", compared.reasoning);
        }
    }

    /// The verifier's verdict: the probabilities of the comparison, and the
    /// label derived from them.
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

/// The claims of one candidate, and their comparisons with one source.
#[derive(Debug)]
pub struct ComparedClaims {
    index: Arc<SourceIndex>,
    claims: Arc<[Claim]>,
    /// The claims as they are compared: without the names of cited sources.
    read: Arc<[Claim]>,
    /// The comparisons of the first claims, computed on first use.
    kept: Box<[OnceLock<Arc<ComparedClaim>>]>,
}

impl ComparedClaims {
    pub fn new(index: Arc<SourceIndex>, claims: Arc<[Claim]>) -> Self {
        let read = Arc::clone(&claims);
        Self::reading(index, claims, read)
    }

    /// Does the same for claims with parts that state nothing, such as the name of a cited source;
    /// `read` are the claims without these parts.
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

    /// The source, split and indexed once.
    pub const fn index(&self) -> &Arc<SourceIndex> {
        &self.index
    }

    /// The claims, in the order of the candidate.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Returns the claims as they are compared: without the names of cited sources.
    pub(crate) fn read(&self) -> &[Claim] {
        &self.read
    }

    /// The comparison of a claim. Computed on first use, so call it on a computation
    /// thread. Concurrent callers wait for the one that computes; if that one is stopped,
    /// the next one computes.
    pub fn get(&self, at: usize) -> Arc<ComparedClaim> {
        let compare = || Arc::new(ComparedClaim::new(&self.index, &self.read, at));
        match self.kept.get(at) {
            Some(kept) => Arc::clone(kept.get_or_init(compare)),
            None => compare(),
        }
    }

    /// The verifier's verdict on a claim; as expensive as [`Self::get`].
    pub fn verdict(&self, at: usize) -> Verdict {
        self.get(at).verdict(&self.index, &self.claims[at])
    }
}

#[cfg(test)]
#[path = "tests/compared.rs"]
mod tests;
