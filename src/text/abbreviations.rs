//! Decides whether a full stop ends a sentence or belongs to an abbreviation or an ordinal.

use std::sync::LazyLock;

use serde::Deserialize;

use super::calendar;
use super::language::Language;
use super::word_lists::{WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Abbreviations {
    titles: WordSet,
    maybe: WordSet,
    openers: WordSet,
    lettered: WordSet,
    of_times: WordSet,
    before_ordinals: WordSet,
    counted: WordSet,
}

static LISTS: LazyLock<Abbreviations> = LazyLock::new(|| {
    read(
        "abbreviations.toml",
        include_str!("words/abbreviations.toml"),
    )
});

/// A pronounceable lower-case word of at least so many letters is no abbreviation, unless it is a
/// known one.
const PLAIN: usize = 4;

/// A word without any of these letters cannot be pronounced, such as "govt".
const VOWELS: [char; 17] = [
    'a', 'e', 'i', 'o', 'u', 'y', 'ä', 'ö', 'ü', 'á', 'é', 'í', 'ó', 'ú', 'è', 'à', 'ê',
];

/// True for a lower-case word that, when capitalised, begins sentences far more often than it is
/// part of a name.
pub(super) fn opens(word: &str) -> bool {
    LISTS.openers.contains(word)
}

/// Properties of a text on which the detection of sentence ends depends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// True once a capital letter has occurred. Only preceding text counts, so that later text
    /// never changes where an earlier sentence ends.
    pub(super) capitals: bool,
    /// True if a number followed by a full stop may be an ordinal.
    ordinals: bool,
    pub(super) language: Language,
}

impl Style {
    pub(super) fn of(text: &str) -> Self {
        let language = Language::of(text);
        Self {
            capitals: false,
            ordinals: language == Language::German,
            language,
        }
    }
}

/// Returns whether a sentence ends between `word` with its full stop (or other mark) and `rest`;
/// `before` is the word before that one.
pub(super) fn breaks(
    before: &str,
    word: &str,
    rest: &str,
    character: char,
    single: bool,
    style: Style,
) -> bool {
    let capitals = style.capitals;
    let next = rest.trim_start_matches(['"', '\'', '“', '‘', '«', '(', '[', '*', '_', '¿', '¡']);
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    if capitals && lower && !rest.starts_with('[') {
        // If the next word begins with a lower-case letter, the sentence ends only after a word
        // that is never an abbreviation.
        return single && character == '.' && plain(word);
    }
    if !single || character != '.' {
        // In a text without capitals an ellipsis does not end a sentence; in others, a lower-case
        // letter after it was handled above.
        return capitals || character != '…';
    }
    let word = word
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    if LISTS.titles.contains(&word) {
        return false;
    }
    let before = before
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    let following = next
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let opener = LISTS.openers.contains(&following);
    if !word.is_empty() && word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return !ordinal(&before, &word, &following, opener, style);
    }
    if matches!(word.as_str(), "a.m" | "p.m") && capitals {
        return !LISTS.of_times.contains(&following) && !following.is_empty();
    }
    if word == "etc" {
        return true;
    }
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    if initial && LISTS.lettered.contains(&before) {
        return true;
    }
    // "в 1998 г. Завод".
    if word == "г" && before.bytes().all(|byte| byte.is_ascii_digit()) && !before.is_empty() {
        return true;
    }
    if initial
        || LISTS.maybe.contains(&word)
        || (word.contains('.')
            && word
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '.' | '-')))
    {
        return if capitals { opener } else { !initial && opener };
    }
    true
}

/// True for a pronounceable lower-case word that is too long for an abbreviation.
fn plain(word: &str) -> bool {
    word.chars().count() >= PLAIN
        && word.chars().all(char::is_lowercase)
        && word.contains(VOWELS)
        && !LISTS.titles.contains(word)
        && !LISTS.maybe.contains(word)
}

/// True for a number whose full stop makes it an ordinal: "am 3. März", "im 19. Jahrhundert".
fn ordinal(before: &str, word: &str, following: &str, opener: bool, style: Style) -> bool {
    if word.len() > 3 {
        return false;
    }
    if calendar::names_month(following) && word.len() <= 2 {
        return !opener;
    }
    style.ordinals
        && (LISTS.counted.contains(following)
            || (!opener && LISTS.before_ordinals.contains(before)))
}
