//! Recognises claims that the source states literally: as a sentence, or as a clause split from a
//! sentence in the way in which claims are split. A number may be spelled otherwise: 40 is "forty".
//!
//! A run of words of the source is not enough: "the mill burned" is contained in "Nobody says
//! that the mill burned".

use std::ops::Range;

use super::align::Alignment;
use crate::text::clauses;
use crate::text::numbers::Quantity;

/// Returns true for a claim that the source states in the same words, by a comparison
/// with the nearest sentences.
pub(crate) fn verbatim(alignment: &Alignment<'_>) -> bool {
    let own = bare(alignment.text, 0..alignment.text.len());
    if own.is_empty() {
        return false;
    }
    let index = alignment.index;
    let text: &str = index.text();
    let claimed = Passage {
        text: alignment.text,
        range: own.clone(),
        quantities: &alignment.claim.quantities,
    };
    let own = &alignment.text[own];
    alignment.candidates.iter().any(|(sentence, _)| {
        let range = index.range(*sentence);
        let given = index.analysis(*sentence);
        let stated = Passage {
            text,
            range: bare(text, range.clone()),
            quantities: &given.quantities,
        };
        if text[stated.range.clone()] == *own || claimed.says_the_same_as(&stated) {
            return true;
        }
        text[range.clone()].contains(own)
            && clauses::split(text, range, &given.tokens, index.language())
                .into_iter()
                .any(|clause| text[bare(text, clause)] == *own)
    })
}

/// A part of a text with the numbers in it.
struct Passage<'t> {
    text: &'t str,
    range: Range<usize>,
    quantities: &'t [Quantity],
}

impl Passage<'_> {
    /// Returns true if both have the same numbers, and the same text around them.
    fn says_the_same_as(&self, other: &Self) -> bool {
        let count = self.quantities.len();
        count > 0
            && count == other.quantities.len()
            && self
                .quantities
                .iter()
                .zip(other.quantities)
                .all(|(one, two)| same_number(one, two))
            && self.around().eq(other.around())
    }

    /// The texts before, between and behind the numbers.
    fn around(&self) -> impl Iterator<Item = &str> {
        let starts = self.quantities.iter().map(|it| it.range.start);
        let ends = self.quantities.iter().map(|it| it.range.end);
        let ends = std::iter::once(self.range.start).chain(ends);
        ends.zip(starts.chain([self.range.end]))
            .map(move |(from, to)| self.text.get(from..to).unwrap_or_default())
    }
}

/// Half a unit: the precision of a number word, and of digits without decimals.
const WHOLE: f64 = 0.5;

/// True for the same number with the same unit, however it is spelled. The zeros at the end of 40
/// leave open whether it is rounded, and "forty" does, too; decimals have to be as many.
fn same_number(one: &Quantity, two: &Quantity) -> bool {
    let whole = one.precision >= WHOLE && two.precision >= WHOLE;
    let spelled = Quantity {
        range: two.range.clone(),
        weak: two.weak,
        precision: if whole { two.precision } else { one.precision },
        ..one.clone()
    };
    spelled == *two
}

/// Returns the range without the marks that end a sentence or start a list item.
fn bare(text: &str, range: Range<usize>) -> Range<usize> {
    let mark = |c: char| c.is_whitespace() || matches!(c, '.' | ';' | ',' | '。' | '-' | '*' | '•');
    let behind = text[range.clone()].trim_start_matches(mark);
    let start = range.end - behind.len();
    start..start + behind.trim_end_matches(mark).len()
}

#[cfg(test)]
#[path = "tests/verbatim.rs"]
mod tests;
