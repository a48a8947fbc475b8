//! Joins pieces of text: collapses white space and separates lines and paragraphs.

/// The separator between the last piece and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Blank,
    Line,
    Paragraph,
}

/// Maximum length of a table's row that becomes one line, in bytes. A longer row belongs to a page
/// that is laid out as a table.
const MAX_ROW: usize = 4_000;
/// Maximum nesting of tables that are told apart.
const MAX_NESTED: usize = 32;
/// The separator before each cell but the first.
const CELL: &str = "| ";

/// A row of a table that has not ended yet.
#[derive(Debug)]
struct Row {
    /// The length of the text at the row's start.
    start: usize,
    /// The start of each cell but the first, at the separator before it.
    cells: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Prose {
    text: String,
    gap: Gap,
    /// The prefix of the next piece, such as that of a list item.
    mark: &'static str,
    /// The open rows, each within a cell of the one before; `None` for a row that
    /// is nested too deep.
    rows: Vec<Option<Row>>,
}

impl Prose {
    pub(super) const fn new() -> Self {
        Self {
            text: String::new(),
            gap: Gap::None,
            mark: "",
            rows: Vec::new(),
        }
    }

    /// Adds words, collapsing white space into single blanks.
    pub(super) fn push(&mut self, piece: &str) {
        if piece.starts_with(char::is_whitespace) {
            self.part(Gap::Blank);
        }
        for word in piece.split_whitespace() {
            self.put(word);
            self.part(Gap::Blank);
        }
        // The blank after the last word is kept only if the piece ends with white space.
        if self.gap == Gap::Blank && !piece.ends_with(char::is_whitespace) && !piece.is_empty() {
            self.gap = Gap::None;
        }
    }

    /// Adds a piece line by line, keeping its white space.
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

    /// Starts a line at the next piece.
    pub(super) fn line(&mut self) {
        self.begin(Gap::Line, "");
    }

    /// Starts a paragraph at the next piece.
    pub(super) fn paragraph(&mut self) {
        self.begin(Gap::Paragraph, "");
    }

    /// Starts a line at the next piece, with this prefix.
    pub(super) fn marked(&mut self, mark: &'static str) {
        self.begin(Gap::Line, mark);
    }

    /// Separators at the start of a cell are dropped.
    fn begin(&mut self, gap: Gap, mark: &'static str) {
        if self.mark == CELL {
            return;
        }
        let in_first_cell = match self.rows.last() {
            Some(Some(row)) => self.text.len() == row.start,
            _ => false,
        };
        self.part(if in_first_cell { Gap::Line } else { gap });
        self.mark = mark;
    }

    /// Starts a row of a table.
    pub(super) fn begin_row(&mut self) {
        self.line();
        let is_told_apart = self.rows.len() < MAX_NESTED;
        self.rows.push(is_told_apart.then(|| Row {
            start: self.text.len(),
            cells: Vec::new(),
        }));
    }

    /// Starts the next cell of the row.
    pub(super) fn cell(&mut self) {
        let begun = match self.rows.last() {
            Some(Some(row)) => self.text.len() > row.start,
            _ => self.gap < Gap::Line && !self.text.is_empty(),
        };
        if begun {
            self.gap = Gap::Blank;
            self.mark = CELL;
        }
    }

    /// Ends a row. It becomes one line, whatever paragraphs its cells have; but if it is long, the
    /// table is a page's layout, and its cells become paragraphs.
    pub(super) fn end_row(&mut self) {
        self.mark = "";
        if let Some(Some(row)) = self.rows.pop()
            && !row.cells.is_empty()
        {
            let gap = self.text[row.start..]
                .find(|c| c != '\n')
                .map_or(self.text.len(), |at| row.start + at);
            if self.text.len() - gap <= MAX_ROW {
                let lines = self.text[gap..].split('\n');
                let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
                let line = lines.join(" ");
                self.text.truncate(gap);
                self.text.push_str(&line);
                self.gap = Gap::Line;
            } else {
                let long = self.text.split_off(gap);
                let mut from = gap;
                for cell in row.cells.into_iter().chain([gap + long.len()]) {
                    let piece = &long[from - gap..cell - gap];
                    let piece = piece.strip_prefix(" | ").unwrap_or(piece);
                    if from > gap {
                        self.text.push_str("\n\n");
                    }
                    self.text.push_str(piece);
                    from = cell;
                }
            }
        }
        self.part(Gap::Line);
    }

    /// Returns the end of the last word if the next piece would be joined to it.
    pub(super) fn tail(&self) -> &str {
        if self.gap == Gap::None {
            &self.text
        } else {
            ""
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn put(&mut self, piece: &str) {
        if self.mark == CELL
            && let Some(Some(row)) = self.rows.last_mut()
        {
            row.cells.push(self.text.len());
        }
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
#[path = "tests/prose.rs"]
mod tests;
