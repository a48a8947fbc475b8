//! Detects citation markers (`[1]`, "【4†source】", "(Source: document 2)"), which point to a source
//! and state nothing themselves.

use std::sync::LazyLock;

use serde::Deserialize;

use super::word_lists::{Phrases, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Citations {
    keywords: WordSet,
    leads: WordSet,
    without_gaps: Phrases,
    remarks: WordSet,
    remarks_begin: WordSet,
}

static LISTS: LazyLock<Citations> =
    LazyLock::new(|| read("citations.toml", include_str!("words/citations.toml")));

/// Maximum length of a marker, in bytes.
const LONGEST: usize = 80;
/// Maximum number of superscript digits in a marker.
const RAISED: usize = 6;
/// Maximum length of the address in a linked marker, in bytes.
const ADDRESS: usize = 400;

/// Returns the length of the marker at the start of `rest`, if there is one; `before` is the
/// preceding text.
pub(super) fn mark(before: &str, rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    match first {
        '[' => bracketed(rest),
        '{' => {
            let end = close(rest, '}')?;
            (numeric(&rest[1..end]) && before.ends_with([' ', '.', '}'])).then_some(end + 1)
        }
        '【' => {
            let end = close(rest, '】')?;
            let inner = &rest['【'.len_utf8()..end];
            (inner.contains('†') || numeric(inner) || named(inner)).then_some(end + '】'.len_utf8())
        }
        '(' | '（' => round(before, rest, first),
        '<' => element(before, rest),
        // Superscript digits after a word or a full stop are markers; after a unit or a ten they
        // are exponents.
        '¹' | '²' | '³' | '⁰'..='⁹' => {
            let length: usize = rest
                .chars()
                .take(RAISED)
                .take_while(|c| matches!(c, '¹' | '²' | '³' | '⁰'..='⁹' | '⁻'))
                .map(char::len_utf8)
                .sum();
            (!raises(before)).then_some(length)
        }
        '†' | '‡' => before
            .ends_with(|c: char| c.is_alphabetic() || matches!(c, '.' | ','))
            .then_some(first.len_utf8()),
        _ => None,
    }
}

/// Returns whether a superscript digit after this text is an exponent: after a digit, a bracket, a
/// variable or a unit.
pub(super) fn raises(before: &str) -> bool {
    let Some(last) = before.chars().next_back() else {
        return false;
    };
    if last.is_ascii_digit() || matches!(last, ')' | '¹' | '²' | '³' | '⁰'..='⁹' | '⁻') {
        return true;
    }
    if !last.is_alphabetic() {
        return false;
    }
    let word: String = before
        .chars()
        .rev()
        .take(6)
        .take_while(|c| c.is_alphabetic())
        .collect();
    let letters = word.chars().count();
    letters <= 2
        || matches!(
            word.chars().rev().collect::<String>().as_str(),
            "Pa·s" | "mol" | "inch" | "mile" | "foot" | "feet" | "yard"
        )
}

/// Returns the position of the closing mark, if it is close enough and on the same line.
fn close(rest: &str, mark: char) -> Option<usize> {
    rest.char_indices()
        .take_while(|(at, c)| *at <= LONGEST && *c != '\n')
        .find(|(_, c)| *c == mark)
        .map(|(at, _)| at)
}

fn bracketed(rest: &str) -> Option<usize> {
    // "[[3]](address)"
    let open = if rest.starts_with("[[") { 2 } else { 1 };
    let end = close(rest, ']')?;
    let inner = rest.get(open..end)?;
    let boxed = matches!(inner, "x" | "X" | " " | "") && open == 1;
    if !(numeric(inner) || named(inner) || inner.contains('†') || boxed) {
        return None;
    }
    if boxed && rest[end + 1..].starts_with('(') {
        return None;
    }
    let mut length = end + 1;
    if open == 2 {
        length += usize::from(rest[length..].starts_with(']'));
    }
    let address = address(&rest[length..]);
    // In "is [430](address) metres long", the link text is the number itself.
    let after = rest[length + address..].trim_start_matches(' ');
    let links = address > 0 && open == 1 && after.starts_with(char::is_alphanumeric);
    (!links).then_some(length + address)
}

/// Returns the length of "(address)" at the start of a text.
pub(super) fn address(rest: &str) -> usize {
    if !rest.starts_with('(') {
        return 0;
    }
    rest.char_indices()
        .take_while(|(at, c)| *at <= ADDRESS && *c != '\n')
        .find(|(_, c)| *c == ')')
        .map_or(0, |(at, _)| at + 1)
}

/// True for small numbers, ranges and footnote signs only: "1", "1, 3", "2-5", "^3", "#4".
fn numeric(inner: &str) -> bool {
    let inner = inner.trim();
    let digits = inner.chars().any(|c| c.is_ascii_digit());
    digits
        && inner.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, ',' | ' ' | ';' | '-' | '–' | '^' | '#' | '+' | '&')
        })
        && inner
            .split(|c: char| !c.is_ascii_digit())
            .all(|number| number.len() <= 3)
}

/// Returns whether words in brackets are a remark on the text, or stand for what is still to be filled in.
pub(super) fn is_remark(inner: &str) -> bool {
    let inner = inner.trim().to_lowercase();
    let first = inner.split(' ').next().unwrap_or_default();
    LISTS.remarks.contains(&inner) || LISTS.remarks_begin.contains(first)
}

/// True for a keyword with its reference: "Source 2", "citation:5", "doc-a", "Source: the yearly
/// report".
fn named(inner: &str) -> bool {
    let inner = inner.trim().trim_start_matches(['^', '#']);
    // Markers that search assistants leave: "turn0search1".
    let turn = inner
        .strip_prefix("turn")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if turn {
        return true;
    }
    let mut rest = inner;
    // "see source 2", "vgl. Dokument 3".
    for _ in 0..3 {
        let Some((word, tail)) = rest.split_once(' ') else {
            break;
        };
        if !LISTS.leads.contains(&word.to_lowercase()) {
            break;
        }
        rest = tail.trim_start();
    }
    let end = rest
        .find(|c: char| !(c.is_alphabetic() || c == '§'))
        .unwrap_or(rest.len());
    let word = rest[..end].to_lowercase();
    let tail = &rest[end..];
    // Scripts without spaces have no gap after the keyword: "来源2", "来源：文档2".
    let mut keys = LISTS.without_gaps.iter();
    let glued = keys.any(|key| word.starts_with(key));
    let key =
        glued || LISTS.keywords.contains(&word) || LISTS.keywords.contains(&format!("{word}."));
    if !key {
        return false;
    }
    let tail = tail.trim_start_matches(['.', ' ']);
    if tail.is_empty() || tail.starts_with([':', '：', '#', '_', '-']) {
        return true;
    }
    // Only numbers, letters and further keywords may follow; a sentence in brackets is no marker.
    tail.split([' ', ',', ';', '&', '-', '–', '.', ':', '/'])
        .filter(|part| !part.is_empty())
        .all(|part| {
            part.chars().all(|c| c.is_ascii_digit())
                || part.chars().count() == 1
                || LISTS.keywords.contains(&part.to_lowercase())
                || matches!(
                    part,
                    "and" | "und" | "et" | "y" | "e" | "en" | "i" | "ii" | "iii"
                )
        })
}

/// Returns the length of "(1)" at the end of a sentence, or of "(Source: document 2)".
fn round(before: &str, rest: &str, open: char) -> Option<usize> {
    let shut = if open == '(' { ')' } else { '）' };
    let end = close(rest, shut)?;
    let inner = &rest[open.len_utf8()..end];
    let length = end + shut.len_utf8();
    let bare = inner.trim();
    if bare.starts_with('[') && bare.ends_with(']') && bracketed(bare) == Some(bare.len()) {
        return Some(length);
    }
    if numeric(inner) && bare.len() <= 5 {
        let after = rest[length..].trim_start();
        let ends =
            after.is_empty() || after.starts_with(['.', ',', ';', '!', '?', '。', '\n', '(', '[']);
        let word = before
            .trim_end()
            .rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default()
            .to_lowercase();
        // "five (5)" repeats its number, and "f(1)" is a formula.
        let spaced = before.ends_with([' ', '\u{a0}', '.', '"', '”']);
        let repeats = super::numerals::names_number(&word);
        return (ends && spaced && !repeats && !word.is_empty()).then_some(length);
    }
    named(inner).then_some(length)
}

/// Returns the length of `<sup>2</sup>`, `<cite>…</cite>` or `<ref>…</ref>`.
fn element(before: &str, rest: &str) -> Option<usize> {
    let lower = |length: usize| {
        rest.get(..length)
            .map(str::to_ascii_lowercase)
            .unwrap_or_default()
    };
    for (open, shut) in [
        ("<sup>", "</sup>"),
        ("<cite>", "</cite>"),
        ("<ref>", "</ref>"),
    ] {
        if lower(open.len()) != open {
            continue;
        }
        let mut most = rest.len().min(LONGEST + shut.len());
        while !rest.is_char_boundary(most) {
            most -= 1;
        }
        let end = rest[..most].to_ascii_lowercase().find(shut)?;
        let inner = rest[open.len()..end].trim();
        let points = numeric(inner) || bracketed(inner) == Some(inner.len()) || named(inner);
        let power = open == "<sup>" && raises(before);
        return (points && !power).then_some(end + shut.len());
    }
    None
}

/// Returns whether a word introduces a place in a source, such as "page".
pub(super) fn is_keyword(word: &str) -> bool {
    LISTS.keywords.contains(word) || LISTS.keywords.contains(&format!("{word}."))
}

#[cfg(test)]
#[path = "tests/citations.rs"]
mod tests;
