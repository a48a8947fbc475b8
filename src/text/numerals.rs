//! Notation of numbers and magnitudes; the words are in `numbers/words/numerals.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::language::Language;
use super::word_lists::{Phrases, ValuedWords, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    tens: Phrases,
    ordinals: Phrases,
    counting: WordSet,
    magnitudes: ValuedWords<f64>,
    small: HashMap<Language, Phrases>,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("numerals.toml", include_str!("numbers/words/numerals.toml")));

fn place(words: &[&str], word: &str) -> Option<f64> {
    let place = words.iter().position(|known| *known == word)?;
    Some(place as f64)
}

/// True for a number word, such as "twelve" or "third".
pub(crate) fn names_number(word: &str) -> bool {
    small(word, Language::English).is_some()
        || ordinal(word).is_some()
        || LISTS.counting.contains(word)
}

/// Returns the rank that an English ordinal names.
pub(super) fn ordinal(word: &str) -> Option<f64> {
    place(&LISTS.ordinals, word).map(|place| place + 1.0)
}

/// Returns the value of a single number word of the language; in English also of tens.
pub(super) fn small(word: &str, language: Language) -> Option<f64> {
    let found = place(LISTS.small.get(&language)?, word);
    found.or_else(|| {
        let tens = (language == Language::English).then_some(&LISTS.tens)?;
        place(tens, word).map(|place| (place + 2.0) * 10.0)
    })
}

/// Returns the factor of a magnitude word.
pub(super) fn magnitude(word: &str) -> Option<f64> {
    LISTS.magnitudes.get(word)
}

/// Returns the value and precision of digits with separators: "1,200", "3.5", "1.200,50"; "1 200"
/// is two tokens. `dotted` is true for languages that separate thousands by dots, in which "1.200"
/// is 1200.
pub(super) fn digits(word: &str, dotted: bool) -> Option<(f64, f64)> {
    let clean: String = word
        .chars()
        .filter(|c| !matches!(c, '\'' | '_' | '٬'))
        .map(|c| if c == '٫' { '.' } else { c })
        .collect();
    let commas = clean.matches(',').count();
    let dots = clean.matches('.').count();
    let grouped = |mark: char| {
        let mut groups = clean.split(mark);
        groups
            .next()
            .is_some_and(|first| (1..=3).contains(&first.len()) && first != "0")
            && groups.all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()))
    };
    let plain = match (commas, dots) {
        (0, 0) => clean.clone(),
        (0, 1) if !(dotted && grouped('.')) => clean.clone(),
        // "3,5" is a decimal in most of Europe, "1,200" is grouped in English.
        (1, 0) if !grouped(',') => clean.replace(',', "."),
        (_, 0) => clean.replace(',', ""),
        (0, _) => {
            if grouped('.') {
                clean.replace('.', "")
            } else {
                return None;
            }
        }
        _ if clean.rfind(',') > clean.rfind('.') => clean.replace('.', "").replace(',', "."),
        _ => clean.replace(',', ""),
    };
    let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
    let decimals = plain.split('.').nth(1).map_or(0, str::len);
    let precision = if decimals > 0 {
        0.5 * 10f64.powi(-i32::try_from(decimals).ok()?)
    } else {
        let zeros = plain.len() - plain.trim_end_matches('0').len();
        0.5 * 10f64.powi(i32::try_from(zeros.min(plain.len().saturating_sub(1))).ok()?)
    };
    Some((value, precision))
}

/// Returns the value of a decimal digit of any common script.
pub(crate) fn digit(c: char) -> Option<u8> {
    if c.is_ascii_digit() {
        return Some(c as u8 - b'0');
    }
    const ZEROS: [u32; 18] = [
        0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0,
        0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10,
    ];
    let code = c as u32;
    ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))
        .and_then(|zero| u8::try_from(code - zero).ok())
}

#[cfg(test)]
#[path = "tests/numerals.rs"]
mod tests;
