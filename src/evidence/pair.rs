//! A claim and the sentence of its evidence with which its logic is compared.

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use super::index::meets;
use super::polarity;
use crate::text::analysis::Analysis;
use crate::text::tokens::Token;

/// Minimum share of a claim in a sentence for their logic to be compared.
pub(super) const ALIGNED: f64 = 0.5;
/// Minimum share of a claim for a negation or exchanged sides to contradict it: of the claims with
/// a smaller share, no more than half were contradicted.
pub(super) const SAID: f64 = 0.75;
/// Distance in tokens within which two positions must share a word to count as near.
const REACH: usize = 5;

/// A claim and the sentence that it is compared with.
pub(super) struct Pair<'a> {
    pub(super) alignment: &'a Alignment<'a>,
    pub(super) claim: &'a Analysis,
    pub(super) given: &'a Analysis,
    pub(super) sentence: usize,
    pub(super) claim_negated: Vec<Option<usize>>,
    pub(super) given_negated: Vec<Option<usize>>,
}

impl<'a> Pair<'a> {
    /// Pairs the claim with its best sentence. Returns `None` if no sentence contains enough of it,
    /// or if the sentence is a question, which states nothing.
    pub(super) fn of(alignment: &'a Alignment<'a>) -> Option<Self> {
        let sentence = alignment.evidence.first().copied()?;
        let text = &alignment.index.text()[alignment.index.range(sentence)];
        let aligned = alignment.frame(sentence, &[]) >= ALIGNED;
        (aligned && !text.ends_with(['?', '？', '؟'])).then(|| Self::new(alignment, sentence))
    }

    fn new(alignment: &'a Alignment<'a>, sentence: usize) -> Self {
        let (claim, given) = (&alignment.claim, alignment.index.analysis(sentence));
        let language = alignment.index.language();
        Self {
            alignment,
            claim,
            given,
            sentence,
            claim_negated: polarity::negated(alignment.text, &claim.tokens, language),
            given_negated: polarity::negated(alignment.index.text(), &given.tokens, language),
        }
    }

    pub(super) fn push(
        &self,
        checked: &mut Checked,
        aspect: Aspect,
        range: std::ops::Range<usize>,
        against: bool,
        message: String,
    ) {
        checked.findings.push(Finding {
            aspect,
            range,
            against,
            message,
            sentence: Some(self.sentence),
        });
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        let tokens = &self.given.tokens;
        &self.alignment.index.text()
            [tokens[from.min(to)].range.start..tokens[from.max(to)].range.end]
    }

    /// The positions of a claim's token in the sentence.
    pub(super) fn places(&self, token: &Token) -> Vec<usize> {
        (0..self.given.tokens.len())
            .filter(|at| meets(token, &self.given.tokens[*at]))
            .collect()
    }

    /// Returns true if another content word occurs close to both positions.
    pub(super) fn near(&self, at: usize, place: usize) -> bool {
        let window = |tokens: &'a [Token], at: usize| -> Vec<&'a Token> {
            (at.saturating_sub(REACH)..(at + REACH + 1).min(tokens.len()))
                .filter(|near| *near != at)
                .map(|near| &tokens[near])
                .collect()
        };
        let theirs = window(&self.given.tokens, place);
        window(&self.claim.tokens, at)
            .iter()
            .any(|own| !own.stop && theirs.iter().any(|given| meets(own, given)))
    }
}
