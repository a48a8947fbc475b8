//! Detects names: runs of capitalised words, and acronyms.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::language::Language;
use super::tokens::{Form, Token};
use super::word_lists::{WordParts, WordSet, read};
use super::words;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Range in the text, in bytes.
    pub range: Range<usize>,
    /// The tokens of the sentence that the name covers.
    pub tokens: Range<usize>,
    /// Its significant words in lower case, in order.
    pub words: Vec<String>,
    /// True for a single capitalised word that may not be a name: it begins the sentence, or the
    /// language capitalises all nouns.
    pub weak: bool,
}

impl Entity {
    /// Returns the initials of the significant words, if there are at least two.
    pub fn acronym(&self) -> Option<String> {
        (self.words.len() >= 2).then(|| {
            self.words
                .iter()
                .filter_map(|word| word.chars().next())
                .collect()
        })
    }

    /// True if the two may denote the same thing: their words are equal, or one is a part or the
    /// acronym of the other.
    pub fn same(&self, other: &Self) -> bool {
        let within = |small: &Self, big: &Self| {
            small
                .words
                .iter()
                .all(|word| big.words.iter().any(|given| alike(word, given)))
        };
        within(self, other)
            || within(other, self)
            || abbreviates(self, other)
            || abbreviates(other, self)
    }
}

fn abbreviates(short: &Entity, long: &Entity) -> bool {
    short.words.len() == 1
        && long
            .acronym()
            .is_some_and(|acronym| acronym == short.words[0].replace('.', ""))
}

/// True for equal words, or for a name and its adjective ("Brazil", "Brazilian").
pub(crate) fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    long.strip_prefix(short).is_some_and(|tail| {
        short.chars().count() >= 4
            && matches!(tail, "s" | "es" | "n" | "an" | "ian" | "ese" | "ish" | "'s")
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameWords {
    links: WordSet,
    no_names: WordSet,
    noun_endings: WordParts,
}

static LISTS: LazyLock<NameWords> =
    LazyLock::new(|| read("names.toml", include_str!("words/names.toml")));

/// Returns the names among the tokens of one sentence, in order; `used` marks the tokens of dates
/// and numbers.
pub(crate) fn find(text: &str, tokens: &[Token], used: &[bool], language: Language) -> Vec<Entity> {
    let mut entities = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if used[at] || !names(&tokens[at]) || (at == 0 && tokens[at].stop) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < tokens.len() && blank(text, tokens, end) {
            if names(&tokens[end]) && !used[end]
                || (tokens[end].form == Form::Number && tokens[end].word.len() <= 2 && !used[end])
            {
                end += 1;
            } else if LISTS.links.contains(&tokens[end].word)
                && !tokens[end].capital
                // "Bau der Halle" is no name.
                && !(language == Language::German
                    && matches!(tokens[end].word.as_str(), "der" | "den" | "die"))
                && tokens
                    .get(end + 1)
                    .is_some_and(|next| names(next) && !used[end + 1])
                && blank(text, tokens, end + 1)
            {
                end += 2;
            } else if matches!(tokens[end].word.as_str(), "of" | "for")
                && tokens.get(end + 1).is_some_and(|next| next.word == "the")
                && tokens.get(end + 2).is_some_and(names)
                && blank(text, tokens, end + 2)
            {
                end += 3;
            } else {
                break;
            }
        }
        let words: Vec<String> = tokens[at..end]
            .iter()
            .filter(|token| {
                !token.stop
                    && !LISTS.links.contains(&token.word)
                    && !LISTS.no_names.contains(&token.word)
            })
            .map(|token| token.word.replace('.', ""))
            .collect();
        let noun = language == Language::German
            && end == at + 1
            && !tokens[at].acronym
            && !german_name(tokens, at);
        if !words.is_empty() && !noun {
            entities.push(Entity {
                range: tokens[at].range.start..tokens[end - 1].range.end,
                tokens: at..end,
                words,
                weak: (at == 0 || language == Language::German)
                    && end == at + 1
                    && !tokens[at].acronym,
            });
        }
        at = end;
    }
    entities
}

/// True for a single capitalised German word that is likely a name: it follows a title or a
/// preposition of place without an article, and does not look like a common noun.
fn german_name(tokens: &[Token], at: usize) -> bool {
    let word = tokens[at].word.as_str();
    let noun = LISTS.noun_endings.end(word);
    let before = at.checked_sub(1).map(|before| tokens[before].word.as_str());
    match before {
        // The word after a title is a name, whatever its ending.
        Some("herr" | "frau" | "herrn" | "dr" | "prof" | "bürgermeister" | "bürgermeisterin") => {
            true
        }
        Some("in" | "aus" | "nach" | "bei" | "von" | "nahe") => !noun,
        _ => false,
    }
}

fn names(token: &Token) -> bool {
    token.acronym
        || (token.capital
            && token.form == Form::Word
            && !(token.stop && token.word.len() > 1)
            && !words::is_pronoun(&token.word))
}

fn blank(text: &str, tokens: &[Token], at: usize) -> bool {
    at < tokens.len()
        && text
            .get(tokens[at - 1].range.end..tokens[at].range.start)
            .is_some_and(|gap| {
                gap.chars()
                    .all(|c| matches!(c, ' ' | '\u{a0}' | '-' | '.' | '&'))
                    && gap.len() <= 3
            })
}

#[cfg(test)]
#[path = "tests/entities.rs"]
mod tests;
