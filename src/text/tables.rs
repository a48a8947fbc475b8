//! Parses tables in plain text: lines of cells separated by bars, and lines of values separated by
//! commas, semicolons or tabs.
//!
//! Only locates the cells; their content is interpreted by the caller.

use std::ops::Range;

/// Maximum number of cells of all tables; a text with more is data rather than prose.
const MOST: usize = 4_000;
/// Maximum length of a comma-separated cell, in bytes; longer ones are prose.
const LONGEST: usize = 48;

/// One table, as the byte ranges of its cells by row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Table {
    /// The first row, which names the columns.
    pub header: Vec<Range<usize>>,
    /// The rows after the header.
    pub rows: Vec<Vec<Range<usize>>>,
}

impl Table {
    /// Returns the byte range from the first cell to the last.
    pub(crate) fn range(&self) -> Range<usize> {
        let first = self.header.first().map_or(0, |cell| cell.start);
        let last = self.rows.last().and_then(|row| row.last());
        first..last.map_or(first, |cell| cell.end)
    }
}

/// The separator between the cells of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Bar,
    Comma,
    Semicolon,
    Tab,
}

/// Returns the tables of a text, in order.
pub(crate) fn find(text: &str) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut open: Option<(Mark, Table)> = None;
    let mut count = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_end();
        if open.is_some()
            && body.contains('-')
            && body
                .chars()
                .all(|c| matches!(c, '|' | '-' | ':' | ' ' | '+'))
        {
            continue;
        }
        let kept = open
            .as_ref()
            .map(|(mark, table)| (*mark, table.header.len()));
        if let Some((mark, width)) = kept
            && let Some(cells) = cells(body, start, mark)
            && cells.len() == width
        {
            if let Some((_, table)) = &mut open {
                count += width;
                if count <= MOST {
                    table.rows.push(cells);
                }
            }
            continue;
        }
        close(&mut open, &mut tables);
        let begun = [Mark::Bar, Mark::Tab, Mark::Semicolon, Mark::Comma]
            .into_iter()
            .find_map(|mark| cells(body, start, mark).map(|cells| (mark, cells)));
        open = begun.map(|(mark, header)| {
            let table = Table {
                header,
                rows: Vec::new(),
            };
            (mark, table)
        });
    }
    close(&mut open, &mut tables);
    tables
}

fn close(open: &mut Option<(Mark, Table)>, tables: &mut Vec<Table>) {
    if let Some((mark, table)) = open.take()
        && (table.rows.len() >= 2
            || (!table.rows.is_empty() && matches!(mark, Mark::Bar | Mark::Comma)))
    {
        tables.push(table);
    }
}

/// Returns the cells of a line; `None` if it is no line of a table.
fn cells(line: &str, start: usize, mark: Mark) -> Option<Vec<Range<usize>>> {
    let parting = match mark {
        Mark::Bar => '|',
        Mark::Comma => ',',
        Mark::Semicolon => ';',
        Mark::Tab => '\t',
    };
    if !line.contains(parting) {
        return None;
    }
    let lead = line.len() - line.trim_start().len();
    let mut body = line.trim();
    let mut offset = start + lead;
    if mark == Mark::Bar {
        if let Some(rest) = body.strip_prefix('|') {
            body = rest;
            offset += 1;
        }
        body = body.strip_suffix('|').unwrap_or(body);
    }
    let mut found = Vec::new();
    for cell in body.split(parting) {
        let blanks = cell.len() - cell.trim_start().len();
        let length = cell.trim().len();
        found.push(offset + blanks..offset + blanks + length);
        offset += cell.len() + 1;
    }
    let least = if matches!(mark, Mark::Bar | Mark::Tab) {
        2
    } else {
        3
    };
    let prose = matches!(mark, Mark::Comma | Mark::Semicolon)
        && (body.ends_with(['.', '!', '?', ':'])
            || body.split(parting).any(|cell| cell.len() > LONGEST || cell.trim().is_empty())
            // In prose a space follows the comma.
            || (mark == Mark::Comma && body.contains(", ")));
    (found.len() >= least && !prose).then_some(found)
}

#[cfg(test)]
#[path = "tests/tables.rs"]
mod tests;
