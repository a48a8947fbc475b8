//! Stems in a form that every full-text engine takes for single words.

use std::collections::HashSet;

use super::language::Language;
use super::tokens::Tokenizer;

/// The terms of a text in order, repeats included; function words have none.
pub fn terms(tokenizer: &Tokenizer, text: &str) -> Vec<String> {
    tokenizer
        .tokens(text, 0..text.len())
        .into_iter()
        .filter(|token| !token.stop)
        .map(|token| plain(&token.term))
        .collect()
}

/// The terms that a text is looked for by in documents of these languages, each once, at most `limit`: a
/// word is stemmed in each language, since a short text hardly shows its own.
pub fn query(languages: &[Language], text: &str, limit: usize) -> Vec<String> {
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
mod tests {
    use super::*;

    #[test]
    fn terms_are_stems_without_function_words_or_punctuation() {
        let of = |language, text| terms(&Tokenizer::new(language), text);
        assert_eq!(
            of(Language::English, "The mills were selling 3.5 tons; don't!"),
            of(Language::English, "mill sells 3.5 tons")
        );
        let odd = of(
            Language::English,
            "O'Neill's \"a\" OR (b*) 1,000.5 x\\y U.S.",
        );
        let safe = |term: &String| term.chars().all(|c| c.is_alphanumeric() || c == '_');
        assert!(odd.iter().all(safe), "{odd:?}");
        assert_eq!(of(Language::Other, "磨坊卖给"), ["磨坊", "坊卖", "卖给"]);
    }

    #[test]
    fn a_query_has_the_stems_of_every_language_once() {
        let languages = [Language::English, Language::German];
        let query = query(&languages, "Die Mühlen stehen, die Mühlen", 10);
        let german = terms(&Tokenizer::new(Language::German), "Mühle");
        assert!(query.contains(&german[0]), "{query:?}");
        let mut once = query.clone();
        once.dedup();
        assert_eq!(once, query);
        assert_eq!(super::query(&languages, "eins zwei drei vier", 3).len(), 3);
    }
}
