//! Removes sentences of the source that were appended to a claim without a separating mark, or with
//! one that may belong to an abbreviation.
//!
//! "The bridge has nine arches Anna Vries founded the mill" is one sentence by its punctuation,
//! as is "The bridge belongs to Acme Corp. Anna Vries founded the mill", and its second half
//! would support the first.

use super::index::SourceIndex;
use crate::text::tokens;

/// Minimum number of words of an appended sentence; a shorter one may be a
/// part of another sentence.
const SENTENCE: usize = 4;
/// Minimum number of letters of it in scripts without word separators.
const LETTERS: usize = 6;
/// Minimum number of words that remain of the claim.
const LEFT: usize = 2;
/// Characters, besides letters and digits, after which another sentence may start.
const ENDS: [char; 13] = [
    '%', '€', '£', '$', '.', '!', '?', '…', ')', ']', '"', '”', '’',
];
/// Maximum number of sentences removed from one claim.
const MOST: usize = 8;

/// Returns the start of `claim` that the source does not state word for word. Only the end of the
/// claim is removed, so that byte offsets stay valid.
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

/// Returns true if `sentence` is the end of `claim` and stands there by itself. After a full stop
/// its first letter may be lower case; elsewhere a lower-case letter makes it a subordinate clause:
/// "nobody believes the ferry sank".
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

/// Returns true for text that may precede an independent sentence: whole words, and no mark that
/// connects it with what follows.
fn parted(before: &str) -> bool {
    let end = before.trim_end();
    end.len() < before.len()
        && end.ends_with(|c: char| c.is_alphanumeric() || ENDS.contains(&c))
        && (words(end) >= LEFT || unparted(end) >= LEFT)
}

/// The number of letters of scripts without word separators.
fn unparted(text: &str) -> usize {
    text.chars().filter(|c| tokens::unparted(*c)).count()
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Removes the marks that end a sentence.
fn bare(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '。' | '…'))
        .trim_start()
}

#[cfg(test)]
#[path = "tests/appended.rs"]
mod tests;
