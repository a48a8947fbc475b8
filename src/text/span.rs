//! Converts byte ranges of a text to spans in UTF-16 code units, and back.

use std::ops::Range;

use crate::domain::claim::Span;

/// Number of bytes between two checkpoints, which is the maximum that one conversion scans beside
/// the binary search.
const STRIDE: usize = 64;

/// Converts between byte offsets and UTF-16 offsets of one text, in O(log n).
#[derive(Debug, Clone)]
pub(crate) struct Utf16Index {
    /// The text; `None` if it is ASCII, since then both offsets are equal.
    text: Option<Box<str>>,
    /// (byte offset, UTF-16 offset) of every first character boundary after `STRIDE` bytes.
    checkpoints: Vec<(usize, usize)>,
    /// Length of the text in bytes.
    len: usize,
}

impl Utf16Index {
    /// Builds the index in one pass over the text.
    pub(crate) fn new(text: &str) -> Self {
        let len = text.len();
        if text.is_ascii() {
            return Self {
                text: None,
                checkpoints: Vec::new(),
                len,
            };
        }
        let mut checkpoints = vec![(0, 0)];
        let mut units = 0;
        let mut next = STRIDE;
        for (byte, character) in text.char_indices() {
            if byte >= next {
                checkpoints.push((byte, units));
                next = byte + STRIDE;
            }
            units += character.len_utf16();
        }
        Self {
            text: Some(text.into()),
            checkpoints,
            len,
        }
    }

    /// Returns the span of a byte range. Offsets inside a character are moved to its start, and
    /// those after the end to the end.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        Span {
            start: self.units(range.start),
            end: self.units(range.end),
        }
    }

    /// Returns the byte range of a span; `None` if the span is reversed, exceeds the text or splits
    /// a character.
    pub(crate) fn bytes(&self, span: Span) -> Option<Range<usize>> {
        if span.start > span.end {
            return None;
        }
        Some(self.byte(span.start)?..self.byte(span.end)?)
    }

    fn units(&self, byte: usize) -> usize {
        let byte = byte.min(self.len);
        let Some(text) = &self.text else { return byte };
        let at = self.checkpoints.partition_point(|point| point.0 <= byte) - 1;
        let (start, mut units) = self.checkpoints[at];
        for (offset, character) in text[start..].char_indices() {
            if start + offset + character.len_utf8() > byte {
                break;
            }
            units += character.len_utf16();
        }
        units
    }

    fn byte(&self, unit: usize) -> Option<usize> {
        let Some(text) = &self.text else {
            return (unit <= self.len).then_some(unit);
        };
        let at = self.checkpoints.partition_point(|point| point.1 <= unit) - 1;
        let (start, mut units) = self.checkpoints[at];
        for (offset, character) in text[start..].char_indices() {
            if units >= unit {
                return (units == unit).then_some(start + offset);
            }
            units += character.len_utf16();
        }
        (units == unit).then_some(self.len)
    }
}

#[cfg(test)]
#[path = "tests/span.rs"]
mod tests;
