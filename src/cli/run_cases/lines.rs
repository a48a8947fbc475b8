//! Converts positions in a text, in UTF-16 code units, to lines and columns, both counted from 1.

use crate::domain::claim::Span;

/// The positions at which the lines of a text begin.
pub(super) struct Lines {
    starts: Vec<usize>,
}

/// A span as lines and columns; `end_column` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub start_line: usize,
    pub start_column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl Lines {
    /// Lines end with a line feed, with or without a carriage return before it.
    pub(super) fn of(text: &str) -> Self {
        let mut starts = vec![0];
        let mut at = 0;
        for character in text.chars() {
            at += character.len_utf16();
            if character == '\n' {
                starts.push(at);
            }
        }
        Self { starts }
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        (line.max(1), at - start + 1)
    }

    pub(super) fn region(&self, span: Span) -> Region {
        let (start_line, start_column) = self.place(span.start);
        // A span that includes the line feed ends on its own line, not on the next one.
        let last = span.end.saturating_sub(1).max(span.start);
        let (end_line, end_column) = self.place(last);
        Region {
            start_line,
            start_column,
            end_line,
            end_column: end_column + usize::from(span.end > span.start),
        }
    }
}

#[cfg(test)]
#[path = "tests/lines.rs"]
mod tests;
