//! Courtesies of an answerer in languages other than English.

use std::sync::LazyLock;

use serde::Deserialize;

use super::word_lists::{Phrases, WordParts, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Courtesies {
    beginnings: Phrases,
    loose: Phrases,
    conditions: Phrases,
    offers: WordParts,
    answers: WordSet,
}

static LISTS: LazyLock<Courtesies> =
    LazyLock::new(|| read("courtesies.toml", include_str!("words/courtesies.toml")));

/// True for a word that answers a question with yes or no.
pub(super) fn is_answer(word: &str) -> bool {
    LISTS.answers.contains(word)
}

/// True for a sentence that is nothing but a courtesy.
pub(super) fn is_courtesy(body: &str) -> bool {
    let lower: String = body
        .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '¡')
        .chars()
        .take(200)
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .replace('’', "'");
    let mut beginnings = LISTS.beginnings.iter();
    let Some(found) = beginnings.find(|begin| lower.starts_with(**begin)) else {
        return false;
    };
    let conditional = LISTS.conditions.contains(found);
    if conditional && !LISTS.offers.stand_in(&lower) {
        return false;
    }
    !LISTS.loose.contains(found) || !body.chars().any(|c| super::numerals::digit(c).is_some())
}

#[cfg(test)]
#[path = "tests/courtesies.rs"]
mod tests;
