//! Stems in a form that every full-text engine takes for single words.

use std::collections::HashSet;

use super::language::Language;
use super::tokens::Tokenizer;

/// The terms of a text in order, repeats included; function words have none.
pub(crate) fn terms(tokenizer: &Tokenizer, text: &str) -> Vec<String> {
    tokenizer
        .tokens(text, 0..text.len())
        .into_iter()
        .filter(|token| !token.stop)
        .map(|token| plain(&token.term))
        .collect()
}

/// The terms that a text is looked for by in documents of these languages, each once, at most `limit`: a
/// word is stemmed in each language, since a short text hardly shows its own.
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

/// Letters and digits of any script, lower case; everything else that ASCII has becomes a low line, so
/// that a term can be written into any engine's query as it is.
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
