//! Recognises claims that the source states literally: as a sentence, or as a clause split from a
//! sentence in the way in which claims are split.
//!
//! A run of words of the source is not enough: "the mill burned" is contained in "Nobody says
//! that the mill burned".

use super::align::Alignment;
use crate::text::clauses;

/// Returns true for a claim that the source states in the same words, by a comparison
/// with the nearest sentences.
pub(crate) fn verbatim(alignment: &Alignment<'_>) -> bool {
    let own = bare(alignment.text);
    if own.is_empty() {
        return false;
    }
    let index = alignment.index;
    let text: &str = index.text();
    alignment.candidates.iter().any(|(sentence, _)| {
        let range = index.range(*sentence);
        if bare(&text[range.clone()]) == own {
            return true;
        }
        text[range.clone()].contains(own)
            && clauses::split(text, range, &index.analysis(*sentence).tokens)
                .into_iter()
                .any(|clause| bare(&text[clause]) == own)
    })
}

/// Removes the marks that end a sentence or start a list item.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ';' | ',' | '。' | '-' | '*' | '•')
    })
}

#[cfg(test)]
#[path = "tests/verbatim.rs"]
mod tests;
