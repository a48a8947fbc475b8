//! Numbers in words: "two hundred and fifty thousand", "half a million", "three and a half",
//! "zwölf".

use super::super::language::Language;
use super::super::numerals::{magnitude, ordinal, small};
use super::super::tokens::Token;
use super::adjacency::adjacent;
use super::found::Found;
use super::measures::measure;
use super::quantity::{Quantity, Unit};

/// Parses a number in words that begins at the token, and returns the number of its tokens.
pub(super) fn in_words(
    text: &str,
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(Found, usize)> {
    if let Some(place) = ordinal(&tokens[at].word) {
        let mut quantity = Quantity::new(tokens[at].range.clone(), place, 0.5);
        quantity.unit = Unit::Rank;
        quantity.weak = true;
        return Some((found(quantity, 1.0), 1));
    }
    foreign(text, tokens, at, language)
        .or_else(|| with_article(text, tokens, at))
        .or_else(|| english(text, tokens, at))
}

fn found(quantity: Quantity, factor: f64) -> Found {
    Found {
        quantity,
        factor,
        complete: false,
    }
}

/// Returns the factor of a magnitude of at least three letters; shorter ones, such as "m", may be
/// units.
fn spelled_magnitude(word: &str) -> Option<f64> {
    magnitude(word).filter(|_| word.len() > 2)
}

/// Parses a number word of another language: "zwölf", "trois mille".
fn foreign(text: &str, tokens: &[Token], at: usize, language: Language) -> Option<(Found, usize)> {
    if language == Language::English {
        return None;
    }
    let value = small(&tokens[at].word, language).filter(|value| *value > 1.0)?;
    let next = tokens
        .get(at + 1)
        .filter(|_| adjacent(text, tokens, at + 1));
    let size = next.and_then(|next| spelled_magnitude(&next.word));
    let length = 1 + usize::from(size.is_some());
    let range = tokens[at].range.start..tokens[at + length - 1].range.end;
    let mut quantity = Quantity::new(range, value, 0.5);
    // Some number words of other languages also have another meaning ("acht", "neuf", "sei").
    quantity.weak = size.is_none();
    quantity.scale(size.unwrap_or(1.0));
    Some((found(quantity, size.unwrap_or(1.0)), length))
}

/// "half a million", "half an hour", "a hundred".
fn with_article(text: &str, tokens: &[Token], at: usize) -> Option<(Found, usize)> {
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let near = |ahead: usize| adjacent(text, tokens, at + ahead);
    let half = usize::from(word(0) == "half" && matches!(word(1), "a" | "an") && near(1));
    if !(half == 1 || matches!(word(0), "a" | "an")) || !near(half + 1) {
        return None;
    }
    let noun = word(half + 1);
    let size = match noun {
        "dozen" => Some(12.0),
        "hundred" | "thousand" | "million" | "billion" | "trillion" => magnitude(noun),
        _ => None,
    };
    let part = if half == 1 { 0.5 } else { 1.0 };
    let mut quantity = Quantity::new(tokens[at].range.clone(), part, 0.5);
    if let Some(size) = size {
        quantity.range.end = tokens[at + half + 1].range.end;
        quantity.scale(size);
        return Some((found(quantity, size), half + 2));
    }
    // The following unit is parsed together with it.
    quantity.precision = 0.05;
    (half == 1 && measure(noun).is_some()).then(|| (found(quantity, 1.0), 2))
}

/// "two hundred and fifty thousand", "three and a half".
fn english(text: &str, tokens: &[Token], at: usize) -> Option<(Found, usize)> {
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let near = |ahead: usize| adjacent(text, tokens, at + ahead);
    let (mut total, mut part, mut length) = (0.0, 0.0, 0);
    let mut factor = 1.0;
    while at + length < tokens.len() && (length == 0 || near(length)) {
        let word = tokens[at + length].word.as_str();
        if let Some(small) = small(word, Language::English) {
            part += small;
        } else if word == "dozen" {
            part = if part == 0.0 { 12.0 } else { part * 12.0 };
        } else if word == "hundred" && length > 0 {
            part *= 100.0;
        } else if let Some(size) = spelled_magnitude(word).filter(|_| length > 0) {
            total += part * size;
            part = 0.0;
            factor = size;
        } else if word == "and"
            && length > 0
            && tokens
                .get(at + length + 1)
                .is_some_and(|next| joins(&tokens[at + length - 1].word, &next.word))
        {
            // "two hundred and fifty"
        } else {
            break;
        }
        length += 1;
    }
    if length == 0 {
        return None;
    }
    let mut value = total + part;
    let and_a_half = word(length) == "and" && word(length + 1) == "a" && word(length + 2) == "half";
    if and_a_half && (1..=2).all(|ahead| near(length + ahead)) {
        value += 0.5;
        length += 3;
        if let Some(size) = spelled_magnitude(word(length)).filter(|_| near(length)) {
            value *= size;
            factor = size;
            length += 1;
        }
    }
    let range = tokens[at].range.start..tokens[at + length - 1].range.end;
    let mut quantity = Quantity::new(range, value, 0.5);
    quantity.weak = length == 1 && matches!(word(0), "one" | "zero");
    Some((found(quantity, factor), length))
}

fn joins(before: &str, after: &str) -> bool {
    matches!(before, "hundred" | "thousand" | "million")
        && small(after, Language::English).is_some()
}
