//! Detects prompt injection: passages that address the judge of a text. Uses no model.
//!
//! Deterministic and linear: fixed phrases in several languages (`phrases`), markup of the software
//! around models (`marks`), hidden characters, and encoded runs; phrases are also found when
//! disguised. A finding is something that looks like an attack, not proof of one. `judges` repeats
//! its question without the findings, so a false alarm costs a call and no verdict. Deliberately
//! not here: the consequences of a finding.

mod encoded;
mod fold;
mod marks;
mod phrases;
mod rules;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::domain::claim::Span;
use crate::domain::injection::SignKind;

use super::hidden::hidden;
use super::span::Utf16Index;
use fold::{Fold, Word, skeleton};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    pub kind: SignKind,
    /// Range in the text, in bytes.
    pub range: Range<usize>,
    /// The same range in UTF-16 code units.
    pub span: Span,
}

/// Minimum number of consecutive hidden characters that counts as intentional.
const HIDDEN_RUN: usize = 4;
/// Minimum number of consecutive single letters that are joined to a word.
const SPACED_RUN: usize = 6;
const SPACED_GAP: usize = 3;

/// Returns the suspicious passages of a text in order. Overlapping and adjacent passages of one
/// kind are merged.
pub fn detect(text: &str) -> Vec<Sign> {
    let fold = Fold::new(text);
    let plain = fold::words(&fold, false);
    let mut found: Vec<(SignKind, Range<usize>)> = Vec::new();
    let mut add = |kind, range: Range<usize>| found.push((kind, fold.original(range)));
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (kind, at) in rules::find(&plain, false) {
        let range = bytes(&plain, &at);
        taken.push(range.clone());
        add(kind, range);
    }
    for (kind, range) in marks::find(&fold) {
        add(kind, range);
    }
    let looks = fold::words(&fold, true);
    for (_, at) in rules::find(&looks, true) {
        let range = bytes(&looks, &at);
        let is_disguise = looks[at].iter().any(|word| word.altered);
        if is_disguise && !touches(&taken, &range) {
            add(SignKind::Disguised, range);
        }
    }
    for range in spaced(&fold.text) {
        add(SignKind::Disguised, range);
    }
    let turned: Vec<Word> = plain
        .iter()
        .map(|word| Word {
            text: word.text.chars().map(encoded::rot13).collect(),
            ..word.clone()
        })
        .collect();
    for (_, at) in rules::find(&turned, false) {
        add(SignKind::EncodedRun, bytes(&turned, &at));
    }
    for range in joined(&fold.text) {
        add(SignKind::InstructionToEvaluator, range);
    }
    found.extend(
        encoded::find(text)
            .into_iter()
            .map(|range| (SignKind::EncodedRun, range)),
    );
    found.extend(
        unseen(text)
            .into_iter()
            .map(|range| (SignKind::HiddenText, range)),
    );
    signs(text, found)
}

fn bytes(words: &[Word], at: &Range<usize>) -> Range<usize> {
    words[at.start].range.start..words[at.end - 1].range.end
}

/// Returns whether one of the sorted `ranges` overlaps `range`. Phrases are short, so that checking
/// a few neighbours suffices.
fn touches(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    let after = ranges.partition_point(|other| other.start < range.end);
    ranges[after.saturating_sub(4)..after]
        .iter()
        .any(|other| other.end > range.start)
}

/// Sorts the findings, and merges those of one kind that overlap.
fn signs(text: &str, mut found: Vec<(SignKind, Range<usize>)>) -> Vec<Sign> {
    found.sort_by_key(|(kind, range)| (*kind, range.start, range.end));
    found.dedup_by(|later, earlier| {
        let joins = later.0 == earlier.0 && later.1.start <= earlier.1.end;
        if joins {
            earlier.1.end = earlier.1.end.max(later.1.end);
        }
        joins
    });
    found.sort_by_key(|(kind, range)| (range.start, range.end, *kind));
    let utf16 = Utf16Index::new(text);
    found
        .into_iter()
        .map(|(kind, range)| Sign {
            kind,
            span: utf16.span(range.clone()),
            range,
        })
        .collect()
}

/// Finds hidden characters that must be intentional: tag characters, direction overrides, or
/// several consecutive variation selectors or invisible characters.
fn unseen(text: &str) -> Vec<Range<usize>> {
    hidden(text)
        .into_iter()
        .filter(|range| {
            let run = &text[range.clone()];
            let count = |test: fn(char) -> bool| run.chars().filter(|c| test(*c)).count();
            count(|c| matches!(c, '\u{E0020}'..='\u{E007F}')) > 0
                || count(|c| matches!(c, '\u{202D}' | '\u{202E}')) > 0
                || count(|c| matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')) > 1
                || run.chars().count() >= HIDDEN_RUN
        })
        .collect()
}

/// Finds consecutive single letters that together form one of the listed words.
fn spaced(text: &str) -> Vec<Range<usize>> {
    let is_gap = |c: char| " .-_*·/,|~+".contains(c);
    let mut found = Vec::new();
    let mut letters = String::new();
    let mut whole = 0..0;
    let mut gap = 0;
    let mut close = |letters: &mut String, whole: &Range<usize>| {
        if letters.chars().count() >= SPACED_RUN {
            let joined = skeleton(letters);
            if phrases::PHRASES
                .spaced
                .iter()
                .any(|word| joined.contains(&skeleton(word)))
            {
                found.push(whole.clone());
            }
        }
        letters.clear();
    };
    let mut before = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map_or(' ', |&(_, next)| next);
        let alone =
            character.is_alphanumeric() && !before.is_alphanumeric() && !next.is_alphanumeric();
        if alone {
            if letters.is_empty() {
                whole.start = at;
            }
            whole.end = at + character.len_utf8();
            letters.push(character);
            gap = 0;
        } else if is_gap(character) && gap < SPACED_GAP {
            gap += 1;
        } else {
            close(&mut letters, &whole);
        }
        before = character;
    }
    close(&mut letters, &whole);
    found
}

/// Finds phrases in scripts without spaces.
fn joined(text: &str) -> Vec<Range<usize>> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut compact = String::with_capacity(text.len());
    let mut origin: Vec<Range<usize>> = Vec::new();
    for (at, character) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        compact.push(character);
        origin.resize(compact.len(), at..at + character.len_utf8());
    }
    let mut found = Vec::new();
    for phrase in phrases::PHRASES.joined.iter() {
        let phrase: String = Fold::new(phrase).text.split_whitespace().collect();
        for (at, _) in compact.match_indices(&phrase) {
            found.push(origin[at].start..origin[at + phrase.len() - 1].end);
        }
    }
    found
}
