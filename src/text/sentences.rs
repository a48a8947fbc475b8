//! Sentences of prose, lists and dialogue in any script.
//!
//! Own rules in place of UAX #29, which breaks after "Dr." and knows neither lists nor headings.

use std::ops::Range;

use super::abbreviations::breaks;

/// Bytes after which a sentence without an end is cut, so that no step downstream depends on
/// punctuation being there.
const LONGEST: usize = 1_200;

/// Bytes before a full stop in which an abbreviation is looked for.
const ABBREVIATION: usize = 32;

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Bytes of the text, without surrounding blanks, bullets and heading marks.
    pub range: Range<usize>,
    /// True for a heading by its mark.
    pub heading: bool,
    /// Number of its paragraph or list item.
    pub block: usize,
}

/// The sentences of a text in order.
pub fn split(text: &str) -> Vec<Sentence> {
    let capitals = text.chars().any(char::is_uppercase);
    let mut sentences = Vec::new();
    for (block, (range, heading)) in blocks(text).into_iter().enumerate() {
        let mut start = range.start;
        for end in ends(text, range.clone(), capitals) {
            push(text, start..end, heading, block, &mut sentences);
            start = end;
        }
        push(text, start..range.end, heading, block, &mut sentences);
    }
    sentences
}

/// Paragraphs, list items and headings, without their marks.
fn blocks(text: &str) -> Vec<(Range<usize>, bool)> {
    let mut blocks: Vec<(Range<usize>, bool)> = Vec::new();
    let mut open = false;
    let mut at = 0;
    let mut previous = 0..0;
    for line in text.split_inclusive(['\n', '\u{2028}', '\u{2029}']) {
        let range = at..at + line.len();
        at = range.end;
        let body = line.trim();
        if body.is_empty()
            || body
                .chars()
                .all(|c| matches!(c, '-' | '*' | '=' | '_' | '#'))
        {
            open = false;
            continue;
        }
        let (mark, heading) = mark(body);
        let start = range.start + (line.len() - line.trim_start().len()) + mark;
        let end = range.start + line.trim_end().len();
        if start >= end {
            open = false;
            continue;
        }
        let joins = open && mark == 0 && wraps(&text[previous.clone()], body);
        if let Some(last) = blocks.last_mut().filter(|_| joins) {
            last.0.end = end;
        } else {
            blocks.push((start..end, heading));
        }
        previous = start..end;
        open = !heading;
    }
    blocks
}

/// True where a line goes on in the next one.
fn wraps(line: &str, next: &str) -> bool {
    if line.ends_with(['.', '!', '?', ':', '。', '！', '？', '؟', '।']) {
        return false;
    }
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    line.ends_with(',') || (lower && line.len() >= 30) || line.len() >= 60
}

/// Length of a line's marks with the blanks behind them, and whether they mark a heading.
fn mark(line: &str) -> (usize, bool) {
    let mut quoted = 0;
    // A quotation may hold a list or another quotation, to any depth: no recursion here.
    loop {
        let (length, heading) = single_mark(&line[quoted..]);
        if length == 0 || !line[quoted..].starts_with('>') {
            return (quoted + length, heading);
        }
        quoted += length;
    }
}

/// One list, heading or quotation mark.
fn single_mark(line: &str) -> (usize, bool) {
    let blanks = |rest: &str| rest.len() - rest.trim_start().len();
    let hashes = line.len() - line.trim_start_matches('#').len();
    if (1..=6).contains(&hashes) && line[hashes..].starts_with(char::is_whitespace) {
        return (hashes + blanks(&line[hashes..]), true);
    }
    let mut characters = line.chars();
    let Some(first) = characters.next() else {
        return (0, false);
    };
    let rest = characters.as_str();
    if matches!(
        first,
        '•' | '◦' | '▪' | '‣' | '●' | '·' | '–' | '—' | '-' | '*' | '+' | '>'
    ) && (rest.starts_with(char::is_whitespace) || matches!(first, '•' | '◦' | '▪' | '‣' | '●'))
    {
        return (first.len_utf8() + blanks(rest), false);
    }
    let open = usize::from(first == '(');
    let digits = line[open..].bytes().take_while(u8::is_ascii_digit).count();
    let letter =
        usize::from(digits == 0 && line[open..].starts_with(|c: char| c.is_ascii_lowercase()));
    let length = open + digits + letter;
    if (1..=3).contains(&(digits + letter))
        && (line[length..].starts_with(')')
            || (line[length..].starts_with('.') && digits > 0 && open == 0))
        && line[length + 1..].starts_with(char::is_whitespace)
    {
        return (length + 1 + blanks(&line[length + 1..]), false);
    }
    (0, false)
}

/// Ends of all sentences of a block but the last.
fn ends(text: &str, range: Range<usize>, capitals: bool) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut characters = text[range.clone()].char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if !terminator(character) {
            continue;
        }
        let stop = range.start + at;
        let mut single = character == '.';
        let mut end = stop + character.len_utf8();
        while let Some((_, next)) = characters.next_if(|(_, next)| terminator(*next)) {
            single = false;
            end += next.len_utf8();
        }
        let wide = !matches!(character, '.' | '!' | '?' | '…');
        end += closing(&text[end..range.end]);
        while characters
            .next_if(|(at, _)| range.start + at < end)
            .is_some()
        {}
        let rest = &text[end..range.end];
        if rest.is_empty() {
            continue;
        }
        // No abbreviation is longer; without the bound a text of full stops would take quadratic time.
        let near = floor(text, stop.saturating_sub(ABBREVIATION).max(range.start));
        let word = text[near..stop]
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        if wide
            || (rest.starts_with(char::is_whitespace)
                && breaks(word, rest.trim_start(), character, single, capitals))
        {
            ends.push(end);
        }
    }
    ends
}

fn terminator(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '।' | '॥' | '؟' | '۔' | '։' | '።'
    )
}

/// Length of the closing quotes, brackets and footnote marks at the start of a text.
fn closing(rest: &str) -> usize {
    let mut length = 0;
    loop {
        let tail = &rest[length..];
        if let Some(c) = tail.chars().next().filter(|c| {
            matches!(
                c,
                '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』' | '）' | '*' | '_'
            )
        }) {
            length += c.len_utf8();
        } else if let Some(inner) = tail.strip_prefix('[') {
            let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=3).contains(&digits) || !inner[digits..].starts_with(']') {
                return length;
            }
            length += digits + 2;
        } else {
            return length;
        }
    }
}

fn push(
    text: &str,
    range: Range<usize>,
    heading: bool,
    block: usize,
    sentences: &mut Vec<Sentence>,
) {
    let mut range = trimmed(text, range);
    // "**Bold.**" is bold as a whole; a mark with its partner inside stays.
    for mark in ["**", "__"] {
        let slice = &text[range.clone()];
        if slice.len() > 4
            && slice.starts_with(mark)
            && slice.ends_with(mark)
            && !slice[2..slice.len() - 2].contains(mark)
        {
            range = trimmed(text, range.start + 2..range.end - 2);
        }
    }
    while range.len() > LONGEST {
        let most = floor(text, range.start + LONGEST);
        let cut = text[range.start..most]
            .rfind(char::is_whitespace)
            .map(|at| range.start + at)
            .filter(|cut| *cut >= range.start + LONGEST / 2)
            .unwrap_or(most);
        let piece = trimmed(text, range.start..cut);
        if !piece.is_empty() {
            sentences.push(Sentence {
                range: piece,
                heading,
                block,
            });
        }
        range = trimmed(text, cut..range.end);
    }
    if !range.is_empty() {
        sentences.push(Sentence {
            range,
            heading,
            block,
        });
    }
}

/// The boundary of a character at or before a byte.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The range without blanks at its ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    start..(start + slice.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        split(text)
            .into_iter()
            .map(|sentence| &text[sentence.range])
            .collect()
    }

    #[test]
    fn sentences_of_many_kinds() {
        for (text, expected) in [
            (
                "Dr. Smith paid 3.5 million. He left.",
                vec!["Dr. Smith paid 3.5 million.", "He left."],
            ),
            (
                "The U.S. Senate met. It voted.",
                vec!["The U.S. Senate met.", "It voted."],
            ),
            (
                "He moved to the U.S. The firm stayed.",
                vec!["He moved to the U.S.", "The firm stayed."],
            ),
            (
                "Fruit, e.g. Apples, sold well. J. K. Moor wrote it.",
                vec!["Fruit, e.g. Apples, sold well.", "J. K. Moor wrote it."],
            ),
            (
                "\"Stop!\" he said. \"Why?\" She left.",
                vec!["\"Stop!\" he said.", "\"Why?\"", "She left."],
            ),
            (
                "Well... maybe not. Yes… Perhaps.",
                vec!["Well... maybe not.", "Yes…", "Perhaps."],
            ),
            (
                "# Title\n- one item\n- two items\n1. third\n2) fourth",
                vec!["Title", "one item", "two items", "third", "fourth"],
            ),
            (
                "it opened in may. it closed in june.",
                vec!["it opened in may.", "it closed in june."],
            ),
            (
                "工厂开业了。它有三层！真的吗？",
                vec!["工厂开业了。", "它有三层！", "真的吗？"],
            ),
            ("هل جاء؟ نعم جاء.", vec!["هل جاء؟", "نعم جاء."]),
            ("वह आया। वह गया।", vec!["वह आया।", "वह गया।"]),
            (
                "It grew.[1] It fell.[23]",
                vec!["It grew.[1]", "It fell.[23]"],
            ),
            ("**Bold one.** Plain two.", vec!["Bold one.", "Plain two."]),
            (
                "A line that is long enough to have been wrapped by an editor\nGoes on here. End",
                vec![
                    "A line that is long enough to have been wrapped by an editor\nGoes on here.",
                    "End",
                ],
            ),
            ("Short line\nOther line", vec!["Short line", "Other line"]),
            ("", vec![]),
        ] {
            let found = cut(text);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn quotations_in_quotations_need_no_stack() {
        assert_eq!(cut("> > # Title\n> - item one"), ["Title", "item one"]);
        let deep = format!("{}The mill stood.", "> ".repeat(99_000));
        let count = std::thread::Builder::new()
            .stack_size(128 * 1_024)
            .spawn(move || split(&deep).len())
            .unwrap()
            .join()
            .unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_text_without_ends_is_cut_all_the_same() {
        let text = "word ".repeat(2_000);
        assert!(
            split(&text)
                .iter()
                .all(|sentence| sentence.range.len() <= LONGEST)
        );
        let solid = "漢".repeat(5_000);
        let pieces = split(&solid);
        assert_eq!(
            pieces
                .iter()
                .map(|sentence| sentence.range.len())
                .sum::<usize>(),
            solid.len()
        );
    }
}
