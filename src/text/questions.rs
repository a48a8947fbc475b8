//! Finds what a question states: "The mill was built in 1902, right?" and "Did you know that the mill
//! was built in 1902?" say as much as a sentence with a full stop.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::word_lists::{Phrases, read};

/// Minimum number of words of what is stated.
const LEAST: usize = 3;
/// The marks that end a question.
const ENDS: [char; 3] = ['?', '？', '؟'];
/// The marks that part a statement from the words that ask for agreement.
const PARTS: [char; 6] = [',', '，', '–', '—', '-', '…'];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    tags: Phrases,
    openings: Phrases,
}

static LISTS: LazyLock<Questions> =
    LazyLock::new(|| read("questions.toml", include_str!("words/questions.toml")));

/// Returns the range of what the question `text[range]` states; `None` if it only asks.
pub(super) fn stated(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let question = text.get(range.clone())?.trim_end();
    let body = question.trim_end_matches(ENDS);
    if body.len() == question.len() {
        return None;
    }
    let body = body.trim_end();
    let behind_opening = LISTS.openings.iter().find_map(|opening| {
        let rest = body.get(length_at_start(body, opening)?..)?;
        rest.starts_with(char::is_whitespace)
            .then(|| rest.trim_start())
    });
    let before_tag = || {
        LISTS.tags.iter().find_map(|tag| {
            let before = body.get(..body.len() - length_at_end(body, tag)?)?;
            let before = before.trim_end();
            before
                .ends_with(PARTS)
                .then(|| before.trim_end_matches(PARTS).trim_end())
        })
    };
    let said = behind_opening.or_else(before_tag)?;
    if said.split_whitespace().take(LEAST).count() < LEAST {
        return None;
    }
    // The opening was taken from the beginning, the tag from the end.
    let start = if behind_opening.is_some() {
        range.start + body.len() - said.len()
    } else {
        range.start
    };
    Some(start..start + said.len())
}

/// Returns the length in bytes of a phrase at the start of a text, in any case.
fn length_at_start(text: &str, phrase: &str) -> Option<usize> {
    spellings(phrase)
        .find(|phrase| {
            text.get(..phrase.len())
                .is_some_and(|start| start.to_lowercase() == **phrase)
        })
        .map(|phrase| phrase.len())
}

/// Returns the length in bytes of a phrase at the end of a text, in any case.
fn length_at_end(text: &str, phrase: &str) -> Option<usize> {
    spellings(phrase)
        .find(|phrase| {
            let start = text.len().checked_sub(phrase.len());
            start
                .and_then(|start| text.get(start..))
                .is_some_and(|end| end.to_lowercase() == **phrase)
        })
        .map(|phrase| phrase.len())
}

/// A phrase with straight and with curved apostrophes.
fn spellings(phrase: &str) -> impl Iterator<Item = String> {
    [phrase.to_owned(), phrase.replace('\'', "’")].into_iter()
}

#[cfg(test)]
#[path = "tests/questions.rs"]
mod tests;
