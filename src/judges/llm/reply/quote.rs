//! Where a quoted passage stands in a text.

use std::cell::OnceCell;
use std::iter;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::fuzzy::Passages;
use crate::domain::claim::Span;
use crate::text::hidden::hidden;
use crate::text::span::Utf16Index;
use crate::text::tokens::unparted;

/// Bytes from which on nothing is a quote: a model may write megabytes, and folded they are several times
/// as long.
const LONGEST: usize = 20_000;

/// Finds quotes in one text.
pub(crate) struct Quotes<'a> {
    text: &'a str,
    utf16: Utf16Index,
    folded: Folded,
    passages: OnceCell<Passages>,
}

impl<'a> Quotes<'a> {
    /// Reads the text once.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            utf16: Utf16Index::new(text),
            folded: Folded::new(text),
            passages: OnceCell::new(),
        }
    }

    /// The first place of a quote: exactly, else regardless of case, of white space, of characters that
    /// can't be seen and of the shape of quotation marks and dashes, which models tidy up; else the
    /// place that is like enough (see [`Passages`]). `None` for a quote that is not there.
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

/// The first place where the quote stands by itself: "412 metres" is not quoted from "1,412 metres", nor
/// "art" from "party".
fn whole(text: &str, quote: &str) -> Option<Range<usize>> {
    let places = text.match_indices(quote);
    let mut ranges = places.map(|(start, found)| start..start + found.len());
    ranges.find(|range| {
        let (before, after) = (&text[..range.start], &text[range.end..]);
        !runs_on(before.chars().rev(), quote.chars())
            && !runs_on(after.chars(), quote.chars().rev())
            && !signed(before, quote)
    })
}

/// Whether a word or a number goes on from within (read from its edge) to without.
fn runs_on(
    mut outside: impl Iterator<Item = char>,
    mut within: impl Iterator<Item = char>,
) -> bool {
    let (Some(edge), Some(next)) = (within.next(), outside.next()) else {
        return false;
    };
    // Scripts without spaces have no edges of words.
    if !edge.is_alphanumeric() || unparted(edge) {
        return false;
    }
    if next.is_alphanumeric() {
        return !unparted(next);
    }
    let number = edge.is_numeric() && matches!(next, '.' | ',' | '\'' | '’' | '/' | ':');
    number && outside.next().is_some_and(char::is_numeric)
}

/// Whether a number is quoted without the minus sign in front of it.
fn signed(before: &str, quote: &str) -> bool {
    let mut outside = before.chars().rev();
    quote.starts_with(char::is_numeric)
        && matches!(outside.next(), Some('-' | '−'))
        && !outside.next().is_some_and(char::is_alphanumeric)
}

/// A text in comparable form, with the way back.
struct Folded {
    text: String,
    /// For each byte of `text` the bytes of the original that it came from.
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
            // The model was shown the text without them.
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
            // Composed or not, full width or a ligature: it is the same letter.
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

    /// The bytes of the original that `quote` stands for.
    fn find(&self, quote: &str) -> Option<Range<usize>> {
        let quote = Self::new(quote).text;
        let quote = quote.trim_matches([' ', '"', '\'', '…']);
        if quote.is_empty() {
            return None;
        }
        self.original(whole(&self.text, quote)?)
    }

    /// The bytes of the original behind bytes of the folded text, of which there is at least one.
    fn original(&self, range: Range<usize>) -> Option<Range<usize>> {
        let first = self.origin.get(range.start)?;
        let last = self.origin.get(range.end.checked_sub(1)?)?;
        Some(first.start..last.end)
    }
}

/// One of the characters that look alike, for all of them.
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
