//! Detects parts of an output that are not addressed to its reader: the reasoning of a model, and
//! program code.

use std::ops::Range;

use super::non_claims::NonClaim;

/// Names of the elements that enclose reasoning.
const THOUGHTS: &[&str] = &[
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reasoning",
    "reflection",
    "scratchpad",
    "inner_monologue",
    "seed:think",
    "antthinking",
    "begin_of_thought",
    "chain_of_thought",
    "internal_thoughts",
];
/// The token sequence that opens the answer of a model with output channels.
const FINAL: &str = "<|channel|>final<|message|>";
/// Languages of fenced blocks whose content is prose.
const PROSE: &[&str] = &[
    "markdown",
    "md",
    "text",
    "txt",
    "plaintext",
    "plain",
    "quote",
];
/// Maximum length of the tag of such an element, in bytes.
const TAG: usize = 40;

/// Returns the parts in order, without overlap.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, NonClaim)> {
    let mut found = thoughts(text);
    let rest = without(text, &found);
    found.extend(code(&rest).into_iter().map(|range| (range, NonClaim::Code)));
    found.sort_by_key(|(range, _)| (range.start, range.end));
    let mut parts: Vec<(Range<usize>, NonClaim)> = Vec::with_capacity(found.len());
    for (range, reason) in found {
        match parts.last_mut() {
            // Code may contain such an element.
            Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
            _ => parts.push((range, reason)),
        }
    }
    parts
}

/// Returns the text with spaces in place of these parts, byte for byte, and a line end at the end
/// of each part.
pub(super) fn without(text: &str, parts: &[(Range<usize>, NonClaim)]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut done = 0;
    for (range, _) in parts {
        kept.push_str(&text[done..range.start]);
        kept.extend(std::iter::repeat_n('\n', range.len()));
        done = range.end;
    }
    kept.push_str(&text[done..]);
    kept
}

fn thoughts(text: &str) -> Vec<(Range<usize>, NonClaim)> {
    // Everything before the final channel is reasoning.
    if let Some(at) = text.rfind(FINAL) {
        return vec![(0..at + FINAL.len(), NonClaim::Think)];
    }
    let mut found = Vec::new();
    // The depth of nested elements, and the start of the outermost one; the text may begin inside
    // of one.
    let (mut depth, mut start) = (0usize, 0);
    let mut closed = false;
    let mut at = 0;
    while let Some(next) = text[at..].find(['<', '[', '◁', '⟨']) {
        at += next;
        let Some((length, closes)) = tag(&text[at..]) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if !closes {
            if depth == 0 {
                start = at;
            }
            depth += 1;
        } else if depth > 0 || !closed && found.is_empty() {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                found.push((start..at + length, NonClaim::Think));
            }
            closed = true;
        } else {
            found.push((at..at + length, NonClaim::Think));
        }
        at += length;
    }
    if depth > 0 {
        found.push((start..text.len(), NonClaim::Think));
    }
    found
}

/// Returns the length of a reasoning tag at the start of a text, and whether it is a closing one.
fn tag(rest: &str) -> Option<(usize, bool)> {
    let first = rest.chars().next()?;
    let shut = match first {
        '<' => '>',
        '[' => ']',
        '◁' => '▷',
        _ => '⟩',
    };
    let end = rest
        .char_indices()
        .take_while(|(at, c)| *at <= TAG && *c != '\n')
        .find(|(_, c)| *c == shut)
        .map(|(at, _)| at)?;
    let inner = rest[first.len_utf8()..end].trim_matches(['|', ' ']);
    let (name, closes) = match inner.strip_prefix('/') {
        Some(name) => (name, true),
        None => (inner, false),
    };
    let lower = name.trim().to_lowercase();
    let name = lower.split(' ').next().unwrap_or_default();
    let (name, closes) = match name.strip_prefix("end_of_") {
        Some(bare) => (format!("begin_of_{bare}"), true),
        None => (name.to_owned(), closes),
    };
    THOUGHTS
        .contains(&name.as_str())
        .then_some((end + shut.len_utf8(), closes))
}

/// Returns fenced code blocks, including their fences.
fn code(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char, usize, bool)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let body = line.trim().trim_start_matches(['>', ' ']);
        let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'));
        let count = mark.map_or(0, |mark| body.chars().take_while(|c| *c == mark).count());
        match (open, mark) {
            (None, Some(mark)) if count >= 3 && !body[count..].contains(mark) => {
                let info = body[count..].trim().to_lowercase();
                let prose = PROSE.contains(&info.as_str()) || info.is_empty() && prose(&text[at..]);
                if prose {
                    found.push(range.clone());
                }
                open = Some((range.start, mark, count, prose));
            }
            (Some((start, own, least, prose)), Some(mark))
                if own == mark && count >= least && body[count..].trim().is_empty() =>
            {
                found.push(if prose { range } else { start..range.end });
                open = None;
            }
            _ => {}
        }
    }
    if let Some((start, _, _, false)) = open {
        found.push(start..text.len());
    }
    found
}

/// True if the first line after a fence reads like a sentence.
fn prose(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default().trim();
    line.ends_with(['.', '!', '?'])
        && line.split_whitespace().take(4).count() == 4
        && !line.contains(['{', '}', '=', ';', '<', '('])
}

#[cfg(test)]
#[path = "tests/regions.rs"]
mod tests;
