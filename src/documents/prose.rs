//! Text as it is put together from pieces: blanks collapsed, lines and paragraphs parted.

/// What stands between the last piece and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Blank,
    Line,
    Paragraph,
}

/// Text that grows.
#[derive(Debug)]
pub(super) struct Prose {
    text: String,
    gap: Gap,
    /// A mark that the next piece gets, such as that of a list item.
    mark: &'static str,
}

impl Prose {
    pub(super) const fn new() -> Self {
        Self {
            text: String::new(),
            gap: Gap::None,
            mark: "",
        }
    }

    /// Adds words; white space of any length is one blank.
    pub(super) fn push(&mut self, piece: &str) {
        if piece.starts_with(char::is_whitespace) {
            self.part(Gap::Blank);
        }
        for word in piece.split_whitespace() {
            self.put(word);
            self.part(Gap::Blank);
        }
        // The blank after the last word is there only if the piece has it.
        if self.gap == Gap::Blank && !piece.ends_with(char::is_whitespace) && !piece.is_empty() {
            self.gap = Gap::None;
        }
    }

    /// Adds a piece as it is written, line by line.
    pub(super) fn push_lines(&mut self, piece: &str) {
        for (number, line) in piece.split('\n').enumerate() {
            if number > 0 {
                self.part(Gap::Line);
            }
            let line = line.trim_end();
            if !line.is_empty() {
                self.put(line);
            }
        }
    }

    /// The next piece begins a line.
    pub(super) fn line(&mut self) {
        self.mark = "";
        self.part(Gap::Line);
    }

    /// The next piece begins a paragraph.
    pub(super) fn paragraph(&mut self) {
        self.mark = "";
        self.part(Gap::Paragraph);
    }

    /// The next piece begins a line with this mark.
    pub(super) fn marked(&mut self, mark: &'static str) {
        self.part(Gap::Line);
        self.mark = mark;
    }

    /// The next piece is the next cell of the row.
    pub(super) fn cell(&mut self) {
        if self.gap < Gap::Line && !self.text.is_empty() {
            self.gap = Gap::Blank;
            self.mark = "| ";
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn put(&mut self, piece: &str) {
        if !self.text.is_empty() {
            self.text.push_str(match self.gap {
                Gap::None => "",
                Gap::Blank => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.text.push_str(self.mark);
        self.text.push_str(piece);
        (self.gap, self.mark) = (Gap::None, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_parted_by_the_widest_gap() {
        let mut prose = Prose::new();
        prose.paragraph();
        prose.push("  The mi");
        prose.push("ll \n stands");
        prose.push(" ");
        prose.push("here.");
        prose.line();
        prose.paragraph();
        prose.marked("- ");
        prose.push("a");
        prose.cell();
        prose.push("b");
        prose.line();
        prose.push_lines("x  y\n\n  z");
        assert_eq!(
            prose.finish(),
            "The mill stands here.\n\n- a | b\nx  y\n  z"
        );
    }
}
