//! A small table of synonyms, irregular forms and antonyms for English.
//!
//! One line is one concept; a word belongs only to the first concept that lists it, so that two
//! words are synonyms exactly if their terms are equal.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use super::word_lists::{Phrases, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Synonyms {
    concepts: Phrases,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opposites {
    axes: Phrases,
}

struct Lexicon {
    /// Maps a stem to the stem that represents its concept.
    concepts: HashMap<String, String>,
    /// Maps a term to its positions: the index of an axis of antonyms, and the end of the axis.
    axes: HashMap<String, Vec<(usize, bool)>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let stemmer = Stemmer::create(Algorithm::English);
    let synonyms: Synonyms = read("synonyms.toml", include_str!("words/synonyms.toml"));
    let opposites: Opposites = read("opposites.toml", include_str!("words/opposites.toml"));
    let mut concepts: HashMap<String, String> = HashMap::new();
    for line in synonyms.concepts.iter() {
        let mut head: Option<String> = None;
        for word in line.split_whitespace().filter(|word| !word.contains('-')) {
            let stem = stemmer.stem(word).into_owned();
            let head = head.get_or_insert_with(|| {
                concepts.get(&stem).cloned().unwrap_or_else(|| stem.clone())
            });
            concepts.entry(stem).or_insert_with(|| head.clone());
        }
    }
    let mut axes: HashMap<String, Vec<(usize, bool)>> = HashMap::new();
    for (number, line) in opposites.axes.iter().enumerate() {
        for (end, words) in line.split('/').enumerate() {
            for word in words.split_whitespace() {
                let stem = stemmer.stem(word).into_owned();
                let term = concepts.get(&stem).cloned().unwrap_or(stem);
                let places = axes.entry(term).or_default();
                if !places.contains(&(number, end == 1)) {
                    places.push((number, end == 1));
                }
            }
        }
    }
    // A concept at both ends of one axis is ambiguous there, and is removed from it.
    for places in axes.values_mut() {
        let all = places.clone();
        places.retain(|(number, end)| !all.contains(&(*number, !end)));
    }
    Lexicon { concepts, axes }
});

/// Returns the stem that represents the concept of an English stem, or the stem itself if it is
/// unknown.
pub(crate) fn concept(stem: &str) -> &str {
    LEXICON.concepts.get(stem).map_or(stem, String::as_str)
}

/// True if two terms of the same language are antonyms.
pub(crate) fn opposite(one: &str, other: &str) -> bool {
    let (Some(left), Some(right)) = (LEXICON.axes.get(one), LEXICON.axes.get(other)) else {
        return prefixed(one, other) || prefixed(other, one);
    };
    left.iter()
        .any(|(axis, end)| right.contains(&(*axis, !end)) && !right.contains(&(*axis, *end)))
}

/// True if `long` is `short` with a negating prefix.
fn prefixed(long: &str, short: &str) -> bool {
    ["un", "in", "im", "dis", "non", "ir", "il"]
        .iter()
        // "active" and "inactive" are antonyms, but "form" and "inform" are not.
        .any(|prefix| {
            long.strip_prefix(prefix) == Some(short)
                && short.len() >= if *prefix == "un" { 3 } else { 5 }
        })
}

#[cfg(test)]
#[path = "tests/lexicon.rs"]
mod tests;
