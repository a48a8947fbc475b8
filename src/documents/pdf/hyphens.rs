//! Joins words that are split at the end of a line, and decides if the hyphen is part of the word.

use std::collections::HashSet;
use std::sync::LazyLock;

use hypher::{Lang, hyphenate};
use serde::Deserialize;

use crate::text::language::Language;
use crate::text::word_lists::{WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    linking: WordSet,
    solid: WordSet,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("hyphens.toml", include_str!("words/hyphens.toml")));

/// Minimum length of each half of a compound that is looked up, in letters.
const HALF: usize = 3;
/// Characters at the end of a line that may split a word.
const HYPHENS: [char; 3] = ['-', '\u{ad}', '\u{2010}'];
/// Maximum length of a word that is looked up, in bytes.
const MAX_WORD: usize = 80;

/// Joins split words. The hyphen is dropped if the same word occurs elsewhere in the text without
/// it, or if the hyphenation patterns of the language allow one there. It is kept otherwise, and
/// also if both halves occur in the text as words of their own but the joined word never does
/// ("cross-border").
pub(super) fn joined(text: &str) -> String {
    let words = Words {
        all: words(text),
        unparted: unparted(text),
    };
    let language = patterns(text);
    let mut whole = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        whole.push_str(line);
        let Some(next) = lines.peek() else { break };
        match end(line, next, &words, language) {
            End::Line => whole.push('\n'),
            End::Kept => {}
            End::Typesetters => {
                whole.pop();
            }
        }
    }
    whole
}

/// The words of a text, in lower case.
struct Words {
    all: HashSet<String>,
    unparted: HashSet<String>,
}

/// The way in which a line continues.
enum End {
    Line,
    /// The word continues after the hyphen, which is kept.
    Kept,
    /// The word continues in place of the hyphen, which is dropped.
    Typesetters,
}

fn end(line: &str, next: &str, words: &Words, language: Option<Lang>) -> End {
    let Some(stem) = line.strip_suffix(HYPHENS) else {
        return End::Line;
    };
    let first = stem.rsplit(char::is_whitespace).next().unwrap_or_default();
    let second = next.split(char::is_whitespace).next().unwrap_or_default();
    let goes_on =
        first.ends_with(char::is_alphanumeric) && second.starts_with(char::is_alphanumeric);
    let second: &str = second.trim_end_matches(|c: char| !c.is_alphanumeric());
    if !goes_on || LISTS.linking.contains(second) || first.len() + second.len() > MAX_WORD {
        return End::Line;
    }
    if line.ends_with('\u{ad}') {
        return End::Typesetters;
    }
    let first = first.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_parted = first.ends_with(char::is_alphabetic) && second.starts_with(char::is_lowercase);
    if !is_parted {
        return End::Kept;
    }
    let known = |between: &str| {
        let whole = format!("{first}{between}{second}").to_lowercase();
        words.all.contains(&whole)
    };
    if known("-") || known("\u{2010}") {
        return End::Kept;
    }
    if known("") {
        return End::Typesetters;
    }
    // Words that contain a hyphen are only split at it.
    if first.contains(['-', '\u{2010}']) {
        return End::Kept;
    }
    match language {
        Some(language) if !has_place(first, second, language) => End::Kept,
        Some(language)
            if hyphenates_compounds(language) && is_compound(first, second, &words.unparted) =>
        {
            End::Kept
        }
        _ => End::Typesetters,
    }
}

/// Returns true for languages that write lower-case compounds with a hyphen. German, Spanish and
/// Italian write them as one word, and the parts of Russian compounds are no words by themselves.
const fn hyphenates_compounds(language: Lang) -> bool {
    matches!(language, Lang::English | Lang::French | Lang::Portuguese)
}

/// Returns true if both halves occur in the text as words of their own; the first may also
/// occur before another hyphen.
fn is_compound(first: &str, second: &str, words: &HashSet<String>) -> bool {
    let (first, second) = (first.to_lowercase(), second.to_lowercase());
    let long = |half: &str| half.chars().count() >= HALF;
    let starts_another = || {
        words.iter().any(|word| {
            word.strip_prefix(first.as_str())
                .is_some_and(|rest| rest.starts_with(['-', '\u{2010}']))
        })
    };
    long(&first)
        && long(&second)
        && !LISTS.solid.contains(&first)
        && words.contains(&second)
        && (words.contains(&first) || starts_another())
}

/// Returns true if the language's hyphenation patterns allow a hyphen here.
fn has_place(first: &str, second: &str, language: Lang) -> bool {
    // In a word of several parts only the part at the hyphen counts.
    let alphabetic = |c: char| !c.is_alphabetic();
    let first = first.rsplit(alphabetic).next().unwrap_or_default();
    let second = second.split(alphabetic).next().unwrap_or_default();
    let word = format!("{first}{second}").to_lowercase();
    let wanted = first.to_lowercase().len();
    let mut at = 0;
    hyphenate(&word, language).any(|part| {
        at += part.len();
        at == wanted
    })
}

/// The words of a text, without the halves of words split at the end of a line.
fn unparted(text: &str) -> HashSet<String> {
    let mut parted = false;
    let mut found = HashSet::new();
    for line in text.split('\n') {
        let mut pieces: Vec<&str> = line.split_whitespace().collect();
        let goes_on = line.ends_with(HYPHENS);
        if parted && !pieces.is_empty() {
            pieces.remove(0);
        }
        if goes_on {
            pieces.pop();
        }
        parted = goes_on;
        found.extend(words(&pieces.join(" ")));
    }
    found
}

fn words(text: &str) -> HashSet<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty() && word.len() <= MAX_WORD)
        .map(str::to_lowercase)
        .collect()
}

/// The hyphenation patterns of the text's language; `None` if there are none, in which case
/// split words are joined.
fn patterns(text: &str) -> Option<Lang> {
    Some(match Language::of(text) {
        Language::English => Lang::English,
        Language::German => Lang::German,
        Language::French => Lang::French,
        Language::Spanish => Lang::Spanish,
        Language::Italian => Lang::Italian,
        Language::Portuguese => Lang::Portuguese,
        Language::Russian => Lang::Russian,
        Language::Arabic | Language::Hindi | Language::Other => return None,
    })
}

#[cfg(test)]
#[path = "tests/hyphens.rs"]
mod tests;
