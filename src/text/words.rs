//! Closed word classes: stop words, negators, hedges, quantifiers, pronouns, finite verbs.
//!
//! The words are in `words/function_words.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::language::Language;
use super::word_lists::{WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionWords {
    stop: HashMap<Language, WordSet>,
    negators: HashMap<Language, WordSet>,
    hedges: WordSet,
    pronouns: WordSet,
    finite_verbs: WordSet,
    subordinators: WordSet,
    auxiliaries: WordSet,
    quantifiers: Quantifiers,
    large_parts: WordSet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantifiers {
    all: WordSet,
    most: WordSet,
    some: WordSet,
    few: WordSet,
    none: WordSet,
}

static LISTS: LazyLock<FunctionWords> = LazyLock::new(|| {
    read(
        "function_words.toml",
        include_str!("words/function_words.toml"),
    )
});

/// True for a function word of the language.
pub(crate) fn is_stop(word: &str, language: Language) -> bool {
    LISTS
        .stop
        .get(&language)
        .is_some_and(|words| words.contains(word))
}

/// True for a word that negates in a text of the language.
pub(crate) fn is_negator(word: &str, language: Language) -> bool {
    LISTS
        .negators
        .get(&language)
        .is_some_and(|words| words.contains(word))
}

/// True for a word that weakens a statement to a possibility or a plan.
pub(crate) fn is_hedge(word: &str) -> bool {
    LISTS.hedges.contains(word)
}

/// True for a word that refers to something said before.
pub(crate) fn is_pronoun(word: &str) -> bool {
    LISTS.pronouns.contains(word)
}

/// True for a word that opens a subordinate or relative clause.
pub(crate) fn is_subordinator(word: &str) -> bool {
    LISTS.subordinators.contains(word)
}

/// True for a word that is likely to be a finite verb in English.
pub(crate) fn is_finite(word: &str) -> bool {
    LISTS.finite_verbs.contains(word)
        || (word.len() > 4
            && word.ends_with("ed")
            && !word.ends_with("eed")
            && !matches!(word, "hundred" | "sacred" | "naked"))
}

/// True for a form of "be", "have" or "do", or a modal verb.
pub(crate) fn is_auxiliary(word: &str) -> bool {
    LISTS.auxiliaries.contains(word)
}

/// Returns the share of a group that a quantifier covers: 4 all, 3 most, 2 some, 1 few, 0 none.
pub(crate) fn quantifier(word: &str) -> Option<u8> {
    let Quantifiers {
        all,
        most,
        some,
        few,
        none,
    } = &LISTS.quantifiers;
    let levels = [(all, 4), (most, 3), (some, 2), (few, 1), (none, 0)];
    let found = levels.into_iter().find(|(words, _)| words.contains(word));
    found.map(|(_, level)| level)
}

/// True for a word that makes a part of a group a large one.
pub(crate) fn is_large_part(word: &str) -> bool {
    LISTS.large_parts.contains(word)
}

/// Returns the stop words by which a language is detected.
pub(super) fn stop_words(language: Language) -> Option<&'static WordSet> {
    LISTS.stop.get(&language)
}
