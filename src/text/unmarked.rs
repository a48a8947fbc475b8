//! Detects sentences that begin without an end mark before them: "It opened in May The firm has 40
//! staff".
//!
//! Only where no name can be meant: at a capitalised word that typically opens sentences, followed
//! by a word in lower case and not preceded by a function word.

use std::ops::Range;

use super::abbreviations::opens;
use super::language::Language;
use super::words;

/// Minimum number of words before and after such a beginning.
const LEAST: usize = 3;
/// Words that open courtesies and notes, in addition to those that open sentences.
const COURTESIES: [&str; 4] = ["thank", "thanks", "please", "note"];
/// Words that open sentences but are also capitalised within one: German forms of address, and
/// words in titles of books.
const WITHIN: [&str; 8] = ["sie", "ihr", "ihre", "ihren", "ihrem", "i", "one", "all"];

/// Returns such beginnings within a sentence in order, in linear time.
pub(super) fn starts(text: &str, range: Range<usize>, language: Language) -> Vec<usize> {
    let slice = &text[range.clone()];
    let words: Vec<(usize, &str)> = slice
        .split_whitespace()
        .map(|word| (word.as_ptr() as usize - slice.as_ptr() as usize, word))
        .collect();
    let mut starts = Vec::new();
    let (mut first, mut capitals) = (0, 0);
    let mut open = Enclosed::default();
    for at in 0..words.len() {
        let (place, word) = words[at];
        let free = !open.is_open();
        open.take(word);
        let before = at.checked_sub(1).map_or("", |at| words[at].1);
        let behind = words.get(at + 1).map_or("", |(_, word)| word);
        // In a title most words are capitalised, so that a capital indicates nothing.
        let title = capitals * 2 > at - first;
        if free
            && at >= first + LEAST
            && words.len() >= at + LEAST
            && !title
            && begins(before, word, behind, language)
        {
            starts.push(range.start + place);
            (first, capitals) = (at, 0);
        }
        capitals += usize::from(word.starts_with(char::is_uppercase));
    }
    starts
}

/// True if the capitalised `word` begins a sentence between its two neighbours.
fn begins(before: &str, word: &str, behind: &str, language: Language) -> bool {
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(char::is_uppercase)
        && letters.clone().all(|c| c.is_lowercase())
        && letters.next().is_some();
    if !capital || !behind.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()) {
        return false;
    }
    let lower = word.to_lowercase();
    let known = opens(&lower) || COURTESIES.contains(&lower.as_str());
    known && !WITHIN.contains(&lower.as_str()) && ends(before, language)
}

/// True for a word that may end a sentence.
fn ends(word: &str, language: Language) -> bool {
    word.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | ')' | '€'))
        && !(word.starts_with(char::is_lowercase) && words::is_stop(word, language))
}

/// True if a line ends on purpose without an end mark: the next line begins a sentence, or its
/// first word would have fitted in this line.
pub(super) fn parts(line: &str, next: &str, language: Language) -> bool {
    let mut words = next.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let before = line.split_whitespace().next_back().unwrap_or_default();
    let room = first.starts_with(char::is_uppercase) && line.len() + first.len() < next.len();
    begins(before, first, second.unwrap_or_default(), language) || (room && ends(before, language))
}

/// Tracks open quotation marks and brackets.
#[derive(Default)]
struct Enclosed {
    depth: usize,
    quoted: bool,
}

impl Enclosed {
    fn take(&mut self, word: &str) {
        for c in word.chars() {
            match c {
                '(' | '[' | '“' | '«' | '„' => self.depth += 1,
                ')' | ']' | '”' | '»' => self.depth = self.depth.saturating_sub(1),
                '"' => self.quoted = !self.quoted,
                _ => {}
            }
        }
    }

    const fn is_open(&self) -> bool {
        self.depth > 0 || self.quoted
    }
}

#[cfg(test)]
#[path = "tests/unmarked.rs"]
mod tests;
