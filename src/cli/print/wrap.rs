//! Breaks text into lines: control characters are replaced, widths are counted as terminals do, and
//! lines are broken between words.
//!
//! Judged texts are untrusted: an escape sequence could overwrite a verdict, and a bidirectional
//! mark could reverse a sentence. Every such text reaches the terminal through this module.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Paint;

/// Substitute for a character that must not reach the terminal.
const REPLACEMENT: char = '\u{fffd}';
/// Maximum number of characters kept per grapheme; more combining marks would cover other lines.
const MAX_GRAPHEME_CHARS: usize = 16;

/// One line, as a list of coloured runs of text.
pub(super) type Line = Vec<(Paint, String)>;

/// Replaces control characters, and the format characters that move, reverse or hide text. Line
/// breaks and tabs become spaces.
pub(super) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || is_deceptive(c) => REPLACEMENT,
            c => c,
        })
        .collect()
}

/// True for bidirectional marks (the "Trojan Source" characters), invisible separators and tags.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Width of a text in columns, as the sum over its graphemes (Unicode Standard Annex #11).
pub(super) fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    // A terminal shows any grapheme in at least one column, and in no more than two.
    grapheme.width().clamp(1, 2)
}

/// True for East Asian wide characters and emoji, between which lines may be broken.
fn is_wide(grapheme: &str) -> bool {
    grapheme.chars().any(|c| c.width() == Some(2))
}

/// True for closing punctuation of East Asian texts, which must not begin a line.
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

/// Returns the text on one line, without control characters, cut to `columns` with an ellipsis.
pub(super) fn clip(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut lines = wrap(&[(Paint::Plain, text)], columns, 1, ellipsis);
    lines
        .pop()
        .unwrap_or_default()
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

/// A run of text that must not be broken; `gap` is true if white space precedes it.
#[derive(Default)]
struct Chunk {
    gap: bool,
    width: usize,
    parts: Line,
}

/// Breaks text into lines of at most `columns` columns. Text over `max_lines` is cut, and the last
/// line ends in the ellipsis.
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

/// Splits text into chunks, and stops once they have more than `most` columns.
fn chunks(runs: &[(Paint, &str)], columns: usize, most: usize) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut gap = false;
    let mut wide_before = false;
    let mut total = 0;
    for &(paint, text) in runs {
        // Bounds the characters read: a legitimate grapheme has no more than `MAX_GRAPHEME_CHARS`.
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

/// Removes the last grapheme; returns false if the line is empty.
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
