//! How currencies are written: signs, codes, and names in several languages, from `words/currencies.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::super::word_lists::{NamedWords, WordParts, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    signs: NamedWords,
    before_dollar_sign: NamedWords,
    codes: WordSet,
    other_codes: NamedWords,
    abbreviations: NamedWords,
    names: NamedWords,
    paid: WordSet,
    shared: BTreeMap<String, BTreeMap<String, WordParts>>,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("currencies.toml", include_str!("words/currencies.toml")));

/// The name that British, Egyptian and other pounds share.
pub(super) const EITHER_POUND: &str = "pound";

/// A sign in front of or behind a number; what several currencies write has the name that they share.
pub(super) fn sign(mark: char) -> Option<&'static str> {
    LISTS.signs.get(mark.encode_utf8(&mut [0; 4]))
}

/// Letters in front of a dollar or real sign: "US$", "HK$", "R$".
pub(super) fn before_sign(word: &str) -> Option<&'static str> {
    LISTS.before_dollar_sign.get(word)
}

/// A code of ISO 4217, which counts only in capitals, or an abbreviation.
pub(super) fn code(word: &str, capitals: bool) -> Option<&'static str> {
    let in_capitals = || {
        LISTS
            .codes
            .get(word)
            .or_else(|| LISTS.other_codes.get(word))
    };
    let found = capitals.then(in_capitals).flatten();
    found.or_else(|| LISTS.abbreviations.get(word))
}

/// The name of a currency.
pub(super) fn name(word: &str) -> Option<&'static str> {
    LISTS.names.get(word)
}

/// True for a word by which a number of pounds behind it is a sum and no weight.
pub(super) fn is_paid(word: &str) -> bool {
    LISTS.paid.contains(word)
}

/// Which of the currencies that share a name belongs to a country's adjective: "Norwegian" and "crown".
pub(super) fn of_country(adjective: &str, name: &str) -> Option<&'static str> {
    let mut currencies = LISTS.shared.get(name)?.iter();
    let found = currencies.find(|(_, adjectives)| adjectives.begin(adjective));
    found.map(|(code, _)| code.as_str())
}

/// True where two currencies can be the same one: equal, or one has the name that several share.
pub(super) fn same_money(one: &str, two: &str) -> bool {
    let shared = |wide: &str, narrow: &str| {
        let currencies = LISTS.shared.get(wide);
        currencies.is_some_and(|currencies| currencies.contains_key(narrow))
    };
    one == two || shared(one, two) || shared(two, one)
}

#[cfg(test)]
#[path = "tests/currencies.rs"]
mod tests;
