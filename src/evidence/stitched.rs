//! Detects quotations that join words of several places of a source as if they stood together: each
//! word is the source's, but the quotation is not.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use super::index::SourceIndex;
use crate::computing::checkpoint;

/// Least and greatest number of words of a quotation that is examined.
const SHORTEST: usize = 6;
const LONGEST: usize = 400;
/// Least number of words of a piece: shorter runs occur in many texts by chance.
const PIECE: usize = 3;
/// Maximum number of pieces of one quotation.
const PIECES: usize = 4;
/// Maximum length of a quotation, in bytes.
const REACH: usize = 4_000;
/// Maximum number of quotations that are examined in one text.
const MOST: usize = 200;
/// Maximum number of word comparisons for one text: a source that repeats one word would otherwise
/// take a minute.
const COMPARED: usize = 20_000_000;

/// Opening quotation marks, each with the marks that may close it.
const MARKS: [(char, &[char]); 5] = [
    ('"', &['"']),
    ('“', &['”', '“', '"']),
    ('„', &['“', '”', '"']),
    ('«', &['»']),
    ('「', &['」']),
];

/// A quotation that consists of several pieces of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stitched {
    /// Range of the quotation without its marks, in bytes.
    pub range: Range<usize>,
    pub pieces: usize,
}

/// Returns the stitched quotations of a text, in order. A quotation with an ellipsis or a bracket
/// shows its gaps and is left out.
pub(crate) fn stitched(index: &SourceIndex, text: &str) -> Vec<Stitched> {
    let quotes: Vec<(Range<usize>, Vec<String>)> = quotations(text)
        .into_iter()
        .filter(|range| !shows_gaps(&text[range.clone()]))
        .map(|range| (range.clone(), words(&text[range])))
        .filter(|(_, words)| (SHORTEST..=LONGEST).contains(&words.len()))
        .collect();
    if quotes.is_empty() {
        return Vec::new();
    }
    let places = Places::of(index);
    let found = quotes.into_iter().filter_map(|(range, words)| {
        checkpoint();
        let pieces = places.pieces(&words)?;
        (pieces > 1).then_some(Stitched { range, pieces })
    });
    found.collect()
}

fn shows_gaps(quote: &str) -> bool {
    quote.contains("...") || quote.contains(['…', '[', '<'])
}

/// Returns the ranges of the quotations in a text without their marks, in bytes.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while found.len() < MOST {
        let opening = text[at..].char_indices().find_map(|(offset, c)| {
            Some((at + offset, MARKS.iter().find(|(open, _)| *open == c)?))
        });
        let Some((open, (mark, closing))) = opening else {
            break;
        };
        let start = open + mark.len_utf8();
        let paragraph = text[start..].split("\n\n").next().unwrap_or_default();
        let end = paragraph
            .char_indices()
            .take_while(|(offset, _)| *offset <= REACH)
            .find(|(_, c)| closing.contains(c));
        match end {
            Some((length, close)) => {
                found.push(start..start + length);
                at = start + length + close.len_utf8();
            }
            // The mark is a sign of inches, or was never closed.
            None => at = start,
        }
    }
    found
}

/// Returns the words of a text in lower case.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// An index of the positions of each word in the source.
struct Places {
    numbers: HashMap<String, u32>,
    /// The source as word numbers; 0 separates its parts.
    sequence: Vec<u32>,
    of_word: Vec<Vec<u32>>,
    /// Number of word comparisons that are still allowed.
    left: Cell<usize>,
}

impl Places {
    fn of(index: &SourceIndex) -> Self {
        let mut places = Self {
            numbers: HashMap::new(),
            sequence: Vec::new(),
            of_word: vec![Vec::new()],
            left: Cell::new(COMPARED),
        };
        for part in index.parts() {
            checkpoint();
            for word in words(&index.text()[part]) {
                let next = places.of_word.len() as u32;
                let number = *places.numbers.entry(word).or_insert(next);
                if number == next {
                    places.of_word.push(Vec::new());
                }
                let at = places.sequence.len() as u32;
                places.of_word[number as usize].push(at);
                places.sequence.push(number);
            }
            places.sequence.push(0);
        }
        places
    }

    /// Returns the number of pieces of the source that the words consist of, or `None` if they are
    /// not a few pieces of sufficient length.
    fn pieces(&self, words: &[String]) -> Option<usize> {
        let wanted: Option<Vec<u32>> = words
            .iter()
            .map(|word| self.numbers.get(word).copied())
            .collect();
        let wanted = wanted?;
        let (mut done, mut pieces) = (0, 0);
        while done < wanted.len() {
            pieces += 1;
            let length = self.longest(&wanted[done..]);
            if length < PIECE || pieces > PIECES {
                return None;
            }
            done += length;
        }
        Some(pieces)
    }

    /// Returns the length of the longest prefix of the words that the source has in sequence, or 0
    /// once the limit on comparisons is reached.
    fn longest(&self, wanted: &[u32]) -> usize {
        let mut longest = 0;
        for start in &self.of_word[wanted[0] as usize] {
            let there = &self.sequence[*start as usize..];
            let pairs = there.iter().zip(wanted);
            let length = pairs.take_while(|(one, other)| one == other).count();
            longest = longest.max(length);
            if longest == wanted.len() {
                break;
            }
            let Some(left) = self.left.get().checked_sub(length) else {
                return 0;
            };
            self.left.set(left);
        }
        longest
    }
}

#[cfg(test)]
#[path = "tests/stitched.rs"]
mod tests;
