//! Splits prose, lists and dialogue in any script into sentences.
//!
//! Uses rules of its own instead of UAX #29, which splits after "Dr." and knows neither lists nor
//! headings.

use std::ops::Range;

use super::abbreviations::{Style, breaks};
use super::citations;
pub(crate) use super::layout::Part;
use super::layout::{self, Block};
use super::unmarked;
use crate::computing::checkpoint;

/// Maximum length of a sentence in bytes. A longer one is split, so that no later step depends on
/// punctuation being there.
const LONGEST: usize = 1_200;

/// Maximum number of bytes before a full stop in which an abbreviation is searched for.
const ABBREVIATION: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Range in the text, in bytes, without surrounding spaces, bullets and heading marks.
    pub range: Range<usize>,
    /// True for a heading by its markup.
    pub heading: bool,
    /// The index of its paragraph or list item.
    pub block: usize,
    /// The kind of block that contains it.
    pub part: Part,
    /// The line that introduces its list or table, or the heading above that.
    pub lead: Option<Range<usize>>,
    /// The header row of its table.
    pub header: Option<Range<usize>>,
}

/// Returns the sentences of a text in order.
pub(crate) fn split(text: &str) -> Vec<Sentence> {
    let mut style = Style::of(text);
    let mut sentences = Vec::new();
    for (number, block) in layout::blocks(text, style.language).into_iter().enumerate() {
        checkpoint();
        let mut start = block.range.start;
        let whole = matches!(block.part, Part::Row | Part::Header);
        let ends = if whole {
            Vec::new()
        } else {
            ends(text, block.range.clone(), &mut style)
        };
        for end in ends.into_iter().chain([block.range.end]) {
            if !whole && block.part != Part::Heading {
                for begin in unmarked::starts(text, start..end, style.language) {
                    push(text, start..begin, &block, number, &mut sentences);
                    start = begin;
                }
            }
            push(text, start..end, &block, number, &mut sentences);
            start = end;
        }
    }
    sentences
}

/// Returns the ends of all sentences of a block but the last.
fn ends(text: &str, range: Range<usize>, style: &mut Style) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut characters = text[range.clone()].char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        style.capitals |= character.is_uppercase();
        if !terminator(character) {
            continue;
        }
        let stop = range.start + at;
        let mut single = character == '.';
        let mut end = stop + character.len_utf8();
        while let Some((_, next)) = characters.next_if(|(_, next)| terminator(*next)) {
            single = false;
            end += next.len_utf8();
        }
        let wide = !matches!(character, '.' | '!' | '?' | '…');
        end += closing(text, end..range.end);
        while characters
            .next_if(|(at, _)| range.start + at < end)
            .is_some()
        {}
        let rest = &text[end..range.end];
        if rest.is_empty() {
            continue;
        }
        // No abbreviation is longer; without this limit a text of full stops would take quadratic
        // time.
        let near = floor(text, stop.saturating_sub(ABBREVIATION).max(range.start));
        let mut words = text[near..stop].rsplit(char::is_whitespace);
        let word = words.next().unwrap_or_default();
        let before = words.next().unwrap_or_default();
        if wide
            || (rest.starts_with(char::is_whitespace)
                && breaks(before, word, rest.trim_start(), character, single, *style))
        {
            ends.push(end);
        }
    }
    ends
}

fn terminator(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '।' | '॥' | '؟' | '۔' | '։' | '።'
    )
}

/// Returns the length of the closing quotes, brackets and citation markers at the start of a range.
fn closing(text: &str, range: Range<usize>) -> usize {
    let mut length = 0;
    loop {
        let at = range.start + length;
        let tail = &text[at..range.end];
        if let Some(c) = tail.chars().next().filter(|c| {
            matches!(
                c,
                '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』' | '）' | '*' | '_'
            )
        }) {
            length += c.len_utf8();
            continue;
        }
        let mark = |gap: usize| {
            let rest = &tail[gap..];
            rest.starts_with([
                '[', '【', '<', '(', '（', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹',
            ])
            .then(|| citations::mark(&text[..at + gap], rest))
            .flatten()
        };
        if let Some(found) = mark(0) {
            length += found;
        } else if let Some(found) = tail.starts_with(' ').then(|| mark(1)).flatten() {
            length += 1 + found;
        } else {
            return length;
        }
    }
}

fn push(
    text: &str,
    range: Range<usize>,
    block: &Block,
    number: usize,
    sentences: &mut Vec<Sentence>,
) {
    let mut range = trimmed(text, range);
    // "**Bold.**" is bold as a whole; a mark whose partner is inside is kept.
    for mark in ["**", "__"] {
        let slice = &text[range.clone()];
        if slice.len() > 4
            && slice.starts_with(mark)
            && slice.ends_with(mark)
            && !slice[2..slice.len() - 2].contains(mark)
        {
            range = trimmed(text, range.start + 2..range.end - 2);
        }
    }
    while range.len() > LONGEST {
        let most = floor(text, range.start + LONGEST);
        let cut = text[range.start..most]
            .rfind(char::is_whitespace)
            .map(|at| range.start + at)
            .filter(|cut| *cut >= range.start + LONGEST / 2)
            .unwrap_or(most);
        let piece = trimmed(text, range.start..cut);
        if !piece.is_empty() {
            sentences.push(sentence(piece, block, number));
        }
        range = trimmed(text, cut..range.end);
    }
    if !range.is_empty() {
        sentences.push(sentence(range, block, number));
    }
}

fn sentence(range: Range<usize>, block: &Block, number: usize) -> Sentence {
    Sentence {
        range,
        heading: block.part == Part::Heading,
        block: number,
        part: block.part,
        lead: block.lead.clone(),
        header: block.header.clone(),
    }
}

/// Returns the character boundary at or before a byte position.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns the range without spaces at its ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..(start + slice.trim().len())
}

#[cfg(test)]
#[path = "tests/sentences.rs"]
mod tests;
