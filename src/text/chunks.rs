//! Splits a document into passages, the units of indexing and retrieval.

use std::ops::Range;

use super::sentences::split;

/// Minimum length, in bytes, from which a passage ends together with its paragraph.
const ENOUGH: usize = 300;
/// Maximum length of a passage of several sentences, in bytes.
const LONGEST: usize = 800;

/// Returns the passages of a text in order. They consist of whole sentences, of a single paragraph
/// if that is long enough. A heading stays with the text below it.
pub(crate) fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let mut last: Option<(usize, bool)> = None;
    for sentence in split(text) {
        let joins = chunks.last().is_some_and(|chunk| {
            let (block, heading) = last.unwrap_or_default();
            let goes_on = block == sentence.block || heading || chunk.len() < ENOUGH;
            goes_on && !sentence.heading && sentence.range.end - chunk.start <= LONGEST
        });
        last = Some((sentence.block, sentence.heading));
        match chunks.last_mut().filter(|_| joins) {
            Some(chunk) => chunk.end = sentence.range.end,
            None => chunks.push(sentence.range),
        }
    }
    chunks
}

#[cfg(test)]
#[path = "tests/chunks.rs"]
mod tests;
