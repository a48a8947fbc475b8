//! Notations of currencies: signs, codes, and names in several languages, from
//! `words/currencies.toml`.

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

/// The name that British, Egyptian and other pounds have in common.
pub(super) const EITHER_POUND: &str = "pound";

/// Returns the currency of a sign before or after a number; a sign that several currencies use
/// gives their common name.
pub(super) fn sign(mark: char) -> Option<&'static str> {
    LISTS.signs.get(mark.encode_utf8(&mut [0; 4]))
}

/// Returns the currency of letters before a dollar or real sign: "US$", "HK$", "R$".
pub(super) fn before_sign(word: &str) -> Option<&'static str> {
    LISTS.before_dollar_sign.get(word)
}

/// Returns the currency of an abbreviation or of a code of ISO 4217, which counts only in capitals.
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

/// Returns the currency of a name.
pub(super) fn name(word: &str) -> Option<&'static str> {
    LISTS.names.get(word)
}

/// True for a word that makes a following number of pounds a sum of money rather than a weight.
pub(super) fn is_paid(word: &str) -> bool {
    LISTS.paid.contains(word)
}

/// Returns the currency with a common name that belongs to a country's adjective: "Norwegian" and
/// "crown".
pub(super) fn of_country(adjective: &str, name: &str) -> Option<&'static str> {
    let mut currencies = LISTS.shared.get(name)?.iter();
    let found = currencies.find(|(_, adjectives)| adjectives.begin(adjective));
    found.map(|(code, _)| code.as_str())
}

/// True if two currencies may be the same: they are equal, or one is a name that several have in
/// common.
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
