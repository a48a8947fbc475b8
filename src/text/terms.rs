//! Search terms: stems in a form that every full-text engine accepts as single words.

use std::collections::HashSet;

use super::language::Language;
use super::tokens::Tokenizer;

/// Returns the terms of a text in order, including repetitions but without function words.
pub(crate) fn terms(tokenizer: &Tokenizer, text: &str) -> Vec<String> {
    tokenizer
        .tokens(text, 0..text.len())
        .into_iter()
        .filter(|token| !token.stop)
        .map(|token| plain(&token.term))
        .collect()
}

/// Returns the distinct search terms for a text in documents of these languages, at most `limit`. A
/// word is stemmed in each language, since a short text rarely allows its own to be detected.
pub(crate) fn query(languages: &[Language], text: &str, limit: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut query = Vec::new();
    for language in languages {
        for term in terms(&Tokenizer::new(*language), text) {
            if query.len() < limit && seen.insert(term.clone()) {
                query.push(term);
            }
        }
    }
    query
}

/// Converts to lower-case letters and digits of any script; other ASCII characters become
/// underscores, so that a term can be used in any engine's query as it is.
fn plain(term: &str) -> String {
    let safe = |character: char| match character {
        _ if !character.is_ascii() || character.is_ascii_alphanumeric() => character,
        _ => '_',
    };
    term.to_lowercase().chars().map(safe).collect()
}

#[cfg(test)]
#[path = "tests/terms.rs"]
mod tests;
