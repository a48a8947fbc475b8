//! How much of a claim's wording its evidence has, and what of it the source has nowhere.

use std::ops::Range;

use super::align::Alignment;
use super::comparison::Comparison;

/// Missing words that are named.
const NAMED: usize = 5;

/// A claim's words beside those of its evidence and of the whole source.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// Number of tokens of the claim.
    pub tokens: usize,
    /// False for a claim of function words, numbers and dates alone, which wording says nothing of.
    pub informative: bool,
    /// Share of the claim's information that the evidence has.
    pub coverage: f64,
    /// Share of the claim's information that the source has nowhere.
    pub novelty: f64,
    /// Share of the claim's pairs of neighbouring content words that the evidence has close together; none for
    /// a claim of fewer than two such words.
    pub pairs: Option<f64>,
    /// The first words that the evidence does not have, each once.
    pub missing: Vec<String>,
    /// Bytes of the claim's text: the longest run of words that the evidence does not have.
    pub longest_gap: Option<Range<usize>>,
    /// Names of which the source has no word: their bytes in the claim's text, and how they are written.
    pub unknown_names: Vec<(Range<usize>, String)>,
}

impl Wording {
    /// Takes from a comparison what concerns wording.
    pub(super) fn new(comparison: &Comparison<'_>) -> Self {
        let alignment = &comparison.alignment;
        let missing = comparison.missing().into_iter().take(NAMED);
        Self {
            tokens: alignment.claim.tokens.len(),
            informative: alignment.weights.iter().any(|weight| *weight != 0.0),
            coverage: alignment.coverage(),
            novelty: alignment.novelty(),
            pairs: alignment.pairs(),
            missing: missing.map(str::to_owned).collect(),
            longest_gap: longest_gap(alignment),
            unknown_names: unknown_names(alignment),
        }
    }
}

fn unknown_names(alignment: &Alignment<'_>) -> Vec<(Range<usize>, String)> {
    let unknown = |at: usize| !alignment.known[at] || alignment.claim.tokens[at].stop;
    alignment
        .claim
        .entities
        .iter()
        .filter(|name| !name.weak && name.tokens.clone().all(unknown))
        .map(|name| {
            let range = name.range.clone();
            (range.clone(), alignment.text[range].to_owned())
        })
        .collect()
}

/// The first of the longest runs; words without information lengthen none and end none.
fn longest_gap(alignment: &Alignment<'_>) -> Option<Range<usize>> {
    let tokens = &alignment.claim.tokens;
    let mut best: Option<(usize, usize)> = None;
    let mut run: Option<(usize, usize)> = None;
    for at in 0..tokens.len() {
        if alignment.covered[at] && alignment.weights[at] > 0.0 {
            run = None;
        } else if alignment.weights[at] > 0.0 {
            run = Some((run.map_or(at, |(first, _)| first), at));
            if best.is_none_or(|(first, last)| {
                run.is_some_and(|(start, end)| end - start > last - first)
            }) {
                best = run;
            }
        }
    }
    best.map(|(first, last)| tokens[first].range.start..tokens[last].range.end)
}
