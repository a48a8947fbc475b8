//! Tells lines that end in a colon and say something by themselves ("The plant closed in 2019:")
//! from those that only announce what follows ("Here are the key points:").
//!
//! In doubt a line is an announcement, since most of them are: it must have a predicate that is
//! complete before the colon, and a value, a name or a denial that a source could confirm.

use std::sync::LazyLock;

use serde::Deserialize;

use super::analysis::Analysis;
use super::language::Language;
use super::numbers::{Quantity, Unit};
use super::tokens::{Form, Token};
use super::word_lists::{Phrases, WordParts, WordSet, read};
use super::{unended, words};

/// Maximum number that counts the items below the line rather than anything else: "The council
/// took three decisions:".
const ITEMS: f64 = 12.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Announcements {
    pointing: WordSet,
    names_of_lists: WordSet,
    unfinished: WordSet,
    pointing_parts: Phrases,
    predicate_endings: WordParts,
    predicate_parts: WordParts,
}

static LISTS: LazyLock<Announcements> = LazyLock::new(|| {
    read(
        "announcements.toml",
        include_str!("words/announcements.toml"),
    )
});

/// The marks that end an announcement.
pub(super) const COLONS: [char; 2] = [':', '：'];

/// Returns a line without the colon at its end and what emphasis stands around it.
pub(super) fn without_colon(line: &str) -> &str {
    let bare = line.trim_end_matches(['*', '_', ' ']);
    if bare.ends_with(COLONS) {
        bare.trim_end_matches(COLONS).trim_end()
    } else {
        line
    }
}

/// True for a line, which ends in a colon, that says something which a source could confirm.
pub(super) fn states_itself(line: &str, analysis: &Analysis, language: Language) -> bool {
    let tokens = &analysis.tokens;
    let lower = line.to_lowercase();
    let points = tokens
        .iter()
        .any(|token| LISTS.pointing.contains(&token.word))
        || LISTS
            .pointing_parts
            .iter()
            .any(|part| lower.contains(*part));
    if points || tokens.len() < 3 {
        return false;
    }
    let unparted = tokens.iter().any(|token| token.form == Form::Bigram);
    let hangul = lower.contains(|c: char| ('가'..='힣').contains(&c));
    if unparted || hangul {
        let body = without_colon(&lower);
        let predicate =
            LISTS.predicate_endings.end(body) || unparted && LISTS.predicate_parts.stand_in(body);
        return predicate && (!analysis.dates.is_empty() || measures(&analysis.quantities));
    }
    let Some(verb) = finite(tokens, language) else {
        return false;
    };
    let subject = &tokens[..verb];
    let about_list = subject
        .iter()
        .any(|token| LISTS.names_of_lists.contains(&token.word));
    !about_list && complete(tokens, verb) && checkable(analysis, verb)
}

/// Returns the index of the first finite verb.
fn finite(tokens: &[Token], language: Language) -> Option<usize> {
    let verb = |token: &Token| {
        !token.capital
            && if language == Language::English {
                words::is_finite(&token.word)
            } else {
                words::is_finite(&token.word) || unended::finite_elsewhere(&token.word)
            }
    };
    (1..tokens.len()).find(|at| verb(&tokens[*at]))
}

/// True if something follows the verb that ends what it says: not "The report says:", and not "It
/// was run by:".
fn complete(tokens: &[Token], verb: usize) -> bool {
    let Some(last) = tokens.last() else {
        return false;
    };
    verb + 1 < tokens.len()
        && !LISTS.unfinished.contains(&last.word)
        && (!last.stop || last.acronym || last.form != Form::Word)
}

/// True if a source could confirm what the line says: it has a date, a value that does not count
/// the items below, a name behind its verb or as its subject, or nobody and nothing as its subject.
fn checkable(analysis: &Analysis, verb: usize) -> bool {
    let tokens = &analysis.tokens;
    let denies = tokens
        .first()
        .is_some_and(|first| first.word == "no" || words::quantifier(&first.word) == Some(0));
    let says = LISTS.unfinished.contains(&tokens[verb].word);
    let named = || {
        let mut names = analysis.entities.iter();
        let lists = tokens
            .last()
            .is_some_and(|last| LISTS.names_of_lists.contains(&last.word));
        names.any(|name| !name.weak && (name.tokens.start > verb || !lists))
    };
    !analysis.dates.is_empty() || measures(&analysis.quantities) || denies || !says && named()
}

/// True if a number does more than count the items below the line.
fn measures(quantities: &[Quantity]) -> bool {
    quantities.iter().any(|quantity| {
        let counts = matches!(quantity.unit, Unit::Bare | Unit::Things(_) | Unit::Rank);
        !(quantity.weak || counts && quantity.value <= ITEMS)
    })
}

#[cfg(test)]
#[path = "tests/announcements.rs"]
mod tests;
