//! Text as it is put together from pieces: blanks collapsed, lines and paragraphs parted.

/// What stands between the last piece and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Blank,
    Line,
    Paragraph,
}

/// Longest row of a table that is one line, in bytes. What is longer is a page that is laid out as a table.
const MAX_ROW: usize = 4_000;
/// Rows within cells of rows that are told apart.
const MAX_NESTED: usize = 32;
/// The mark before a cell that is not its row's first.
const CELL: &str = "| ";

/// A row of a table that has not ended.
#[derive(Debug)]
struct Row {
    /// Where the text stood when it began.
    start: usize,
    /// Where each cell but the first begins, with what parts it from the one before.
    cells: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Prose {
    text: String,
    gap: Gap,
    /// A mark that the next piece gets, such as that of a list item.
    mark: &'static str,
    /// The rows that are open, each within a cell of the one before; none for one that is nested too deep.
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
        self.begin(Gap::Line, "");
    }

    /// The next piece begins a paragraph.
    pub(super) fn paragraph(&mut self) {
        self.begin(Gap::Paragraph, "");
    }

    /// The next piece begins a line with this mark.
    pub(super) fn marked(&mut self, mark: &'static str) {
        self.begin(Gap::Line, mark);
    }

    /// What begins in a cell begins where the cell does.
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

    /// A row of a table begins.
    pub(super) fn begin_row(&mut self) {
        self.line();
        let is_told_apart = self.rows.len() < MAX_NESTED;
        self.rows.push(is_told_apart.then(|| Row {
            start: self.text.len(),
            cells: Vec::new(),
        }));
    }

    /// The next piece is the next cell of the row.
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

    /// A row ends: one line, whatever paragraphs its cells have. A long one is a page's layout, and its
    /// cells are paragraphs.
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

    /// The end of the last word, if the next piece would be joined to it.
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
