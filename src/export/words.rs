//! Formats figures and API names for people.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::domain::verdict::Label;

/// Shown in place of a missing value.
pub(super) const NONE: &str = "–";

pub(super) fn score(value: f64) -> String {
    format!("{value:.1}")
}

pub(super) fn fine(value: f64) -> String {
    format!("{value:.3}")
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0}\u{a0}%", share * 100.0)
}

pub(super) fn or_none(value: Option<f64>, write: fn(f64) -> String) -> String {
    value.map_or_else(|| NONE.to_owned(), write)
}

pub(super) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Turns a phrase from within a line into a sentence of its own.
pub(super) fn sentence(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    // Names such as max_tokens are not capitalized.
    let word = text.split(char::is_whitespace).next().unwrap_or_default();
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c == '\'');
    let open = |c: char| c.is_alphanumeric() || matches!(c, ')' | '"' | '\'' | '%');
    let ends = text.ends_with(open);
    if !ends && (!plain || word.is_empty()) {
        return Cow::Borrowed(text);
    }
    let mut line = text.to_owned();
    if plain && let Some(first) = line.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if ends {
        line.push('.');
    }
    Cow::Owned(line)
}

/// Writes an API name such as `not_enough_info` as words.
pub(super) fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

/// Writes `student_t` in the usual form.
pub(super) fn method(name: &str) -> String {
    match name {
        "student_t" => "Student's t".to_owned(),
        other => plain(other),
    }
}

/// A sign that distinguishes the labels without their colours.
pub(super) const fn sign(label: Label) -> &'static str {
    match label {
        Label::Supported => "✓",
        Label::Refuted => "✗",
        Label::NotEnoughInfo => "?",
    }
}

pub(super) const fn verdict(label: Label) -> &'static str {
    match label {
        Label::Supported => "supported",
        Label::Refuted => "contradicted",
        Label::NotEnoughInfo => "not supported",
    }
}

/// Shortens a name to fit next to a chart.
pub(super) fn short(name: &str) -> String {
    const MOST: usize = 24;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let kept: String = name.chars().take(MOST - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
#[path = "tests/words.rs"]
mod tests;
