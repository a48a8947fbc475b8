//! Where a quoted passage stands in the candidate.

use std::ops::Range;

use crate::domain::claim::Span;
use crate::text::span::Utf16Index;

/// Finds quotes in one text.
pub(super) struct Quotes<'a> {
    text: &'a str,
    utf16: Utf16Index,
    folded: Folded,
}

impl<'a> Quotes<'a> {
    /// Reads the text once.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            utf16: Utf16Index::new(text),
            folded: Folded::new(text),
        }
    }

    /// The first place of a quote: exactly, else regardless of case, of white space and of the shape
    /// of quotation marks and dashes, which models tidy up. `None` for a quote that is not there.
    pub(super) fn find(&self, quote: &str) -> Option<Span> {
        let quote = quote.trim();
        if quote.is_empty() {
            return None;
        }
        let range = self
            .text
            .find(quote)
            .map(|start| start..start + quote.len())
            .or_else(|| self.folded.find(quote))?;
        Some(self.utf16.span(range))
    }
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
        for (at, character) in original.char_indices() {
            let range = at..at + character.len_utf8();
            if character.is_whitespace() {
                if !folded.text.ends_with(' ') {
                    folded.push(' ', range);
                }
                continue;
            }
            for character in alike(character).to_lowercase() {
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
        let start = self.text.find(quote)?;
        let first = self.origin.get(start)?;
        let last = self.origin.get(start + quote.len() - 1)?;
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
mod tests {
    use super::*;

    fn found(text: &str, quote: &str) -> Option<String> {
        let span = Quotes::new(text).find(quote)?;
        let units: Vec<u16> = text.encode_utf16().collect();
        Some(String::from_utf16(&units[span.start..span.end]).unwrap())
    }

    #[test]
    fn quotes_are_found_as_models_write_them() {
        let text = "Die Brücke 🌉 opened in\n  May 1937.\tIt’s 2 737 m long — “the longest” then.";
        let table = [
            ("opened", Some("opened")),
            ("OPENED IN MAY 1937", Some("opened in\n  May 1937")),
            ("\"opened in May 1937.\"", Some("opened in\n  May 1937.")),
            ("die brücke 🌉 opened", Some("Die Brücke 🌉 opened")),
            (
                "It's 2 737 m long - \"the longest\"",
                Some("It’s 2 737 m long — “the longest"),
            ),
            ("1937. It’s", Some("1937.\tIt’s")),
            ("closed in May", None),
            ("", None),
            ("  ", None),
            ("\"\"", None),
        ];
        for (quote, expected) in table {
            assert_eq!(found(text, quote).as_deref(), expected, "{quote}");
        }
    }

    #[test]
    fn letters_that_grow_when_folded_keep_their_place() {
        // The Turkish capital İ becomes two characters.
        assert_eq!(
            found("İzmir is large", "IS LARGE").as_deref(),
            Some("is large")
        );
    }
}
