//! Paragraphs, headings, list items and rows of tables, each with the line that leads it in.
//!
//! Only what shows by marks and line ends is told here; where sentences end is told in `sentences`.

use std::ops::Range;

use super::calendar;
use super::citations;
use super::language::Language;
use super::unmarked;

/// Words of a line that is taken for an item of the list that the line before it announces.
const SHORT: usize = 8;
/// Bytes of a line that is a heading by its bold type alone.
const TITLE: usize = 90;
/// Words of the longest name of a column.
const MOST_WORDS: usize = 12;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Prose,
    /// A heading, by its mark or its type.
    Heading,
    /// An item of a list.
    Item,
    /// The row of a table that names its columns.
    Header,
    /// Another row of a table.
    Row,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Bytes of the text, without marks.
    pub(super) range: Range<usize>,
    pub(super) part: Part,
    /// The line that leads a list or a table in, or the heading above it.
    pub(super) lead: Option<Range<usize>>,
    /// The row that names the columns.
    pub(super) header: Option<Range<usize>>,
}

/// What is known while the lines are walked.
struct State {
    language: Language,
    blocks: Vec<Block>,
    /// Whether the next line may go on with the last block.
    open: bool,
    /// Whether the last line was directly before this one.
    touching: bool,
    previous: Range<usize>,
    heading: Option<Range<usize>>,
    /// Lines that lead in, with their indent, outermost first.
    leads: Vec<(usize, Range<usize>)>,
    header: Option<Range<usize>>,
    caption: Option<Range<usize>>,
}

/// The blocks of a text in order, in time linear in its length.
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

    /// Remembers a line that leads in what follows.
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

    /// A line of marks: under a row it makes that one the header.
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

    /// Takes a row of a table.
    fn row(&mut self, text: &str, range: Range<usize>, next: &str) -> bool {
        let slice = &text[range.clone()];
        let ruled = next.contains('|')
            && next.contains('-')
            && next
                .chars()
                .all(|c| matches!(c, '-' | '|' | ':' | ' ' | '+'));
        let piped = slice.starts_with('|') && slice[1..].contains('|');
        // What stands before the first bar of a line without one in front may be prose that a table follows.
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
        // A first row without figures above one with them names the columns of a table without rules.
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

    /// True for a short line right below one that announces a list.
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

/// True for a row that has a statement in a cell, not only names and values: what names columns is no claim, and
/// nobody may hide one there.
fn tells(row: &str) -> bool {
    row.split(['|', '\t']).any(|cell| {
        let cell = cell.trim();
        let words = cell.split_whitespace().take(MOST_WORDS + 1).count();
        let ended = cell.ends_with(['.', '!', '。', '！']) || cell.contains(". ");
        words > MOST_WORDS || (ended && words > 3)
    })
}

/// True for a line that is bold from end to end.
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

/// True where a line goes on in the next one.
fn wraps(line: &str, next: &str, language: Language) -> bool {
    if line.ends_with(['.', '!', '?', ':', '。', '！', '？', '؟', '।'])
        || unmarked::parts(line, next, language)
    {
        return false;
    }
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    line.ends_with(',') || (lower && line.len() >= 30) || line.len() >= 60
}

/// What a line begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Heading,
    Item,
    Quotation,
}

/// Length of a line's marks with the blanks behind them, and what the last of them says.
fn mark(line: &str) -> (usize, Mark) {
    let mut quoted = 0;
    // A quotation may hold a list or another quotation, to any depth: no recursion here.
    loop {
        let (length, kind) = single_mark(&line[quoted..]);
        if kind != Mark::Quotation {
            return (quoted + length, kind);
        }
        quoted += length;
    }
}

/// One list, heading or quotation mark.
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
        // "3. März 2021 begann der Bau": a day.
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

/// Length of the box of a task.
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

/// A line of the form "Name: value": the bytes of the name and of the value.
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
            // A name has none of these.
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
