//! Where the words of a PDF's page stand: words, lines and paragraphs from the positions of its strings.
//!
//! PDF 32000-1 §9.4: a string is shown at the origin of the text matrix; nothing says where a word or a
//! line ends. The widths of glyphs are not read: a string that is placed anew on the same line is a word
//! of its own.

/// Share of the font's size by which a kerning is a blank between words.
const BLANK: f64 = 200.0;
/// Of the font's size: strings that far apart are on different lines.
const SAME_LINE: f64 = 0.5;
/// Of the font's size: lines that far apart are of different paragraphs.
const SAME_PARAGRAPH: f64 = 1.8;
/// Saved states of a page that never restores them.
const MAX_SAVED: usize = 64;

/// `[a b c d e f]` as PDF writes a matrix.
type Matrix = [f64; 6];

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// One after the other.
fn times(one: &Matrix, two: &Matrix) -> Matrix {
    let [a, b, c, d, e, f] = *one;
    let [g, h, i, j, k, l] = *two;
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

/// A page that is being read.
pub(super) struct Page {
    text: String,
    transform: Matrix,
    saved: Vec<Matrix>,
    line: Matrix,
    leading: f64,
    size: f64,
    /// Set anew since the last string.
    moved: bool,
    /// Where the last string stood, from the bottom.
    last: Option<f64>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            text: String::new(),
            transform: UNIT,
            saved: Vec::new(),
            line: UNIT,
            leading: 0.0,
            size: 12.0,
            moved: false,
            last: None,
        }
    }
}

impl Page {
    /// The font's size.
    pub(super) fn size(&mut self, size: f64) {
        self.size = size;
    }

    /// An operator that changes where the next string stands; others change nothing.
    pub(super) fn place(&mut self, operator: &str, operands: &[f64]) {
        match (operator, operands) {
            ("q", _) if self.saved.len() < MAX_SAVED => self.saved.push(self.transform),
            ("Q", _) => self.transform = self.saved.pop().unwrap_or(self.transform),
            ("cm", &[a, b, c, d, e, f]) => {
                self.transform = times(&[a, b, c, d, e, f], &self.transform);
            }
            ("BT", _) => self.set(UNIT),
            ("Tm", &[a, b, c, d, e, f]) => self.set([a, b, c, d, e, f]),
            ("Td", &[x, y]) => self.shift(x, y),
            ("TD", &[x, y]) => {
                self.leading = -y;
                self.shift(x, y);
            }
            ("TL", &[leading]) => self.leading = leading,
            ("T*", _) => self.next_line(),
            _ => {}
        }
    }

    /// To the beginning of the next line.
    pub(super) fn next_line(&mut self) {
        let leading = if self.leading == 0.0 {
            self.size
        } else {
            self.leading
        };
        self.shift(0.0, -leading);
    }

    fn shift(&mut self, x: f64, y: f64) {
        self.set(times(&[1.0, 0.0, 0.0, 1.0, x, y], &self.line));
    }

    fn set(&mut self, line: Matrix) {
        self.line = line;
        self.moved = true;
    }

    /// A gap within a string, in thousandths of the font's size; to the right where it is negative.
    pub(super) fn kern(&mut self, shift: f64) {
        if -shift > BLANK && !self.text.ends_with(char::is_whitespace) && !self.text.is_empty() {
            self.text.push(' ');
        }
    }

    /// Shows a string.
    pub(super) fn show(&mut self, words: &str) {
        if words.trim().is_empty() && !self.moved {
            self.text.push_str(words);
            return;
        }
        if words.is_empty() {
            return;
        }
        let placed = times(&self.line, &self.transform);
        let height = placed[5];
        let size = (self.size * placed[2].hypot(placed[3])).abs().max(1.0);
        if let Some(last) = self.last.filter(|_| self.moved) {
            let apart = (height - last).abs();
            if apart > size * SAME_PARAGRAPH {
                self.part("\n\n");
            } else if apart > size * SAME_LINE {
                self.part("\n");
            } else if !self.text.ends_with(char::is_whitespace) {
                self.text.push(' ');
            }
        }
        self.moved = false;
        self.last = Some(height);
        self.text.push_str(words);
    }

    /// Ends a line; a word that was parted at its end is joined with what follows.
    fn part(&mut self, gap: &str) {
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self.text.push_str(gap);
    }

    /// The page's text.
    pub(super) fn finish(self) -> String {
        joined(self.text.trim())
    }
}

/// Joins words that are parted at the end of a line: a hyphen between two letters, the next line in lower
/// case.
fn joined(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        let stem = line.strip_suffix(['-', '\u{ad}', '\u{2010}']);
        let goes_on = next.chars().next().is_some_and(char::is_lowercase);
        match stem.filter(|stem| goes_on && stem.ends_with(char::is_alphabetic)) {
            Some(stem) => whole.push_str(stem),
            None => {
                whole.push_str(line);
                if lines.peek().is_some() {
                    whole.push('\n');
                }
            }
        }
    }
    whole
}
