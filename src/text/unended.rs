//! Decides whether a line without an end mark is a statement, or a heading or fragment.
//!
//! Headings are not verified, so in doubt a line counts as a statement.

use std::sync::LazyLock;

use serde::Deserialize;

use super::language::Language;
use super::tokens::{Form, Token};
use super::word_lists::{WordSet, read};
use super::words;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineWords {
    verbs: WordSet,
    titles: WordSet,
    beginnings: WordSet,
    finite_elsewhere: WordSet,
}

static LISTS: LazyLock<LineWords> =
    LazyLock::new(|| read("lines.toml", include_str!("words/lines.toml")));

/// Minimum number of tokens of a line that counts as a statement even without a verb.
const LONG_LINE: usize = 6;
/// The same for scripts other than Latin, whose verbs are not known.
const UNKNOWN_VERBS: usize = 4;

/// True for a line without an end mark that states something.
pub(super) fn states(line: &str, tokens: &[Token]) -> bool {
    let Some(first) = tokens.first() else {
        return false;
    };
    let finite = tokens.iter().any(|token| words::is_finite(&token.word));
    let title = LISTS.titles.contains(&first.word) && !finite;
    let number = tokens.iter().any(|token| token.form == Form::Number);
    if tokens.len() >= 3
        && (finite || LISTS.beginnings.contains(&first.word) || verb(tokens) || denies(tokens))
    {
        return true;
    }
    let unknown = line.chars().any(|c| c.is_alphabetic() && c > 'ɏ');
    !title
        && ((number && tokens.len() >= 2)
            || tokens.len() >= LONG_LINE
            || (unknown && tokens.len() >= UNKNOWN_VERBS))
}

/// True if a verb that cannot be a noun, in lower case, follows the first word.
fn verb(tokens: &[Token]) -> bool {
    let known = |word: &str| {
        let bare = word.strip_suffix('s').unwrap_or(word);
        LISTS.verbs.contains(word) || LISTS.verbs.contains(bare)
    };
    // "More to come" states nothing.
    tokens.windows(2).any(|pair| {
        let (before, token) = (&pair[0], &pair[1]);
        before.word != "to"
            && !token.capital
            && (known(&token.word) || finite_elsewhere(&token.word))
    })
}

/// True for a line that contains a negator of any language.
fn denies(tokens: &[Token]) -> bool {
    let languages = [
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Russian,
    ];
    tokens.iter().skip(1).any(|token| {
        languages
            .iter()
            .any(|language| words::is_negator(&token.word, *language))
    })
}

/// True for finite verbs of other languages that cannot be nouns.
pub(super) fn finite_elsewhere(word: &str) -> bool {
    LISTS.finite_elsewhere.contains(word)
}

#[cfg(test)]
#[path = "tests/unended.rs"]
mod tests;
