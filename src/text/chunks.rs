//! Passages of a document: what is indexed and retrieved as one.

use std::ops::Range;

use super::sentences::split;

/// Bytes from which a passage ends with its paragraph.
const ENOUGH: usize = 300;
/// Bytes that a passage of several sentences has at most.
const LONGEST: usize = 800;

/// The passages of a text in order: whole sentences, of one paragraph where it is long enough. A heading
/// stays with what it is about.
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
