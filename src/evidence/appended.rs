//! A claim without what was appended to it: sentences of the source that no mark parts from what it says, or only a
//! mark that may as well be an abbreviation's.
//!
//! "The bridge has nine arches Anna Vries founded the mill" is one sentence by its marks, as is "The bridge belongs to
//! Acme Corp. Anna Vries founded the mill", and its second half would bear out the first.

use super::index::SourceIndex;
use crate::text::tokens;

/// Words of a sentence that is told apart, at least: fewer may be a part of another sentence.
const SENTENCE: usize = 4;
/// The same in letters of scripts without gaps between words.
const LETTERS: usize = 6;
/// Words that are left of the claim, at least.
const LEFT: usize = 2;
/// Marks, beside letters and digits, behind which another sentence may begin.
const ENDS: [char; 13] = [
    '%', '€', '£', '$', '.', '!', '?', '…', ')', ']', '"', '”', '’',
];
/// Sentences that are taken away from one claim at most.
const MOST: usize = 8;

/// The beginning of `claim` that the source does not say word for word. Looks at the end of the claim only, so
/// that its bytes stay where they are.
pub(super) fn without<'c>(index: &SourceIndex, claim: &'c str) -> &'c str {
    let mut left = claim;
    for _ in 0..MOST {
        let ended = bare(left);
        let sentences = (0..index.len()).map(|at| bare(&index.text()[index.range(at)]));
        if sentences.clone().any(|sentence| sentence == ended) {
            break;
        }
        let ends = sentences.filter(|sentence| {
            sentence.len() < ended.len()
                && (words(sentence) >= SENTENCE || unparted(sentence) >= LETTERS)
                && appended(ended, sentence)
        });
        let Some(longest) = ends.map(str::len).max() else {
            break;
        };
        left = ended[..ended.len() - longest].trim_end();
    }
    left
}

/// True where `sentence` is the end of `claim` and stands there by itself. Behind a full stop its first letter may be
/// small; elsewhere a small letter begins what is said of the sentence: "nobody believes the ferry sank".
fn appended(claim: &str, sentence: &str) -> bool {
    let Some((before, end)) = claim.split_at_checked(claim.len() - sentence.len()) else {
        return false;
    };
    let (mut own, mut given) = (end.chars(), sentence.chars());
    let first = own.next().zip(given.next());
    let same = first.is_some_and(|(own, given)| {
        own == given
            || (own.to_lowercase().eq(given.to_lowercase()) && before.trim_end().ends_with('.'))
    });
    same && own.as_str() == given.as_str() && parted(before)
}

/// True for what may stand before a sentence by itself: whole words, and no mark that binds what follows to it.
fn parted(before: &str) -> bool {
    let end = before.trim_end();
    end.len() < before.len()
        && end.ends_with(|c: char| c.is_alphanumeric() || ENDS.contains(&c))
        && (words(end) >= LEFT || unparted(end) >= LEFT)
}

/// Letters of scripts without gaps between words.
fn unparted(text: &str) -> usize {
    text.chars().filter(|c| tokens::unparted(*c)).count()
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Without the marks that end a sentence.
fn bare(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '。' | '…'))
        .trim_start()
}

#[cfg(test)]
#[path = "tests/appended.rs"]
mod tests;
