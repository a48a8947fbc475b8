//! Whether a claim is letter for letter what the source says: a sentence of it, or a clause that is cut from a
//! sentence as claims are cut.
//!
//! Not every run of words of the source is: "the mill burned" stands in "Nobody says that the mill burned".

use super::align::Alignment;
use crate::text::clauses;

/// True for a claim that the source states in the same words. Looks at the sentences nearest to it.
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

/// Without the marks that end or list a sentence.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ';' | ',' | '。' | '-' | '*' | '•')
    })
}

#[cfg(test)]
#[path = "tests/verbatim.rs"]
mod tests;
