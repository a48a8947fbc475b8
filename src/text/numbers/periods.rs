//! Frequencies and durations: "twice a day", "every 5 minutes", "weekly", "for a month".

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::language::Language;
use super::super::numerals::small;
use super::super::tokens::{Form, Token};
use super::super::word_lists::{ValuedWords, WordSet, read};
use super::adjacency::adjacent;
use super::measures::measure;
use super::quantity::{Quantity, TIMES, Unit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    /// The period of each adverb, in seconds.
    adverbs: ValuedWords<f64>,
    /// The length of each unit of time, in seconds.
    units: ValuedWords<f64>,
    times: ValuedWords<f64>,
    each: WordSet,
    earlier_or_later: WordSet,
    every: WordSet,
    every_with_article: WordSet,
    articles: WordSet,
    lasting: WordSet,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("periods.toml", include_str!("words/periods.toml")));

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// Returns the length in days of the period that a word names in the singular ("day", "Woche",
/// "h").
fn period(word: &str) -> Option<f64> {
    let seconds = LISTS.units.get(word).or_else(|| {
        let found = measure(word).filter(|found| found.base == "s")?;
        Some(found.factor)
    });
    seconds.map(|seconds| seconds / DAY)
}

/// Parses "a day", "per week", "/month", "pro Jahr" from a token on. Returns the period in days and
/// the number of tokens.
pub(super) fn per(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let token = tokens.get(at)?;
    let before = at.checked_sub(1).map_or(0, |at| tokens[at].range.end);
    if text
        .get(before..token.range.start)
        .is_some_and(|gap| gap.trim() == "/")
    {
        return period(&token.word).map(|days| (days, 1));
    }
    if !adjacent(text, tokens, at) {
        return None;
    }
    let lead = token.word.as_str();
    let (skip, article) = match lead {
        "a" | "an" => (1, true),
        lead if LISTS.each.contains(lead) => (1, false),
        "in" if tokens.get(at + 1).is_some_and(|next| next.word == "der") => (2, false),
        _ => return None,
    };
    let noun = tokens
        .get(at + skip)
        .filter(|_| adjacent(text, tokens, at + skip))?;
    // No period: "a second time", "78 million a year earlier".
    let after = tokens
        .get(at + skip + 1)
        .map_or("", |next| next.word.as_str());
    if article && noun.word == "second" || LISTS.earlier_or_later.contains(after) {
        return None;
    }
    // "im Jahr 2020" and "am Tag der Wahl" denote a single time.
    if matches!(lead, "im" | "am" | "al")
        && tokens.get(at + skip + 1).is_some_and(|next| {
            next.form == Form::Number
                || matches!(next.word.as_str(), "der" | "des" | "nach" | "vor")
        })
    {
        return None;
    }
    period(&noun.word).map(|days| (days, 1 + skip))
}

/// Parses a frequency that begins at the token.
pub(super) fn often(
    text: &str,
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(Quantity, usize)> {
    let token = &tokens[at];
    let word = token.word.as_str();
    let next = |back: usize| {
        tokens
            .get(at + back)
            .map_or("", |token| token.word.as_str())
    };
    let times = |value: f64, length: usize, per: Option<f64>| {
        let range = token.range.start..tokens[at + length - 1].range.end;
        let mut found = Quantity::new(range, value, 0.5);
        found.unit = Unit::Measure(TIMES);
        found.per = per;
        found
    };
    if let Some(seconds) = LISTS.adverbs.get(word) {
        let mut found = times(1.0, 1, Some(seconds / DAY));
        found.weak = true;
        return Some((found, 1));
    }
    let count = match word {
        // In Spanish, "once" means eleven.
        "once" if language == Language::English => Some(1.0),
        _ => LISTS.times.get(word),
    };
    if let Some(count) = count {
        if let Some((days, length)) = per(text, tokens, at + 1) {
            return Some((times(count, 1 + length, Some(days)), 1 + length));
        }
        if let Some((days, length)) = every(text, tokens, at + 1, language) {
            return Some((times(count, 1 + length, Some(days)), 1 + length));
        }
        if count == 1.0 {
            return None;
        }
        let mut found = times(count, 1, None);
        if matches!(next(1), "as" | "the" | "so" | "that") {
            found.unit = Unit::Measure("ratio");
        }
        return Some((found, 1));
    }
    let (days, length) = every(text, tokens, at, language)?;
    let mut found = times(1.0, length, Some(days));
    found.weak = true;
    Some((found, length))
}

/// Parses the interval in "every hour", "every 5 minutes", "every other day", "alle zwei Wochen",
/// in days.
fn every(text: &str, tokens: &[Token], at: usize, language: Language) -> Option<(f64, usize)> {
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let lead = match word(0) {
        word if LISTS.every.contains(word) => 1,
        word if LISTS.every_with_article.contains(word) => 2,
        _ => return None,
    };
    if !(1..=lead).all(|ahead| adjacent(text, tokens, at + ahead)) {
        return None;
    }
    if let Some(days) = period(word(lead)) {
        return Some((days, lead + 1));
    }
    let token = tokens.get(at + lead)?;
    let count = if token.form == Form::Number {
        token.word.parse().ok()?
    } else {
        match token.word.as_str() {
            "other" | "second" | "zweite" | "zweiten" => 2.0,
            "third" | "dritte" | "dritten" => 3.0,
            "fourth" => 4.0,
            "few" | "single" => return None,
            word => small(word, language)?,
        }
    };
    if !adjacent(text, tokens, at + lead + 1) {
        return None;
    }
    period(word(lead + 1)).map(|days| (days * count, lead + 2))
}

/// Parses "for a week", "within an hour": one unit of time after a word of duration.
pub(super) fn lasting(text: &str, tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let article = LISTS.articles.contains(&tokens[at].word);
    let lead = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
    let lasts = LISTS.lasting.contains(lead);
    if !article || !lasts || !adjacent(text, tokens, at + 1) {
        return None;
    }
    let noun = tokens.get(at + 1)?;
    let found = measure(&noun.word).filter(|found| found.base == "s")?;
    // No durations: "for a second time", "after a year-long strike".
    let after = tokens
        .get(at + 2)
        .filter(|_| adjacent(text, tokens, at + 2));
    if noun.word == "second"
        || after.is_some_and(|next| matches!(next.word.as_str(), "long" | "old"))
    {
        return None;
    }
    let mut quantity = Quantity::new(
        tokens[at].range.start..noun.range.end,
        found.factor,
        found.factor * 0.5,
    );
    quantity.raw = 1.0;
    quantity.unit = Unit::Measure(found.base);
    quantity.system = found.system;
    quantity.weak = true;
    Some((quantity, 2))
}

#[cfg(test)]
#[path = "tests/periods.rs"]
mod tests;
