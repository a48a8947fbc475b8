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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, columns: usize, max_lines: usize) -> Vec<String> {
        wrap(&[(Paint::Plain, text)], columns, max_lines, "…")
            .into_iter()
            .map(|line| line.into_iter().map(|(_, text)| text).collect())
            .collect()
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            lines("the tram climbs\nthe hill", 10, 9),
            ["the tram", "climbs the", "hill"]
        );
        assert_eq!(lines("unbreakable", 5, 9), ["unbre", "akabl", "e"]);
        assert_eq!(lines("  \n\t ", 10, 9), Vec::<String>::new());
    }

    #[test]
    fn too_much_ends_in_an_ellipsis() {
        assert_eq!(lines("one two three four", 7, 2), ["one two", "three…"]);
        assert_eq!(lines("sixteen letters!", 7, 1), ["sixtee…"]);
        assert_eq!(clip("a name that is long", 10, "..."), "a name...");
        assert_eq!(clip("short", 10, "..."), "short");
    }

    #[test]
    fn wide_characters_count_twice_and_break_anywhere() {
        assert_eq!(width("東京 tram"), 9);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("👩‍👩‍👧"), 2);
        assert_eq!(
            lines("路面電車は坂を登る。", 8, 9),
            ["路面電車", "は坂を登", "る。"]
        );
        // The full stop pulls its neighbour to the next line.
        assert_eq!(lines("坂を登る。", 8, 9), ["坂を登", "る。"]);
    }

    /// A syllable of two columns is no reason to part a word.
    #[test]
    fn words_of_other_scripts_stay_whole() {
        assert!(width("स्ते") > 1);
        assert_eq!(lines("नमस्ते दुनिया", 6, 9), ["नमस्ते", "दुनिया"]);
    }

    #[test]
    fn what_moves_turns_or_hides_text_is_replaced() {
        for (text, expected) in [
            ("\u{1b}[2J\u{1b}[1;1Hyes", "\u{fffd}[2J\u{fffd}[1;1Hyes"),
            ("a\u{9b}31mb", "a\u{fffd}31mb"),
            (
                "bell\u{7} back\u{8} del\u{7f}",
                "bell\u{fffd} back\u{fffd} del\u{fffd}",
            ),
            ("\u{202e}desrever\u{202c}", "\u{fffd}desrever\u{fffd}"),
            ("tag\u{e0041}s z\u{200b}w", "tag\u{fffd}s z\u{fffd}w"),
            (
                "\u{1b}]8;;http://x\u{7}link",
                "\u{fffd}]8;;http://x\u{fffd}link",
            ),
            ("line\r\nend", "line  end"),
        ] {
            assert_eq!(harmless(text), expected);
        }
    }

    #[test]
    fn a_pile_of_accents_is_cut() {
        let pile = format!("a{}", "\u{301}".repeat(500));
        let shown = clip(&pile, 10, "…");
        assert_eq!(shown.chars().count(), MAX_GRAPHEME_CHARS);
    }

    proptest! {
        #[test]
        fn any_text_fits_and_is_harmless(text in any::<String>(), columns in 4_usize..40, most in 1_usize..5) {
            let lines = lines(&text, columns, most);
            prop_assert!(lines.len() <= most);
            for line in lines {
                prop_assert!(width(&line) <= columns, "{line:?}");
                prop_assert!(!line.chars().any(|c| c.is_control() || is_deceptive(c)));
            }
        }
    }
}
