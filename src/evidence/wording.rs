//! Measures the share of a claim's wording that its evidence contains, and lists the words
//! that the source lacks.

use std::ops::Range;

use super::align::Alignment;
use super::comparison::Comparison;

/// Maximum number of missing words listed.
const NAMED: usize = 5;

/// A claim's words compared with those of its evidence and of the whole source.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// The number of tokens of the claim.
    pub tokens: usize,
    /// False for a claim of only function words, numbers and dates, whose
    /// wording carries no information.
    pub informative: bool,
    /// The share of the claim's information that the evidence contains.
    pub coverage: f64,
    /// The share of the claim's information that the source contains nowhere.
    pub novelty: f64,
    /// The share of the claim's pairs of adjacent content words that are close together in the
    /// evidence; `None` for a claim with fewer than two such words.
    pub pairs: Option<f64>,
    /// The first words that the evidence does not contain, without duplicates.
    pub missing: Vec<String>,
    /// The longest run of words that the evidence does not contain, as a range of bytes
    /// in the claim's text.
    pub longest_gap: Option<Range<usize>>,
    /// Names of which the source contains no word, each with its range of bytes
    /// in the claim's text.
    pub unknown_names: Vec<(Range<usize>, String)>,
}

impl Wording {
    /// Extracts the wording from a comparison.
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

/// Returns the first of the longest runs; words without information neither extend nor end a run.
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
