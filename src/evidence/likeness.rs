//! Measures how similar the contexts of two values are, by the words around them.

use std::ops::Range;

use crate::text::analysis::Analysis;

/// Share of the claim from which two common words around two values put them in the same place.
pub(super) const ROUGHLY: f64 = 0.75;

/// The content terms around a byte range, at most `reach` tokens away on each side.
fn around<'a>(analysis: &'a Analysis, range: &Range<usize>, reach: usize) -> Vec<&'a str> {
    let first = analysis
        .tokens
        .partition_point(|token| token.range.end <= range.start);
    let last = analysis
        .tokens
        .partition_point(|token| token.range.start < range.end);
    let before = analysis.tokens[first.saturating_sub(reach)..first].iter();
    let after = analysis.tokens[last..(last + reach).min(analysis.tokens.len())].iter();
    before
        .chain(after)
        .filter(|token| !token.stop)
        .map(|token| token.term.as_str())
        .collect()
}

/// The number of content words around both values.
pub(super) fn likeness(
    claim: &Analysis,
    range: &Range<usize>,
    given: &Analysis,
    other: &Range<usize>,
) -> usize {
    let theirs = around(given, other, 4);
    around(claim, range, 4)
        .iter()
        .filter(|term| theirs.contains(term))
        .count()
}

/// Returns true if a value is in the sentence without any of the claim's words next to it, while
/// another value has two of them: "became chancellor in 2005 and left in 2021" does not support
/// "became chancellor in 2021".
pub(super) fn belongs_elsewhere(own: Option<usize>, other: Option<usize>) -> bool {
    own == Some(0) && other.is_some_and(|other| other >= 2)
}
