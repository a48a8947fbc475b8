//! Detects the layout of a text: paragraphs, headings, list items and table rows, each with its
//! lead.
//!
//! Uses only markup and line ends; sentence ends are detected in `sentences`.

use std::ops::Range;

use super::calendar;
use super::citations;
use super::language::Language;
use super::unmarked;

/// Maximum number of words of an unmarked line that counts as an item of the list that the line
/// before it announces.
const SHORT: usize = 8;
/// Maximum length of a line that is a heading because it is bold, in bytes.
const TITLE: usize = 90;
/// Maximum number of words in the name of a column.
const MOST_WORDS: usize = 12;

/// The kind of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Prose,
    /// A heading, by its markup or because it is bold.
    Heading,
    Item,
    /// The header row of a table.
    Header,
    Row,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Range in the text without markup, in bytes.
    pub(super) range: Range<usize>,
    pub(super) part: Part,
    /// The line that introduces the list or table, or the heading above it.
    pub(super) lead: Option<Range<usize>>,
    /// The header row of the table.
    pub(super) header: Option<Range<usize>>,
}

/// The state of the parser while it walks the lines.
struct State {
    language: Language,
    blocks: Vec<Block>,
    /// True if the next line may continue the last block.
    open: bool,
    /// True if the last line was directly before this one.
    touching: bool,
    previous: Range<usize>,
    heading: Option<Range<usize>>,
    /// Lines that introduce lists, with their indentation, the outermost first.
    leads: Vec<(usize, Range<usize>)>,
    header: Option<Range<usize>>,
    caption: Option<Range<usize>>,
}

/// Returns the blocks of a text in order, in linear time.
pub(super) fn blocks(text: &str, language: Language) -> Vec<Block> {
    let mut state = State::new(language);
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive(['\n', '\u{2028}', '\u{2029}']) {
        lines.push(at..at + line.len());
        at += line.len();
    }
    for (number, line) in lines.iter().enumerate() {
        let next = lines
            .get(number + 1)
            .map_or("", |next| text[next.clone()].trim());
        state.line(text, line.clone(), next);
    }
    state.blocks
}

impl State {
    fn new(language: Language) -> Self {
        Self {
            language,
            blocks: Vec::new(),
            open: false,
            touching: false,
            previous: 0..0,
            heading: None,
            leads: Vec::new(),
            header: None,
            caption: None,
        }
    }

    fn line(&mut self, text: &str, line: Range<usize>, next: &str) {
        let raw = &text[line.clone()];
        let body = raw.trim();
        if body.is_empty() {
            self.open = false;
            self.touching = false;
            self.header = None;
            return;
        }
        if body
            .chars()
            .all(|c| matches!(c, '-' | '*' | '=' | '_' | '#' | '|' | ':' | ' ' | '+' | '~'))
        {
            self.rule(text, body);
            return;
        }
        let indent = raw.len() - raw.trim_start().len();
        let (mark, kind) = mark(body);
        let start = line.start + indent + mark;
        let end = line.start + raw.trim_end().len();
        if start >= end {
            self.open = false;
            return;
        }
        let range = start..end;
        if self.row(text, range.clone(), next) {
            return;
        }
        self.header = None;
        let slice = &text[range.clone()];
        let joins =
            self.open && mark == 0 && wraps(&text[self.previous.clone()], body, self.language);
        if joins && let Some(last) = self.blocks.last_mut() {
            last.range.end = end;
            self.previous = range;
            let last = last.clone();
            self.lead_in(text, &last, indent);
            return;
        }
        let part = match kind {
            Mark::Heading => Part::Heading,
            Mark::Item => Part::Item,
            _ if next.len() >= 3 && next.bytes().all(|byte| byte == b'=') => Part::Heading,
            _ if bold(slice) => Part::Heading,
            _ if self.goes_on(text, slice) => Part::Item,
            _ => Part::Prose,
        };
        let lead = match part {
            Part::Item => {
                while kind == Mark::Item
                    && self
                        .leads
                        .last()
                        .is_some_and(|(depth, _)| *depth > indent + 1)
                {
                    self.leads.pop();
                }
                let lead = self.leads.last().map(|(_, lead)| lead.clone());
                lead.or_else(|| self.heading.clone())
            }
            _ => None,
        };
        let block = Block {
            range: range.clone(),
            part,
            lead,
            header: None,
        };
        self.lead_in(text, &block, indent);
        self.blocks.push(block);
        self.previous = range;
        self.open = part != Part::Heading;
        self.touching = true;
    }

    /// Remembers a line that introduces what follows.
    fn lead_in(&mut self, text: &str, block: &Block, indent: usize) {
        let slice = text[block.range.clone()].trim_end_matches(['*', '_', ' ']);
        let announces = slice.ends_with([':', '：']);
        match block.part {
            Part::Heading => {
                self.heading = Some(block.range.clone());
                self.leads.clear();
            }
            Part::Item if announces => self.leads.push((indent + 2, block.range.clone())),
            Part::Item => {}
            _ => {
                self.leads.clear();
                if announces {
                    self.leads.push((0, block.range.clone()));
                }
            }
        }
        self.caption = (block.part != Part::Item).then(|| block.range.clone());
    }

    /// Handles a separator line, which makes the row above it a header.
    fn rule(&mut self, text: &str, body: &str) {
        self.open = false;
        if !body.contains('-') || !body.contains('|') {
            self.touching = false;
            return;
        }
        if let Some(last) = self
            .blocks
            .last_mut()
            .filter(|last| last.part == Part::Row && self.touching && self.header.is_none())
            .filter(|last| !tells(&text[last.range.clone()]))
        {
            last.part = Part::Header;
            self.header = Some(last.range.clone());
        }
    }

    /// Handles a row of a table. Returns false if the line is none.
    fn row(&mut self, text: &str, range: Range<usize>, next: &str) -> bool {
        let slice = &text[range.clone()];
        let ruled = next.contains('|')
            && next.contains('-')
            && next
                .chars()
                .all(|c| matches!(c, '-' | '|' | ':' | ' ' | '+'));
        let piped = slice.starts_with('|') && slice[1..].contains('|');
        // Text before the first bar of a line without a leading bar may be prose that a table
        // follows.
        let inside = slice.contains(" | ") && (ruled || self.header.is_some()) && !tells(slice);
        let tabbed = slice
            .split('\t')
            .filter(|cell| !cell.trim().is_empty())
            .count()
            >= 2;
        if !(piped || inside || tabbed) {
            return false;
        }
        let cells = slice.trim_matches(|c: char| c == '|' || c.is_whitespace());
        if !cells.chars().any(char::is_alphanumeric) {
            self.open = false;
            return true;
        }
        let start = range.start + (slice.find(cells).unwrap_or(0));
        let range = start..start + cells.len();
        let lead = self.caption.clone().or_else(|| self.heading.clone());
        // A first row without figures, above one with figures, is the header of a table without
        // separators.
        let digits = |line: &str| line.bytes().any(|byte| byte.is_ascii_digit());
        let names = tabbed
            && self.header.is_none()
            && !digits(cells)
            && !tells(cells)
            && next.contains('\t')
            && digits(next);
        self.blocks.push(Block {
            range: range.clone(),
            part: if names { Part::Header } else { Part::Row },
            lead,
            header: self.header.clone(),
        });
        if names {
            self.header = Some(range);
        }
        self.open = false;
        self.touching = true;
        true
    }

    /// True for a short line directly below one that announces a list.
    fn goes_on(&self, text: &str, slice: &str) -> bool {
        let announced = self.touching
            && self.blocks.last().is_some_and(|last| {
                let before = text[last.range.clone()].trim_end_matches(['*', '_', ' ']);
                before.ends_with([':', '：']) && last.part != Part::Heading
                    || last.part == Part::Item
                        && self.open
                        && last.range == self.previous
                        && !self.leads.is_empty()
            });
        announced
            && !slice.ends_with(['.', '!', '?', ':', '。', '！', '？', '：'])
            && slice.split_whitespace().take(SHORT + 1).count() <= SHORT
    }
}

/// True for a row with a statement in a cell, rather than only names and values. Header cells are
/// no claims, so nobody may hide a statement in them.
fn tells(row: &str) -> bool {
    row.split(['|', '\t']).any(|cell| {
        let cell = cell.trim();
        let words = cell.split_whitespace().take(MOST_WORDS + 1).count();
        let ended = cell.ends_with(['.', '!', '。', '！']) || cell.contains(". ");
        words > MOST_WORDS || (ended && words > 3)
    })
}

/// True for a line that is entirely bold.
fn bold(slice: &str) -> bool {
    ["**", "__"].iter().any(|mark| {
        slice
            .strip_prefix(mark)
            .and_then(|rest| rest.trim_end_matches(':').strip_suffix(mark))
            .is_some_and(|inner| {
                !inner.is_empty()
                    && inner.len() <= TITLE
                    && !inner.contains(mark)
                    && !inner.ends_with(['.', '!', '。'])
                    && !slice.ends_with(':')
                    && !inner.ends_with([':', '：'])
            })
    })
}

/// True if a line continues in the next one.
fn wraps(line: &str, next: &str, language: Language) -> bool {
    if line.ends_with(['.', '!', '?', ':', '。', '！', '？', '؟', '।'])
        || unmarked::parts(line, next, language)
    {
        return false;
    }
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    line.ends_with(',') || (lower && line.len() >= 30) || line.len() >= 60
}

/// The markup at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Heading,
    Item,
    Quotation,
}

/// Returns the length of a line's leading markup with the following spaces, and the kind of the
/// last mark.
fn mark(line: &str) -> (usize, Mark) {
    let mut quoted = 0;
    // A quotation may contain a list or another quotation, to any depth, so this is a loop and not
    // a recursion.
    loop {
        let (length, kind) = single_mark(&line[quoted..]);
        if kind != Mark::Quotation {
            return (quoted + length, kind);
        }
        quoted += length;
    }
}

/// Parses a single list, heading or quotation mark.
fn single_mark(line: &str) -> (usize, Mark) {
    let blanks = |rest: &str| rest.len() - rest.trim_start().len();
    let hashes = line.len() - line.trim_start_matches('#').len();
    if (1..=6).contains(&hashes) && line[hashes..].starts_with(char::is_whitespace) {
        return (hashes + blanks(&line[hashes..]), Mark::Heading);
    }
    let mut characters = line.chars();
    let Some(first) = characters.next() else {
        return (0, Mark::None);
    };
    let rest = characters.as_str();
    if first == '>' && rest.starts_with(char::is_whitespace) {
        return (1 + blanks(rest), Mark::Quotation);
    }
    let bullet = matches!(
        first,
        '•' | '◦'
            | '▪'
            | '‣'
            | '●'
            | '■'
            | '○'
            | '✓'
            | '✔'
            | '➤'
            | '→'
            | '・'
            | '※'
            | '◆'
            | '★'
            | '⁃'
            | '∙'
    );
    if bullet
        || matches!(first, '·' | '–' | '—' | '-' | '*' | '+')
            && rest.starts_with(char::is_whitespace)
    {
        let length = first.len_utf8() + blanks(rest);
        return (length + task(&line[length..]), Mark::Item);
    }
    let open = usize::from(first == '(');
    let digits = line[open..].bytes().take_while(u8::is_ascii_digit).count();
    let letter =
        usize::from(digits == 0 && line[open..].starts_with(|c: char| c.is_ascii_lowercase()));
    let length = open + digits + letter;
    let tail = &line[length..];
    if (1..=3).contains(&(digits + letter))
        && (tail.starts_with(')') || (tail.starts_with('.') && digits > 0 && open == 0))
        && tail[1..].starts_with(char::is_whitespace)
    {
        let next = tail[1..].trim_start();
        let word = next
            .split(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or_default();
        // "3. März 2021 begann der Bau" begins with a date.
        if tail.starts_with('.') && calendar::names_month(word) {
            return (0, Mark::None);
        }
        return (length + 1 + blanks(&tail[1..]), Mark::Item);
    }
    // "1、", "①".
    if digits > 0 && digits <= 2 && tail.starts_with('、') {
        return (length + '、'.len_utf8(), Mark::Item);
    }
    if matches!(first, '①'..='⑳') {
        return (first.len_utf8() + blanks(rest), Mark::Item);
    }
    (0, Mark::None)
}

/// Returns the length of a task list's checkbox.
fn task(rest: &str) -> usize {
    match citations::mark("", rest) {
        Some(3)
            if rest.starts_with("[ ]") || rest.starts_with("[x]") || rest.starts_with("[X]") =>
        {
            3 + rest[3..].len() - rest[3..].trim_start().len()
        }
        _ => 0,
    }
}

/// Parses a line of the form "Name: value" into the byte ranges of the name and of the value.
pub(crate) fn field(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let bare = |range: Range<usize>| {
        let slice = &line[range.clone()];
        let inner = slice.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`'));
        let start = range.start + slice.find(inner).unwrap_or(0);
        start..start + inner.len()
    };
    for (at, character) in line.char_indices().take_while(|(at, _)| *at <= 60) {
        let end = at + character.len_utf8();
        let after = &line[end..];
        let blank = after.starts_with(|c: char| c.is_whitespace() || matches!(c, '*' | '_'));
        let parts = match character {
            '：' => true,
            ':' => blank || (line[..at].ends_with(['*', '_']) && !after.starts_with('/')),
            '=' | '–' | '—' | '|' | '\t' => {
                (blank && line[..at].ends_with(|c: char| c.is_whitespace() || c == '*'))
                    || character == '\t'
            }
            // A name contains none of these.
            '.' | ';' | '!' | '?' | '。' | '，' | '"' | '“' | '(' => return None,
            _ => false,
        };
        if !parts {
            continue;
        }
        let (name, value) = (bare(0..at), bare(end..line.len()));
        let words = line[name.clone()].split_whitespace().take(6).count();
        let lettered = line[name.clone()].chars().any(char::is_alphabetic);
        return ((1..=5).contains(&words) && lettered && !value.is_empty())
            .then_some((name, value));
    }
    None
}

#[cfg(test)]
#[path = "tests/layout.rs"]
mod tests;
