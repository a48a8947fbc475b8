//! Whether a line that no mark ends says something, or is a heading or a piece of a sentence.
//!
//! What is taken for a heading is checked by nobody, so a line that may be either is one that says something.

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

/// Tokens from which a line counts as a statement even without a verb.
const LONG_LINE: usize = 6;
/// Tokens from which one does that a verb would not be known in.
const UNKNOWN_VERBS: usize = 4;

/// True for a line without an end that says something.
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

/// A verb behind the first word that no noun looks like, in lower case.
fn verb(tokens: &[Token]) -> bool {
    let known = |word: &str| {
        let bare = word.strip_suffix('s').unwrap_or(word);
        LISTS.verbs.contains(word) || LISTS.verbs.contains(bare)
    };
    // "More to come" says nothing.
    tokens.windows(2).any(|pair| {
        let (before, token) = (&pair[0], &pair[1]);
        before.word != "to"
            && !token.capital
            && (known(&token.word) || finite_elsewhere(&token.word))
    })
}

/// True for a line with a negator of any language that is written so.
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

/// Finite verbs of other languages that no noun looks like.
pub(super) fn finite_elsewhere(word: &str) -> bool {
    LISTS.finite_elsewhere.contains(word)
}

#[cfg(test)]
#[path = "tests/unended.rs"]
mod tests;
