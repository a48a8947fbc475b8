//! Quotations that join words of several places of a source as if they stood there together: each word is the source's,
//! and nobody said it so.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use super::index::SourceIndex;
use crate::computing::checkpoint;

/// Words from which a quotation is looked at, and those up to which.
const SHORTEST: usize = 6;
const LONGEST: usize = 400;
/// Words that each piece has at least: shorter runs stand in many texts by chance.
const PIECE: usize = 3;
/// Pieces of one quotation at most.
const PIECES: usize = 4;
/// Bytes between the marks of one quotation.
const REACH: usize = 4_000;
/// Quotations of one text that are looked at.
const MOST: usize = 200;
/// Words that are compared for one text: a source of one word again and again would take a minute.
const COMPARED: usize = 20_000_000;

/// Marks that open a quotation, with those that may close it.
const MARKS: [(char, &[char]); 5] = [
    ('"', &['"']),
    ('“', &['”', '“', '"']),
    ('„', &['“', '”', '"']),
    ('«', &['»']),
    ('「', &['」']),
];

/// A quotation made of several pieces of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stitched {
    /// Bytes of the quotation within its marks.
    pub range: Range<usize>,
    /// How many pieces.
    pub pieces: usize,
}

/// The stitched quotations of a text, in order. One that says by an ellipsis or a bracket that something is left out
/// is none.
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

/// Bytes between the marks of each quotation.
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
            // An inch, or a mark that nobody closed.
            None => at = start,
        }
    }
    found
}

/// The words of a text in small letters.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Where each word of the source stands.
struct Places {
    numbers: HashMap<String, u32>,
    /// The source as numbers of words; 0 parts two texts of it.
    sequence: Vec<u32>,
    of_word: Vec<Vec<u32>>,
    /// Words that may still be compared.
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

    /// Of how many pieces of the source the words are made; none where they are not made of a few long enough ones.
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

    /// The most words from the first on that stand together somewhere; none where too much was compared.
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
