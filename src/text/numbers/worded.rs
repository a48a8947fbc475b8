//! Numbers in words: "two hundred and fifty thousand", "half a million", "three and a half", "zwölf".

use super::super::language::Language;
use super::super::tokens::Token;
use super::adjacency::adjacent;
use super::found::Found;
use super::measures::measure;
use super::numerals::{RANKS, SMALL, TENS, magnitude, small};
use super::quantity::{Quantity, Unit};

/// The number in words that begins with the token, and its tokens.
pub(super) fn in_words(
    text: &str,
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(Found, usize)> {
    let first = tokens[at].word.as_str();
    let rank = RANKS.iter().position(|name| *name == first);
    let mut quantity = Quantity::new(tokens[at].range.clone(), 0.0, 0.5);
    let done = |quantity: Quantity, factor: f64, length: usize| {
        let found = Found {
            quantity,
            factor,
            complete: false,
        };
        Some((found, length))
    };
    if let Some(place) = rank {
        quantity.value = place as f64 + 1.0;
        quantity.raw = quantity.value;
        quantity.unit = Unit::Rank;
        quantity.weak = true;
        return done(quantity, 1.0, 1);
    }
    if language != Language::English
        && let Some(value) = small(first, language).filter(|value| *value > 1.0)
    {
        let next = tokens
            .get(at + 1)
            .filter(|_| adjacent(text, tokens, at + 1));
        let size = next.and_then(|next| magnitude(&next.word).filter(|_| next.word.len() > 2));
        let length = 1 + usize::from(size.is_some());
        quantity.value = value;
        quantity.raw = value;
        // Words of other languages that are numbers and something else ("acht", "neuf", "sei").
        quantity.weak = size.is_none();
        quantity.range.end = tokens[at + length - 1].range.end;
        quantity.scale(size.unwrap_or(1.0));
        return done(quantity, size.unwrap_or(1.0), length);
    }
    // "half a million", "half an hour", "a hundred".
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let near = |ahead: usize| adjacent(text, tokens, at + ahead);
    let half = usize::from(first == "half" && matches!(word(1), "a" | "an") && near(1));
    if (half == 1 || matches!(first, "a" | "an")) && near(half + 1) {
        let noun = word(half + 1);
        let size = match noun {
            "dozen" => Some(12.0),
            "hundred" | "thousand" | "million" | "billion" | "trillion" => magnitude(noun),
            _ => None,
        };
        let part = if half == 1 { 0.5 } else { 1.0 };
        if let Some(size) = size {
            quantity.value = part;
            quantity.raw = part;
            quantity.range.end = tokens[at + half + 1].range.end;
            quantity.scale(size);
            return done(quantity, size, half + 2);
        }
        if half == 1 && measure(noun).is_some() {
            quantity.value = part;
            quantity.raw = part;
            quantity.precision = 0.05;
            return done(quantity, 1.0, 2);
        }
    }
    let (mut total, mut part, mut length) = (0.0, 0.0, 0);
    let mut factor = 1.0;
    while at + length < tokens.len() && (length == 0 || adjacent(text, tokens, at + length)) {
        let word = tokens[at + length].word.as_str();
        if let Some(small) = SMALL.iter().position(|name| *name == word) {
            part += small as f64;
        } else if let Some(tens) = TENS.iter().position(|name| *name == word) {
            part += (tens as f64 + 2.0) * 10.0;
        } else if word == "dozen" {
            part = if part == 0.0 { 12.0 } else { part * 12.0 };
        } else if word == "hundred" && length > 0 {
            part *= 100.0;
        } else if let Some(size) = magnitude(word).filter(|_| length > 0 && word.len() > 2) {
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
    quantity.value = total + part;
    // "three and a half".
    if word(length) == "and"
        && matches!(word(length + 1), "a")
        && word(length + 2) == "half"
        && (1..=2).all(|ahead| near(length + ahead))
    {
        quantity.value += 0.5;
        length += 3;
        if let Some(size) =
            magnitude(word(length)).filter(|_| near(length) && word(length).len() > 2)
        {
            quantity.value *= size;
            factor = size;
            length += 1;
        }
    }
    quantity.raw = quantity.value;
    quantity.range.end = tokens[at + length - 1].range.end;
    quantity.weak = length == 1 && matches!(first, "one" | "zero");
    done(quantity, factor, length)
}

fn joins(before: &str, after: &str) -> bool {
    matches!(before, "hundred" | "thousand" | "million")
        && (SMALL.contains(&after) || TENS.contains(&after))
}
