//! Finds passages that almost match a quote.

use std::collections::HashMap;
use std::ops::Range;

use crate::text::language::Language;
use crate::text::lexicon::opposite;
use crate::text::numerals::names_number;
use crate::text::tokens::Tokenizer;
use crate::text::words::{is_negator, quantifier};

/// Minimum similarity of a passage: twice the number of common words, in order, divided by the
/// number of words in the quote and the passage together.
pub(crate) const ALIKE: f64 = 0.85;
/// Minimum number of words of a quote; shorter quotes have to match exactly.
const SHORTEST: usize = 5;
/// Maximum number of words of a quote; longer ones are not searched for.
const LONGEST: usize = 150;
/// Number of the rarest words of a quote that serve as anchors of the search.
const ANCHORS: usize = 3;
/// Maximum number of occurrences of each anchor that are tried.
const PLACES: usize = 8;

/// The words of a text and their positions, prepared once for all quotes.
///
/// A passage matches from [`ALIKE`] on, if it has the same numbers, negations and quantifiers as
/// the quote and none of its words is the opposite of one of the quote's: a year or a "not" is the
/// point of a quote, however many words around it agree. Only passages around occurrences of the
/// quote's rarest words are tried, so that the cost of a quote does not grow with the text.
pub(crate) struct Passages {
    words: Vec<(u32, Range<usize>)>,
    numbers: HashMap<String, u32>,
    /// The reverse mapping, from number to word.
    spelt: Vec<String>,
    /// The positions of each word.
    places: Vec<Vec<usize>>,
    language: Language,
    tokenizer: Tokenizer,
}

impl Passages {
    /// Indexes a folded text.
    pub(crate) fn new(text: &str) -> Self {
        let language = Language::of(text);
        let mut passages = Self {
            words: Vec::new(),
            numbers: HashMap::new(),
            spelt: Vec::new(),
            places: Vec::new(),
            language,
            tokenizer: Tokenizer::new(language),
        };
        for range in words(text) {
            let next = passages.places.len() as u32;
            let number = *passages
                .numbers
                .entry(text[range.clone()].to_owned())
                .or_insert(next);
            if number == next {
                passages.places.push(Vec::new());
                passages.spelt.push(text[range.clone()].to_owned());
            }
            passages.places[number as usize].push(passages.words.len());
            passages.words.push((number, range));
        }
        passages
    }

    /// Returns the byte range of the passage that is most similar to a folded quote.
    pub(crate) fn find(&self, quote: &str) -> Option<Range<usize>> {
        let wanted: Vec<&str> = words(quote)
            .into_iter()
            .map(|range| &quote[range])
            .collect();
        if !(SHORTEST..=LONGEST).contains(&wanted.len()) {
            return None;
        }
        let known: Vec<Option<u32>> = wanted
            .iter()
            .map(|word| self.numbers.get(*word).copied())
            .collect();
        // A number or a negation that does not occur in the text at all rules out a match.
        let lacks = |(word, number): (&&str, &Option<u32>)| number.is_none() && self.decides(word);
        if wanted.iter().zip(&known).any(lacks) {
            return None;
        }
        let mut anchors: Vec<(usize, u32)> = known
            .iter()
            .enumerate()
            .filter_map(|(at, number)| Some((at, (*number)?)))
            .collect();
        anchors.sort_by_key(|&(at, number)| (self.places[number as usize].len(), at));
        let mut best: Option<(f64, Range<usize>)> = None;
        let mut tried = Vec::new();
        for (at, number) in anchors.into_iter().take(ANCHORS) {
            for &place in self.places[number as usize].iter().take(PLACES) {
                let slack = wanted.len() / 5 + 1;
                let start = place.saturating_sub(at + slack);
                let end = (place + wanted.len() - at + slack).min(self.words.len());
                if tried.contains(&(start, end)) {
                    continue;
                }
                tried.push((start, end));
                if let Some((alike, range)) = self.compare(&wanted, &known, start..end)
                    && best.as_ref().is_none_or(|(so_far, _)| alike > *so_far)
                {
                    best = Some((alike, range));
                }
            }
        }
        best.filter(|(alike, _)| *alike >= ALIKE)
            .map(|(_, range)| range)
    }

    /// Returns the similarity and the byte range of the best passage within a window, or `None` if
    /// a number or a negation differs.
    fn compare(
        &self,
        wanted: &[&str],
        known: &[Option<u32>],
        window: Range<usize>,
    ) -> Option<(f64, Range<usize>)> {
        let there = &self.words[window];
        let pairs = common(known, there);
        let (&(begin, first), &(end, last)) = (pairs.first()?, pairs.last()?);
        let passage = &there[first..=last];
        let alike = 2.0 * pairs.len() as f64 / (wanted.len() + passage.len()) as f64;
        let unmatched_here = (0..wanted.len())
            .filter(|at| !pairs.iter().any(|(one, _)| one == at))
            .map(|at| wanted[at]);
        // If the quote begins or ends with other words than the passage, the words in their place
        // are compared too.
        let around = first.saturating_sub(begin)..(last + wanted.len() - end).min(there.len());
        let unmatched_there = around
            .filter(|at| !pairs.iter().any(|(_, other)| other == at))
            .map(|at| self.spelt[there[at].0 as usize].as_str());
        let (here, there): (Vec<_>, Vec<_>) = (unmatched_here.collect(), unmatched_there.collect());
        if here.iter().chain(&there).any(|word| self.decides(word)) {
            return None;
        }
        let term = |word: &&str| self.tokenizer.term(word);
        let there: Vec<String> = there.iter().map(term).collect();
        if here
            .iter()
            .map(term)
            .any(|one| there.iter().any(|other| opposite(&one, other)))
        {
            return None;
        }
        Some((alike, passage[0].1.start..passage[passage.len() - 1].1.end))
    }

    /// Returns whether a word must not differ.
    fn decides(&self, word: &str) -> bool {
        word.contains(char::is_numeric)
            || names_number(word)
            || quantifier(word).is_some()
            || is_negator(word, self.language)
            || word.ends_with("n't")
            || word == "not"
    }
}

/// Splits a text into words. In scripts without spaces, each character is a word.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let alone = matches!(character, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}');
        let part = character.is_alphanumeric() || open && character == '\'';
        match found.last_mut() {
            Some(last) if open && part && !alone => last.end = end,
            _ if part => found.push(at..end),
            _ => {}
        }
        open = part && !alone;
    }
    found
}

/// Returns a longest common subsequence, as pairs of positions.
fn common(quote: &[Option<u32>], there: &[(u32, Range<usize>)]) -> Vec<(usize, usize)> {
    let width = there.len() + 1;
    let mut longest = vec![0u16; (quote.len() + 1) * width];
    for i in (0..quote.len()).rev() {
        for j in (0..there.len()).rev() {
            longest[i * width + j] = if quote[i] == Some(there[j].0) {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < quote.len() && j < there.len() {
        if quote[i] == Some(there[j].0) {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
#[path = "tests/fuzzy.rs"]
mod tests;
