//! Splits Korean words: counters after figures, particles after nouns.

use std::sync::LazyLock;

use serde::Deserialize;

use super::word_lists::{Phrases, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Korean {
    counters: Phrases,
    magnitudes: Phrases,
    particles: Phrases,
}

static LISTS: LazyLock<Korean> =
    LazyLock::new(|| read("korean.toml", include_str!("words/korean.toml")));

/// True for a Hangul syllable.
pub(crate) const fn syllable(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Splits a word into the parts that are interpreted separately: "3억원이다" into "3", "억", "원이다".
pub(super) fn parts(word: &str) -> impl Iterator<Item = &str> {
    let figures = word.find(syllable).filter(|end| {
        *end > 0
            && word[..*end]
                .chars()
                .all(|c| super::numerals::digit(c).is_some() || matches!(c, ',' | '.'))
    });
    let (number, rest) = word.split_at(figures.unwrap_or(0));
    let magnitude = LISTS
        .magnitudes
        .iter()
        .find(|name| figures.is_some() && rest.starts_with(**name))
        .map_or(0, |name| name.len());
    let (magnitude, counted) = rest.split_at(magnitude);
    [number, magnitude, counted]
        .into_iter()
        .filter(|part| !part.is_empty())
}

/// Returns the length of a word without its particles; `None` if it has none.
pub(super) fn stem(word: &str) -> Option<usize> {
    if !word.starts_with(syllable) || !word.ends_with(syllable) {
        return None;
    }
    if let Some(counter) = LISTS.counters.iter().find(|name| {
        word.strip_prefix(**name)
            .is_some_and(|tail| !tail.is_empty() && LISTS.particles.contains(&tail))
    }) {
        return Some(counter.len());
    }
    LISTS
        .particles
        .iter()
        .filter_map(|particle| word.strip_suffix(particle))
        .find(|bare| bare.chars().count() >= 2)
        .map(str::len)
}

/// True for a word that negates or contains a negation.
pub(crate) fn negates(word: &str) -> bool {
    matches!(word, "안" | "못" | "아니다" | "아닙니다")
        || ["않", "없", "아니", "못하", "못했", "못한"]
            .iter()
            .any(|part| word.contains(part))
}

#[cfg(test)]
#[path = "tests/korean.rs"]
mod tests;
