//! Reorders lines that were drawn across several columns into reading order.

use super::line::{Line, Part};

/// The number of consecutive lines that must share a gap before it counts as a gap between columns.
const MIN_LINES: usize = 3;
/// Minimum average length of a column's part of a line, in characters; the cells
/// of tables are shorter.
const MIN_CHARS: usize = 18;
/// The minimum gap between columns, relative to the font size.
const MIN_GAP: f64 = 0.8;
/// The maximum distance of lines in one block, relative to the font size.
const SAME_BLOCK: f64 = 2.6;

/// Maximum number of lines of one block that are examined; a page has fewer.
const MAX_LINES: usize = 200;
/// Maximum number of adjacent columns that are told apart.
const MAX_COLUMNS: usize = 6;

/// Returns the lines in reading order: a whole column before the next one where
/// they were drawn across.
pub(super) fn in_reading_order(lines: Vec<Line>) -> Vec<Line> {
    ordered(lines, MAX_COLUMNS)
}

fn ordered(lines: Vec<Line>, columns: usize) -> Vec<Line> {
    if columns <= 1 {
        return lines;
    }
    let mut ordered_lines = Vec::with_capacity(lines.len());
    let mut rest = lines.as_slice();
    while let [first, ..] = rest {
        match block(&rest[..rest.len().min(MAX_LINES)]) {
            Some((length, gap)) => {
                let (left, right) = parted(&rest[..length], gap);
                ordered_lines.extend(ordered(left, columns - 1));
                ordered_lines.extend(ordered(right, columns - 1));
                rest = &rest[length..];
            }
            None => {
                ordered_lines.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    ordered_lines
}

/// Returns the number of leading lines with a common gap, and the gap's position.
fn block(lines: &[Line]) -> Option<(usize, f64)> {
    let first = &lines[0];
    let [left, right, ..] = first.parts.as_slice() else {
        return None;
    };
    let (mut from, mut to) = (left.to, right.from);
    let (mut both, mut chars, mut length) = (0, [0, 0], 0);
    for (at, line) in lines.iter().enumerate() {
        let previous = &lines[at.saturating_sub(1)];
        let down = line.base - previous.base;
        if line.direction != first.direction
            || (at > 0 && !(0.0..SAME_BLOCK * line.size).contains(&down))
        {
            break;
        }
        // The part of the common gap that this line leaves free.
        let (mut narrowed_from, mut narrowed_to) = (from, to);
        for part in &line.parts {
            let middle = f64::midpoint(from, to);
            if part.to <= middle {
                narrowed_from = narrowed_from.max(part.to);
            } else if part.from >= middle {
                narrowed_to = narrowed_to.min(part.from);
            } else {
                narrowed_to = narrowed_from;
            }
        }
        if narrowed_to - narrowed_from < MIN_GAP * line.size {
            break;
        }
        (from, to, length) = (narrowed_from, narrowed_to, at + 1);
        let is_left = |part: &&Part| part.to <= from;
        let of = |is_left_side: bool| -> usize {
            let side = line
                .parts
                .iter()
                .filter(|part| is_left(part) == is_left_side);
            side.map(|part| part.text.chars().count()).sum()
        };
        let (on_left, on_right) = (of(true), of(false));
        if on_left > 0 && on_right > 0 {
            both += 1;
            chars[0] += on_left;
            chars[1] += on_right;
        }
    }
    let is_text = both >= MIN_LINES && chars.iter().all(|count| *count >= both * MIN_CHARS);
    is_text.then_some((length, f64::midpoint(from, to)))
}

/// Splits the lines into the parts before the gap and those after it.
fn parted(lines: &[Line], gap: f64) -> (Vec<Line>, Vec<Line>) {
    let side = |keep: &dyn Fn(&Part) -> bool| {
        let of = |line: &Line| Line {
            parts: line
                .parts
                .iter()
                .filter(|part| keep(part))
                .cloned()
                .collect(),
            ..line.clone()
        };
        let lines = lines.iter().map(of);
        lines.filter(|line| !line.parts.is_empty()).collect()
    };
    (
        side(&|part: &Part| part.to <= gap),
        side(&|part: &Part| part.to > gap),
    )
}
