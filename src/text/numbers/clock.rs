//! Times of day: "15:00", "3 p.m.", "9:30 am EST", "14h30", "15 Uhr", "noon", "T18:05:00Z".

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::tokens::{Form, Token};
use super::super::word_lists::{ValuedWords, WordSet, read};
use super::adjacency::adjacent;
use super::quantity::{CLOCK, Quantity, Unit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    midnight: WordSet,
    noon: WordSet,
    /// Offsets of time zones from UTC, in minutes.
    zones: ValuedWords<i16>,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("clock.toml", include_str!("words/clock.toml")));

/// Parses the time of day that begins at the token, and returns the number of its tokens.
pub(super) fn clock(text: &str, tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let named = match word(at) {
        word if LISTS.noon.contains(word) => Some(720.0),
        word if LISTS.midnight.contains(word) => Some(0.0),
        _ => None,
    };
    let (minutes, mut length, mut end) = match named {
        Some(minutes) => (minutes, 1, tokens[at].range.end),
        None => digits(text, tokens, at)?,
    };
    let mut zone = None;
    if let Some((minutes, more, to)) = self::zone(text, tokens, at + length, end) {
        zone = Some(minutes);
        length += more;
        end = to;
    }
    let mut quantity = Quantity::new(tokens[at].range.start..end, minutes, 0.5);
    quantity.unit = Unit::Measure(CLOCK);
    quantity.zone = zone;
    Some((quantity, length))
}

/// Returns the value of one or two digits.
fn short(word: &str) -> Option<f64> {
    let plain = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| word.parse().ok()).flatten()
}

/// True if only a colon separates a token from the one before it.
fn behind_colon(text: &str, tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| text.get(tokens[at - 1].range.end..token.range.start) == Some(":"))
}

/// Parses a time in digits. Returns the minutes after midnight, the number of tokens, and the byte
/// position after it.
fn digits(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize, usize)> {
    let token = tokens.get(at).filter(|token| token.form == Form::Number)?;
    if let Some((_, hours)) = token.word.split_once('t') {
        return behind_day(text, tokens, at, hours);
    }
    let mut word = token.word.as_str();
    let mut half = "";
    for tail in ["am", "pm", "uhr", "h"] {
        if let Some(bare) = word.strip_suffix(tail) {
            (word, half) = (bare, tail);
        }
    }
    // "14h30".
    if let Some((hours, minutes)) = word.split_once('h') {
        let (hours, minutes) = (short(hours)?, short(minutes)?);
        let fits = hours < 24.0 && minutes < 60.0;
        return fits.then_some((hours.mul_add(60.0, minutes), 1, token.range.end));
    }
    let mut length = 1;
    let mut minutes = 0.0;
    let mut hours = match short(word) {
        Some(hours) => hours,
        // "9.30 Uhr" and "7.15 a.m." are times only because of the following word; otherwise it is
        // a number.
        None => {
            let (hours, rest) = word.split_once('.')?;
            minutes = short(rest).filter(|minutes| rest.len() == 2 && *minutes < 60.0)?;
            short(hours)?
        }
    };
    if hours > 24.0 {
        return None;
    }
    let dotted = word.contains('.');
    let mut colon = false;
    if half.is_empty()
        && !dotted
        && behind_colon(text, tokens, at + 1)
        && let Some((found, tail)) = minutes_and_half(&tokens[at + 1].word)
    {
        (minutes, half, colon) = (found, tail, true);
        let seconds =
            half.is_empty() && behind_colon(text, tokens, at + 2) && tokens[at + 2].word.len() == 2;
        length = if seconds { 3 } else { 2 };
    }
    let mut end = tokens[at + length - 1].range.end;
    if half == "z" {
        half = "";
        end -= 1;
    }
    if half.is_empty()
        && let Some(found) = half_behind(text, tokens, at + length, colon)
    {
        half = found;
        end = tokens[at + length].range.end;
        length += 1;
        // The minutes may follow "Uhr": "9 Uhr 30".
        if found == "uhr"
            && !colon
            && !dotted
            && let Some(found) = tokens
                .get(at + length)
                .filter(|_| adjacent(text, tokens, at + length))
                .and_then(|token| short(&token.word))
                .filter(|found| *found < 60.0)
        {
            minutes = found;
            end = tokens[at + length].range.end;
            length += 1;
        }
    }
    match half {
        "am" if hours <= 12.0 => hours %= 12.0,
        "pm" if hours <= 12.0 => hours = hours % 12.0 + 12.0,
        "uhr" => {}
        "h" if !dotted && hours <= 24.0 && hour_lead(text, tokens, at) => {}
        _ if !colon => return None,
        _ => {}
    }
    Some((hours.mul_add(60.0, minutes), length, end))
}

/// Parses the time of "2024-11-02T18:05:00Z", in which the hours are attached to the day.
fn behind_day(text: &str, tokens: &[Token], at: usize, hours: &str) -> Option<(f64, usize, usize)> {
    let hours = short(hours).filter(|hours| *hours < 24.0 && tokens[at].word.len() == 5)?;
    let minutes = tokens
        .get(at + 1)
        .filter(|_| behind_colon(text, tokens, at + 1))?;
    let plain = minutes.word.trim_end_matches('z');
    let mut end = minutes.range.end - (minutes.word.len() - plain.len());
    let value = hours.mul_add(60.0, short(plain).filter(|minutes| *minutes < 60.0)?);
    // The Z is not consumed here, since it is the time zone.
    let mut length = if plain.len() == minutes.word.len() {
        2
    } else {
        1
    };
    if length == 2 && behind_colon(text, tokens, at + 2) {
        let token = &tokens[at + 2];
        let seconds = token.word.trim_end_matches('z');
        end = token.range.start + seconds.len();
        length += usize::from(seconds.len() == token.word.len());
    }
    Some((value, length, end))
}

/// Parses the text after the colon: two digits, and an attached suffix ("30pm").
fn minutes_and_half(word: &str) -> Option<(f64, &'static str)> {
    let (mut digits, mut half) = (word, "");
    for tail in ["am", "pm", "z", "uhr"] {
        if let Some(bare) = digits.strip_suffix(tail) {
            (digits, half) = (bare, tail);
        }
    }
    let minutes = short(digits).filter(|minutes| *minutes < 60.0 && digits.len() == 2)?;
    Some((minutes, half))
}

/// Returns "am", "pm" or "uhr" if such a word follows the digits.
fn half_behind(text: &str, tokens: &[Token], at: usize, colon: bool) -> Option<&'static str> {
    let word = tokens.get(at).filter(|_| adjacent(text, tokens, at))?;
    let half = match word.word.as_str() {
        "am" | "a.m" | "a.m." => "am",
        "pm" | "p.m" | "p.m." => "pm",
        "uhr" => "uhr",
        _ => return None,
    };
    // In German, "am" means "on the" and is no part of a time after a plain number.
    let german = word.word == "am"
        && text[word.range.end..].starts_with(" ")
        && tokens
            .get(at + 1)
            .is_some_and(|after| after.capital || after.form == Form::Number)
        && !colon;
    (!german).then_some(half)
}

/// True for "à 14 h", which is a time of day, while "14 h" alone is a duration.
fn hour_lead(text: &str, tokens: &[Token], at: usize) -> bool {
    at > 0
        && adjacent(text, tokens, at)
        && matches!(
            tokens[at - 1].word.as_str(),
            "à" | "a" | "at" | "um" | "dès" | "alle" | "vers"
        )
}

/// Parses the time zone after a time. Returns its offset from UTC in minutes, the number of its
/// tokens, and the byte position after it.
fn zone(text: &str, tokens: &[Token], next: usize, from: usize) -> Option<(i16, usize, usize)> {
    let rest = text.get(from..)?;
    // A letter or an offset directly after the digits.
    if rest.starts_with(['Z', 'z']) && !rest[1..].starts_with(char::is_alphanumeric) {
        let taken = tokens
            .get(next)
            .is_some_and(|token| token.range.start < from + 1);
        return Some((0, usize::from(taken), from + 1));
    }
    let mut minutes = 0;
    let mut length = 0;
    let mut end = from;
    if let Some(token) = tokens.get(next).filter(|token| {
        token.range.start >= from
            && text[from..token.range.start]
                .trim_matches(['(', ',', '.', ' ', '\u{a0}', '\u{202f}'])
                .is_empty()
    }) {
        // In capitals only, as in "14:30 Uhr MEZ": "est" is French for "is".
        let known = LISTS.zones.get(&token.word).filter(|_| token.acronym);
        if let Some(ahead) = known {
            minutes = ahead;
            length = 1;
            end = token.range.end;
        }
    }
    let tail = &text[end..];
    if let Some(sign) = tail.chars().next().filter(|c| matches!(c, '+' | '-' | '−'))
        && let Some(token) = tokens.get(next + length).filter(|token| {
            token.range.start == end + sign.len_utf8()
                && token.word.bytes().all(|b| b.is_ascii_digit())
        })
    {
        let colon = text[token.range.end..].starts_with(':');
        let two = tokens.get(next + length + 1).filter(|_| colon);
        let value: i16 = token.word.parse().ok()?;
        let (hours, rest) = if token.word.len() == 4 {
            (value / 100, value % 100)
        } else {
            (value, 0)
        };
        let rest = two.and_then(|two| two.word.parse().ok()).unwrap_or(rest);
        if hours <= 14 && rest < 60 && (length == 1 || colon || token.word.len() == 4) {
            let ahead = hours * 60 + rest;
            minutes += if sign == '+' { ahead } else { -ahead };
            length += 1 + usize::from(two.is_some());
            end = two.unwrap_or(token).range.end;
            return Some((minutes, length, end));
        }
    }
    (length > 0).then_some((minutes, length, end))
}

#[cfg(test)]
#[path = "tests/clock.rs"]
mod tests;
