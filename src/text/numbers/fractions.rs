//! Fractions of a whole: "half of", "three quarters", "one in five", "½", in several languages.

use std::iter;
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::super::language::Language;
use super::super::numerals::small;
use super::super::tokens::{Form, Token};
use super::super::word_lists::{ValuedWords, WordSet, read};
use super::adjacency::adjacent;
use super::quantity::{Quantity, Unit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    divisors: ValuedWords<f64>,
    of: WordSet,
    articles: WordSet,
    ordinal: WordSet,
    comparatives: WordSet,
    determiners: WordSet,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("fractions.toml", include_str!("words/fractions.toml")));

/// Returns the value of a fraction in one character, from its Unicode decomposition, such as 1⁄2.
pub(in crate::text) fn vulgar(c: char) -> Option<f64> {
    // Excludes characters without a value of their own (⅟) and those that are no fraction (↉).
    if !matches!(c, '¼'..='¾' | '⅐'..='⅞') {
        return None;
    }
    let written: String = iter::once(c).nfkd().collect();
    let (part, whole) = written.split_once('\u{2044}')?;
    Some(part.parse::<f64>().ok()? / whole.parse::<f64>().ok()?)
}

/// Returns the denominator that a word names in the singular or plural.
fn parts(word: &str) -> Option<f64> {
    LISTS.divisors.get(word)
}

/// Parses a fraction of a whole that begins at the token, in per cent.
pub(super) fn fraction(
    text: &str,
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(Quantity, usize)> {
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let near = |ahead: usize| adjacent(text, tokens, at + ahead);
    let count = |ahead: usize| -> Option<f64> {
        let token = tokens.get(at + ahead)?;
        if token.form == Form::Number {
            return token
                .word
                .parse()
                .ok()
                .filter(|count: &f64| *count <= 99.0 && *count > 0.0);
        }
        small(&token.word, language)
    };
    let made = |share: f64, length: usize| {
        let range = tokens[at].range.start..tokens[at + length - 1].range.end;
        let mut found = Quantity::new(range, share * 100.0, 0.7);
        found.unit = Unit::Percent;
        (found, length)
    };
    let of = |ahead: usize| near(ahead) && LISTS.of.contains(word(ahead));
    // "half of the boats", "half the boats", "die Hälfte der Boote".
    let article = LISTS.articles.contains(word(0));
    let head = usize::from(article && near(1) && parts(word(1)).is_some());
    if let Some(divisor) = parts(word(head)) {
        let halves = divisor == 2.0;
        let whole = of(head + 1)
            || (halves
                && language == Language::English
                && near(head + 1)
                && LISTS.determiners.contains(word(head + 1)));
        // "the third of May" and "the second half of the year" are no fractions; "by half" and "a
        // third more" are.
        let ordinal = !halves && (head == 0 || word(0) == "the");
        let lead = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
        let second = LISTS.ordinal.contains(lead);
        let alone = lead == "by"
            || lead == "um"
            || (head == 1
                && matches!(word(0), "a" | "one" | "ein" | "un" | "une")
                && LISTS.comparatives.contains(word(head + 1)));
        return (!ordinal && !second && (whole || alone)).then(|| made(1.0 / divisor, head + 1));
    }
    let many = count(0)?;
    if near(1)
        && let Some(divisor) = parts(word(1)).filter(|divisor| *divisor > many && many >= 1.0)
        // Fractions: "two thirds", "drei Viertel"; "one third" is handled above. "2 quarters" of a
        // year are no fraction.
        && (of(2) || word(1).ends_with('s') || language != Language::English)
        && (many > 1.0 || of(2))
        && (divisor != 4.0 || of(2) || word(2) == "full")
    {
        return Some(made(many / divisor, 2));
    }
    // "one in five", "nine out of ten", "3/4 of".
    if matches!(word(1), "in") && near(1) && near(2) && language == Language::English {
        let whole = count(2).filter(|whole| *whole > many && *whole <= 20.0)?;
        let thing = tokens.get(at + 3).map_or("", |next| next.word.as_str());
        let timed = measure_of_time(thing);
        return (!timed).then(|| made(many / whole, 3));
    }
    if word(1) == "out" && word(2) == "of" && near(1) && near(2) && near(3) {
        let whole = count(3).filter(|whole| *whole > many)?;
        return Some(made(many / whole, 4));
    }
    let slash = tokens
        .get(at + 1)
        .is_some_and(|next| text.get(tokens[at].range.end..next.range.start) == Some("/"));
    if slash && of(2) {
        let whole = count(1).filter(|whole| *whole > many && *whole <= 20.0)?;
        return Some(made(many / whole, 2));
    }
    None
}

fn measure_of_time(word: &str) -> bool {
    super::measures::measure(word).is_some_and(|found| found.base == "s")
}

#[cfg(test)]
#[path = "tests/fractions.rs"]
mod tests;
