//! Names of months and weekdays, and ranges of valid days and years.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::tokens::Token;
use super::word_lists::{Phrases, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calendar {
    months: Phrases,
    also_words: WordSet,
    week_days: Phrases,
    before_years: WordSet,
}

static LISTS: LazyLock<Calendar> =
    LazyLock::new(|| read("calendar.toml", include_str!("words/calendar.toml")));
static MONTH: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    (1u8..)
        .zip(LISTS.months.iter())
        .flat_map(|(number, names)| names.split_whitespace().map(move |name| (name, number)))
        .collect()
});

/// Returns the index of a weekday, from Monday, by its English name.
pub(super) fn week_day(word: &str) -> Option<usize> {
    LISTS.week_days.iter().position(|name| *name == word)
}

pub(super) fn year_lead(word: &str) -> bool {
    LISTS.before_years.contains(word)
}

/// True for the name of a month in any letter case.
pub(super) fn names_month(word: &str) -> bool {
    MONTH.contains_key(word.to_lowercase().as_str())
}

pub(super) fn month(token: &Token) -> Option<u8> {
    // "may" and "march" are months only when capitalised.
    if LISTS.also_words.contains(&token.word) && !token.capital {
        return None;
    }
    MONTH.get(token.word.as_str()).copied()
}

pub(super) fn day(token: &Token) -> Option<u8> {
    let digits = token
        .word
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let tail = &token.word[digits.len()..];
    if !matches!(tail, "" | "st" | "nd" | "rd" | "th") {
        return None;
    }
    digits
        .parse()
        .ok()
        .filter(|day| (1..=31).contains(day) && digits.len() <= 2)
}

pub(super) fn year(token: &Token) -> Option<(i32, bool)> {
    let (digits, decade) = match token.word.strip_suffix('s') {
        Some(digits) => (digits, true),
        None => (token.word.as_str(), false),
    };
    let value: i32 = digits.parse().ok()?;
    (digits.len() == 4 && (1000..=2199).contains(&value)).then_some((value, decade))
}
