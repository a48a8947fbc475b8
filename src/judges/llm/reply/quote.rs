//! Finds quoted passages in a text.

use std::cell::OnceCell;
use std::iter;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::fuzzy::Passages;
use crate::domain::claim::Span;
use crate::text::hidden::hidden;
use crate::text::span::Utf16Index;
use crate::text::tokens::unparted;

/// Maximum length of a quote, in bytes. A model may write megabytes, and folding multiplies their
/// size.
const LONGEST: usize = 20_000;

/// Maximum number of occurrences of a quote for which overlapping ones are looked at, too.
const OVERLAPS: usize = 1_000;

/// Finds quotes in one text.
pub(crate) struct Quotes<'a> {
    text: &'a str,
    utf16: Utf16Index,
    folded: Folded,
    passages: OnceCell<Passages>,
}

impl<'a> Quotes<'a> {
    /// Prepares the text for searching.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            utf16: Utf16Index::new(text),
            folded: Folded::new(text),
            passages: OnceCell::new(),
        }
    }

    /// Returns the first occurrence of a quote: exact, or else ignoring case, white space,
    /// invisible characters and the shape of quotation marks and dashes, which models normalise; or
    /// else a passage that is similar enough (see [`Passages`]). `None` if the quote does not
    /// occur.
    pub(crate) fn find(&self, quote: &str) -> Option<Span> {
        let quote = quote.trim();
        if quote.is_empty() || quote.len() > LONGEST {
            return None;
        }
        let range = whole(self.text, quote)
            .or_else(|| self.folded.find(quote))
            .or_else(|| self.alike(quote))?;
        Some(self.utf16.span(range))
    }

    fn alike(&self, quote: &str) -> Option<Range<usize>> {
        let passages = self
            .passages
            .get_or_init(|| Passages::new(&self.folded.text));
        let range = passages.find(&Folded::new(quote).text)?;
        self.folded.original(range)
    }
}

/// Returns the first occurrence that begins and ends at word boundaries: "412 metres" is no quote
/// of "1,412 metres", nor "art" of "party".
fn whole(text: &str, quote: &str) -> Option<Range<usize>> {
    let stands = |range: &Range<usize>| {
        let (before, after) = (&text[..range.start], &text[range.end..]);
        !runs_on(before.chars().rev(), quote.chars())
            && !runs_on(after.chars(), quote.chars().rev())
            && !signed(before, quote)
    };
    // One that does not stand alone may overlap with one that does: "on on" occurs in "lemon on on" twice. A text
    // could be made of overlaps, so there is an end to looking for them.
    let mut from = 0;
    for _ in 0..OVERLAPS {
        let start = from + text[from..].find(quote)?;
        let range = start..start + quote.len();
        if stands(&range) {
            return Some(range);
        }
        from = start + quote.chars().next().map_or(1, char::len_utf8);
    }
    let places = text[from..].match_indices(quote);
    let mut ranges = places.map(|(start, found)| from + start..from + start + found.len());
    ranges.find(stands)
}

/// Returns whether a word or a number continues across an edge of the quote; `within` is read from
/// that edge.
fn runs_on(
    mut outside: impl Iterator<Item = char>,
    mut within: impl Iterator<Item = char>,
) -> bool {
    let (Some(edge), Some(next)) = (within.next(), outside.next()) else {
        return false;
    };
    // Scripts without spaces have no word boundaries.
    if !edge.is_alphanumeric() || unparted(edge) {
        return false;
    }
    if next.is_alphanumeric() {
        return !unparted(next);
    }
    let number = edge.is_numeric() && matches!(next, '.' | ',' | '\'' | '’' | '/' | ':');
    number && outside.next().is_some_and(char::is_numeric)
}

/// Returns whether a number is quoted without the minus sign in front of it.
fn signed(before: &str, quote: &str) -> bool {
    let mut outside = before.chars().rev();
    quote.starts_with(char::is_numeric)
        && matches!(outside.next(), Some('-' | '−'))
        && !outside.next().is_some_and(char::is_alphanumeric)
}

/// A folded text, and the mapping back to the original.
struct Folded {
    text: String,
    /// For each byte of `text`, the byte range of the original character.
    origin: Vec<Range<usize>>,
}

impl Folded {
    fn new(original: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(original.len()),
            origin: Vec::with_capacity(original.len()),
        };
        let mut unseen = hidden(original).into_iter().peekable();
        for (at, character) in original.char_indices() {
            let range = at..at + character.len_utf8();
            // Invisible characters are skipped, since the model was shown the text without them.
            while unseen.next_if(|hidden| hidden.end <= at).is_some() {}
            if unseen.peek().is_some_and(|hidden| hidden.contains(&at)) {
                continue;
            }
            if character.is_whitespace() {
                if !folded.text.ends_with(' ') {
                    folded.push(' ', range);
                }
                continue;
            }
            // Compatibility decomposition makes composed and full-width characters and ligatures
            // equal to plain letters.
            for character in iter::once(alike(character))
                .nfkd()
                .flat_map(char::to_lowercase)
            {
                folded.push(character, range.clone());
            }
        }
        folded
    }

    fn push(&mut self, character: char, origin: Range<usize>) {
        self.text.push(character);
        self.origin.resize(self.text.len(), origin);
    }

    /// Returns the byte range of the original that `quote` matches.
    fn find(&self, quote: &str) -> Option<Range<usize>> {
        let quote = Self::new(quote).text;
        let quote = quote.trim_matches([' ', '"', '\'', '…']);
        if quote.is_empty() {
            return None;
        }
        self.original(whole(&self.text, quote)?)
    }

    /// Returns the byte range of the original for a non-empty range of the folded text.
    fn original(&self, range: Range<usize>) -> Option<Range<usize>> {
        let first = self.origin.get(range.start)?;
        let last = self.origin.get(range.end.checked_sub(1)?)?;
        Some(first.start..last.end)
    }
}

/// Maps characters that look alike to one of them.
const fn alike(character: char) -> char {
    match character {
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' | '‚' | '`' => '\'',
        '‐' | '‑' | '–' | '—' | '−' => '-',
        other => other,
    }
}

#[cfg(test)]
#[path = "tests/quote.rs"]
mod tests;
