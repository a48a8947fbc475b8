//! Detects markup of the software around models: role tags, end markers of data, and fields of the
//! expected answer.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::fold::Fold;
use crate::domain::injection::SignKind;
use crate::text::word_lists::{Phrases, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    tokens: Phrases,
    roles: Phrases,
    concerns: Phrases,
    headings: Phrases,
    keys: Phrases,
}

static LISTS: LazyLock<Marks> =
    LazyLock::new(|| read("marks.toml", include_str!("words/marks.toml")));

/// Maximum length of a separator line before its keyword, in bytes, with the spaces in between.
const RULER_BYTES: usize = 200;
const TOKEN_BYTES: usize = 40;
/// Maximum distance between fields of an answer, in bytes.
const NEAR: usize = 300;

/// Returns each finding with its byte range in the folded text.
pub(super) fn find(fold: &Fold) -> Vec<(SignKind, Range<usize>)> {
    let mut found = Vec::new();
    let text = fold.text.as_str();
    if text.contains(['<', '[', '#']) {
        tokens(text, &mut found);
    }
    lines(text, &mut found);
    schema(text, &mut found);
    found
}

fn tokens(text: &str, found: &mut Vec<(SignKind, Range<usize>)>) {
    for token in LISTS.tokens.iter() {
        for (at, _) in text.match_indices(token) {
            let end = if *token == "<|" {
                // In other places it is an operator.
                match special(&text[at..]) {
                    Some(length) => at + length,
                    None => continue,
                }
            } else {
                at + token.len()
            };
            found.push((SignKind::RoleTags, at..end));
        }
    }
    // An end-of-sequence token; in HTML, struck-out text has an opening tag as well.
    let closes: Vec<usize> = text.match_indices("</s>").map(|(at, _)| at).collect();
    if closes.len() > text.matches("<s>").count() {
        found.extend(
            closes
                .into_iter()
                .map(|at| (SignKind::RoleTags, at..at + "</s>".len())),
        );
    }
}

/// Returns the length of `<|name|>` at the beginning of a text.
fn special(text: &str) -> Option<usize> {
    let bytes = &text.as_bytes()[..text.len().min(TOKEN_BYTES)];
    let end = bytes.windows(2).skip(2).position(|pair| pair == b"|>")? + 2;
    let name = text.get(2..end)?;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(end + 2)
}

fn lines(text: &str, found: &mut Vec<(SignKind, Range<usize>)>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim_start_matches(|c: char| c.is_whitespace() || "*>-\"'#[".contains(c));
        let whole = start + (line.len() - body.len())..start + line.trim_end().len();
        let role = LISTS.roles.iter().find_map(|role| body.strip_prefix(role));
        if role.is_some_and(|rest| LISTS.concerns.iter().any(|word| rest.contains(word)))
            || LISTS
                .headings
                .iter()
                .any(|heading| body.starts_with(heading))
        {
            found.push((SignKind::RoleTags, whole));
        }
        ends(line, start, found);
    }
}

/// Finds `=== end of candidate ===` and similar separators, on a line of their own or within one.
fn ends(line: &str, start: usize, found: &mut Vec<(SignKind, Range<usize>)>) {
    const RULERS: [&str; 6] = ["===", "---", "###", "***", "[[", "<<"];
    const OF: [&str; 10] = [
        "candidate",
        "source",
        "data",
        "input",
        "context",
        "user",
        "untrusted",
        "evaluation",
        "claims",
        "prompt",
    ];
    if !line.contains("end") && !line.contains("begin") {
        return;
    }
    for (at, word) in line.match_indices("end").chain(line.match_indices("begin")) {
        // The run of marks before the keyword; a longer one is no separator.
        let near = &line[line.floor_char_boundary(at.saturating_sub(RULER_BYTES))..at];
        let before = near.trim_end_matches(|c: char| "=-#*[<_ ".contains(c));
        let marks = &near[before.len()..];
        let Some(first) = RULERS.iter().filter_map(|ruler| marks.find(ruler)).min() else {
            continue;
        };
        let rest: String = line[at + word.len()..].chars().take(60).collect();
        let bare = marks.contains("===") && rest.trim_start().starts_with(['=', '-', ']', '>']);
        if bare || OF.iter().any(|word| rest.contains(word)) {
            found.push((
                SignKind::FakeCompletion,
                start + at - marks.len() + first..start + line.trim_end().len(),
            ));
            return;
        }
    }
}

/// Finds fields of the expected answer with valid values.
fn schema(text: &str, found: &mut Vec<(SignKind, Range<usize>)>) {
    let mut fields: Vec<(&str, Range<usize>, &str)> = Vec::new();
    for key in LISTS.keys.iter().copied() {
        for (at, _) in text.match_indices(key) {
            let Some(value) = field_value(text, at, key) else {
                continue;
            };
            fields.push((key, at..text.len() - value.len(), value));
        }
    }
    fields.sort_by_key(|(_, range, _)| range.start);
    for (place, (key, range, value)) in fields.iter().enumerate() {
        let beside = |other: &(&str, Range<usize>, &str)| {
            other.0 != *key && other.1.start.abs_diff(range.start) <= NEAR
        };
        let has_neighbour = place
            .checked_sub(1)
            .is_some_and(|before| beside(&fields[before]))
            || fields.get(place + 1).is_some_and(beside);
        let value = value.trim_start_matches(['"', '\\', '\'']);
        let opens = text[..range.start]
            .trim_end_matches(|c: char| c.is_whitespace() || "\"'\\".contains(c))
            .ends_with('{');
        let is_ours = match *key {
            "rating" => {
                value.starts_with(['1', '2', '3', '4', '5'])
                    && value[1..]
                        .trim_start_matches(['"', '\\', '\''])
                        .trim_start()
                        .starts_with([',', '}'])
                    && (has_neighbour || opens)
            }
            "label" => ["supported", "refuted", "not_enough_info"]
                .iter()
                .any(|label| value.starts_with(label)),
            "claims" => {
                let head: String = value.chars().take(40).collect();
                value.starts_with('[') && head.contains("index")
            }
            "explanation" | "issues" => {
                let near = |other: &&(&str, Range<usize>, &str)| {
                    other.1.start.abs_diff(range.start) <= NEAR
                };
                // Fields are in order, and each takes some bytes, so that only few are near.
                let before = fields[..place].iter().rev().take_while(near);
                let mut around = before.chain(fields[place..].iter().take_while(near));
                has_neighbour && around.any(|other| other.0 == "rating")
            }
            _ => false,
        };
        if is_ours {
            let end = range.end + value.chars().next().map_or(0, char::len_utf8);
            found.push((SignKind::OurSchema, range.start..end.min(text.len())));
        }
    }
}

/// Returns the text after the colon if a quoted key is at this position.
fn field_value<'t>(text: &'t str, at: usize, key: &str) -> Option<&'t str> {
    text[..at].ends_with(['"', '\'']).then_some(())?;
    let rest = &text[at + key.len()..];
    let rest = rest.trim_start_matches('\\');
    let rest = rest.strip_prefix(['"', '\''])?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}
