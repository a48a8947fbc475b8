//! Passages of a document: what is indexed and retrieved as one.

use std::ops::Range;

use super::sentences::split;

/// Bytes from which a passage ends with its paragraph.
const ENOUGH: usize = 300;
/// Bytes that a passage of several sentences has at most.
const LONGEST: usize = 800;

/// The passages of a text in order: whole sentences, of one paragraph where it is long enough. A heading
/// stays with what it is about.
pub fn chunks(text: &str) -> Vec<Range<usize>> {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<&str> {
        chunks(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn short_paragraphs_join_and_a_heading_begins_a_passage() {
        assert_eq!(
            of("One mill.\n\nTwo mills.\n\n# Ferries\n\nThe ferry sank."),
            ["One mill.\n\nTwo mills.", "Ferries\n\nThe ferry sank."]
        );
        let long = "The mill by the river grinds rye and wheat. ".repeat(8);
        let text = format!("{long}\n\nThe ferry sank.\n\nNobody was hurt.");
        assert_eq!(of(&text).len(), 2, "{:?}", of(&text));
    }

    proptest! {
        #[test]
        fn every_sentence_is_in_one_passage(text in "([a-zA-Z漢é😀]{1,9}[ .!?\n。]{1,3}){0,300}") {
            let chunks = chunks(&text);
            let mut end = 0;
            for chunk in &chunks {
                prop_assert!(chunk.start >= end && chunk.end > chunk.start);
                end = chunk.end;
            }
            for sentence in split(&text) {
                let within = |chunk: &&Range<usize>| chunk.start <= sentence.range.start && sentence.range.end <= chunk.end;
                prop_assert_eq!(chunks.iter().filter(within).count(), 1);
            }
        }
    }
}
