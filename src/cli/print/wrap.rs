//! Text to lines: what is dangerous is taken out, widths are counted as terminals do, lines are
//! broken between words.
//!
//! Judged texts are hostile: an escape sequence could repaint a verdict, a direction mark could
//! turn a sentence round. No text reaches the terminal but through here.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Paint;

/// What stands for a character that may not be shown.
const REPLACEMENT: char = '\u{fffd}';
/// Characters of one grapheme that are kept; more is a pile of accents that covers other lines.
const MAX_GRAPHEME_CHARS: usize = 16;

/// One line: pieces of text in their colours.
pub(super) type Line = Vec<(Paint, String)>;

/// The text without control characters, and without the format characters that move, turn or hide
/// others. Line breaks and tabs become spaces.
pub(super) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || is_deceptive(c) => REPLACEMENT,
            c => c,
        })
        .collect()
}

/// Bidirectional marks (the "Trojan Source" characters), invisible separators and tags.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns that a text takes, by its graphemes (Unicode Annex 11).
pub(super) fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    // Terminals give at least one column to what they show, and pile up what would need more than two.
    grapheme.width().clamp(1, 2)
}

/// East Asian wide characters and emoji, between which lines may be broken.
fn is_wide(grapheme: &str) -> bool {
    grapheme.chars().any(|c| c.width() == Some(2))
}

/// Closing marks of East Asian texts, which never begin a line.
fn closes(grapheme: &str) -> bool {
    matches!(
        grapheme,
        "。" | "、"
            | "，"
            | "．"
            | "！"
            | "？"
            | "："
            | "；"
            | "」"
            | "』"
            | "）"
            | "】"
            | "》"
            | "〉"
    )
}

/// Harmless, on one line, cut to so many columns with an ellipsis.
pub(super) fn clip(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut lines = wrap(&[(Paint::Plain, text)], columns, 1, ellipsis);
    lines
        .pop()
        .unwrap_or_default()
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

/// What can't be broken, and whether a space stands before it.
#[derive(Default)]
struct Chunk {
    gap: bool,
    width: usize,
    parts: Line,
}

/// Breaks text into lines of at most `columns`; what exceeds `max_lines` ends in the ellipsis.
pub(super) fn wrap(
    runs: &[(Paint, &str)],
    columns: usize,
    max_lines: usize,
    ellipsis: &str,
) -> Vec<Line> {
    let columns = columns.max(4);
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    let mut cut = false;
    for chunk in chunks(runs, columns, columns.saturating_mul(max_lines + 1)) {
        let gap = usize::from(chunk.gap && used > 0);
        if lines.is_empty() || used + gap + chunk.width > columns {
            if lines.len() == max_lines {
                cut = true;
                break;
            }
            lines.push(Line::new());
            used = 0;
        } else if gap == 1
            && let Some(line) = lines.last_mut()
        {
            let same = line.last().map(|(paint, _)| *paint);
            let next = chunk.parts.first().map(|(paint, _)| *paint);
            let paint = same.filter(|_| same == next).unwrap_or(Paint::Plain);
            push(line, paint, " ");
            used += 1;
        }
        if let Some(line) = lines.last_mut() {
            for (paint, text) in &chunk.parts {
                push(line, *paint, text);
            }
        }
        used += chunk.width;
    }
    if cut && let Some(line) = lines.last_mut() {
        while line_width(line) + width(ellipsis) > columns && drop_last(line) {}
        let paint = line.last().map_or(Paint::Plain, |(paint, _)| *paint);
        push(line, paint, ellipsis);
    }
    lines
}

/// Cuts into chunks, and reads no further than can be shown.
fn chunks(runs: &[(Paint, &str)], columns: usize, most: usize) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut gap = false;
    let mut wide_before = false;
    let mut total = 0;
    for &(paint, text) in runs {
        // A grapheme may have many characters, but not one that is worth showing has so many.
        let budget = (most - total.min(most)).saturating_mul(MAX_GRAPHEME_CHARS);
        let end = text
            .char_indices()
            .nth(budget)
            .map_or(text.len(), |(i, _)| i);
        for grapheme in harmless(&text[..end]).graphemes(true) {
            if total > most {
                return chunks;
            }
            if grapheme.chars().all(char::is_whitespace) {
                gap = true;
                continue;
            }
            let kept: String = grapheme.chars().take(MAX_GRAPHEME_CHARS).collect();
            let columns_taken = grapheme_width(grapheme);
            let wide = is_wide(grapheme);
            let may_break = (wide || wide_before) && !closes(grapheme);
            match chunks.last_mut() {
                Some(last) if !gap && !may_break && last.width + columns_taken <= columns => {
                    last.width += columns_taken;
                    push(&mut last.parts, paint, &kept);
                }
                _ => chunks.push(Chunk {
                    gap,
                    width: columns_taken,
                    parts: vec![(paint, kept)],
                }),
            }
            gap = false;
            wide_before = wide;
            total += columns_taken;
        }
    }
    chunks
}

fn push(line: &mut Line, paint: Paint, text: &str) {
    match line.last_mut() {
        Some((last, so_far)) if *last == paint => so_far.push_str(text),
        _ => line.push((paint, text.to_owned())),
    }
}

fn line_width(line: &Line) -> usize {
    line.iter().map(|(_, text)| width(text)).sum()
}

/// Takes the last grapheme away; false where there was none.
fn drop_last(line: &mut Line) -> bool {
    let Some((_, text)) = line.last_mut() else {
        return false;
    };
    if let Some((start, _)) = text.grapheme_indices(true).next_back() {
        text.truncate(start);
    }
    if text.is_empty() {
        line.pop();
    }
    true
}

#[cfg(test)]
#[path = "tests/wrap.rs"]
mod tests;
