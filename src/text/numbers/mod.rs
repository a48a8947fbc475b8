//! Parses numbers of a text into values: digits of any script, number words, magnitudes,
//! percentages, money, units, periods.

use super::language::Language;
use super::numerals::{digits, magnitude};
use super::tokens::{Form, Token};

mod adjacency;
mod clock;
mod currencies;
mod found;
pub(super) mod fractions;
pub(super) mod measures;
mod periods;
pub(crate) mod quantity;
mod units;
mod worded;

use adjacency::adjacent;
use clock::clock;
use found::Found;
use fractions::{fraction, vulgar};
use measures::measure;
use periods::{lasting, often};
pub(crate) use quantity::{Bound, Quantity, System, Unit};
use units::{bound, unit};
use worded::in_words;

/// Returns the numbers among the tokens of one sentence, in order. Tokens that are marked in `used`
/// belong to dates.
pub(crate) fn find(
    text: &str,
    tokens: &[Token],
    used: &mut [bool],
    language: Language,
) -> Vec<Quantity> {
    let dotted = matches!(
        language,
        Language::German | Language::Spanish | Language::Italian | Language::Portuguese
    );
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let core = if used[at] {
            // The time after the date in "2024-11-02T18:05:00Z".
            clock(text, tokens, at).filter(|_| tokens[at].word.contains('t'))
        } else {
            clock(text, tokens, at)
                .or_else(|| fraction(text, tokens, at, language))
                .or_else(|| often(text, tokens, at, language))
                .or_else(|| lasting(text, tokens, at))
        }
        .map(|(quantity, length)| (Found::whole(quantity), length))
        .or_else(|| match tokens[at].form {
            _ if used[at] => None,
            Form::Number => in_digits(text, tokens, at, dotted),
            _ => in_words(text, tokens, at, language),
        })
        .or_else(|| {
            (!used[at])
                .then(|| lone_fraction(text, tokens, at))
                .flatten()
        });
        let Some((mut number, length)) = core else {
            at += 1;
            continue;
        };
        let next = at + length;
        let length = if number.quantity.unit == Unit::Rank {
            length
        } else {
            let quantity = &mut number.quantity;
            length + unit(text, tokens, at, next, quantity, language)
        };
        number.quantity.bound = bound(text, tokens, at);
        used[at..at + length]
            .iter_mut()
            .for_each(|used| *used = true);
        found.push(number);
        at += length;
    }
    share(text, &mut found);
    found.into_iter().map(|found| found.quantity).collect()
}

/// Applies the unit and magnitude of a second number to the first one: "12-15 million euros", "$12
/// to 15 million".
fn share(text: &str, found: &mut [Found]) {
    for at in 1..found.len() {
        let (before, after) = found.split_at_mut(at);
        let (one, two) = (&mut before[at - 1], &after[0]);
        let gap = text
            .get(one.quantity.range.end..two.quantity.range.start)
            .unwrap_or_default();
        let joined = matches!(
            gap.trim(),
            "-" | "–" | "—" | "to" | "bis" | "or" | "oder" | "à" | "a" | "and" | "und" | "~"
        );
        if !joined || one.complete || one.factor != 1.0 {
            continue;
        }
        let (own, next) = (&mut one.quantity, &two.quantity);
        let bare = own.unit == Unit::Bare;
        if !bare
            && !matches!(
                (&own.unit, &next.unit),
                (
                    Unit::Money(_),
                    Unit::Money(_) | Unit::Bare | Unit::Things(_)
                )
            )
        {
            continue;
        }
        // "In 5 and 7 million cases" may be a list of two different magnitudes.
        if own.raw <= next.raw / next_factor(two) || gap.trim() != "and" {
            own.value *= two.factor;
            own.raw *= two.factor;
            own.precision *= two.factor;
        }
        if bare && next.unit != Unit::Rank {
            if let (Unit::Measure(_), true) = (&next.unit, next.raw != 0.0) {
                let size = next.value / next.raw;
                own.value = own.raw * size;
                own.precision *= size;
            }
            own.unit = next.unit.clone();
            own.system = next.system;
            own.per = next.per;
        }
    }
}

fn next_factor(found: &Found) -> f64 {
    found.factor.max(1.0)
}

/// Parses a fraction in one character without a preceding digit, as in "½ million".
fn lone_fraction(text: &str, tokens: &[Token], at: usize) -> Option<(Found, usize)> {
    let value = part(&tokens[at])?;
    let mut quantity = Quantity::new(tokens[at].range.clone(), value, 0.005);
    let mut factor = 1.0;
    let mut length = 1;
    if let Some(next) = tokens
        .get(at + 1)
        .filter(|_| adjacent(text, tokens, at + 1))
        && let Some(size) = magnitude(&next.word)
    {
        factor = size;
        quantity.range.end = next.range.end;
        length = 2;
    }
    quantity.scale(factor);
    let found = Found {
        quantity,
        factor,
        complete: false,
    };
    Some((found, length))
}

/// Returns the value of a token that is a fraction in one character.
fn part(token: &Token) -> Option<f64> {
    let mut characters = token.word.chars();
    let value = vulgar(characters.next()?)?;
    characters.next().is_none().then_some(value)
}

/// Returns the currency before a number: "$", "US$", "USD 5", "kr 5"; with the byte position at
/// which it begins.
fn money_before(text: &str, tokens: &[Token], at: usize) -> Option<(&'static str, usize)> {
    let before = &text[..tokens[at].range.start];
    let tight = before
        .strip_suffix([' ', '\u{a0}', '\u{202f}'])
        .unwrap_or(before);
    let token = at.checked_sub(1).map(|at| &tokens[at]);
    if let Some(mark) = tight.chars().next_back()
        && let Some(code) = currencies::sign(mark)
    {
        let start = tight.len() - mark.len_utf8();
        return token
            .filter(|token| mark == '$' && token.range.end == start)
            .and_then(|token| Some((currencies::before_sign(&token.word)?, token.range.start)))
            .or(Some((code, start)));
    }
    let token = token
        .filter(|token| token.range.end == tight.len() || token.range.end + 1 == tight.len())?;
    let code = currencies::code(&token.word, token.acronym)?;
    Some((code, token.range.start))
}

fn in_digits(text: &str, tokens: &[Token], at: usize, dotted: bool) -> Option<(Found, usize)> {
    let token = &tokens[at];
    let tail_at = token
        .word
        .find(|c: char| c.is_alphabetic())
        .unwrap_or(token.word.len());
    let plain = token.word[..tail_at].trim_end_matches(['.', ',']);
    let (value, precision) = digits(plain, dotted)?;
    let tail = &token.word[tail_at..];
    let mut number = Quantity::new(token.range.clone(), value, precision);
    let money = money_before(text, tokens, at);
    let mut factor = attached(tail, money.is_some(), &mut number)?;
    let mut length = 1;
    if tail.is_empty() {
        length = groups(text, tokens, at, &mut number)?;
        // "1½ million".
        if adjacent(text, tokens, at + length)
            && let Some(more) = part(&tokens[at + length])
        {
            number.value += more;
            number.raw = number.value;
            number.precision = 0.005;
            number.range.end = tokens[at + length].range.end;
            length += 1;
        }
    }
    if number.unit == Unit::Bare
        && factor == 1.0
        && let Some((size, end)) = magnitude_behind(text, tokens, at + length, money.is_some())
    {
        factor = size;
        number.range.end = end;
        length += 1;
    }
    number.scale(factor);
    if let Some((code, start)) = money {
        number.unit = Unit::Money(code);
        number.range.start = start;
    } else {
        sign(text, tokens, at, &mut number);
    }
    number.precision = number.precision.abs();
    let found = Found {
        quantity: number,
        factor,
        complete: false,
    };
    Some((found, length))
}

/// Parses letters that are attached to digits: an ordinal suffix, a unit, or a magnitude, which is
/// returned. `None` if they are anything else, in which case this is no number.
fn attached(tail: &str, is_money: bool, number: &mut Quantity) -> Option<f64> {
    match tail {
        "" => {}
        "st" | "nd" | "rd" | "th" => number.unit = Unit::Rank,
        _ => {
            let found = measure(tail);
            // "5m" is millions of money after a currency sign, and metres otherwise.
            if let Some(size) = magnitude(tail).filter(|_| is_money || found.is_none()) {
                return Some(size);
            }
            let found = found?;
            number.value = (number.raw + found.offset) * found.factor;
            number.precision *= found.factor;
            number.unit = Unit::Measure(found.base);
            number.system = found.system;
        }
    }
    Some(1.0)
}

/// Parses groups separated by spaces, as in French "1 200 000"; returns the number of tokens.
fn groups(text: &str, tokens: &[Token], at: usize, number: &mut Quantity) -> Option<usize> {
    let mut length = 1;
    while adjacent(text, tokens, at + length)
        && tokens[at + length].form == Form::Number
        && tokens[at + length].word.len() == 3
        && text[tokens[at + length - 1].range.end..tokens[at + length].range.start]
            .chars()
            .all(|c| matches!(c, '\u{a0}' | '\u{202f}' | ' '))
        && tokens[at + length].word.bytes().all(|b| b.is_ascii_digit())
        && tokens[at].word.len() <= 3
    {
        let group = tokens[at + length].word.parse::<f64>().ok()?;
        number.value = number.value.mul_add(1e3, group);
        number.raw = number.value;
        number.range.end = tokens[at + length].range.end;
        length += 1;
    }
    Some(length)
}

/// Returns the magnitude that the word after a number names or begins with, and the byte position
/// after it.
fn magnitude_behind(
    text: &str,
    tokens: &[Token],
    at: usize,
    is_money: bool,
) -> Option<(f64, usize)> {
    let next = tokens.get(at).filter(|_| adjacent(text, tokens, at))?;
    let first = next.word.chars().next();
    let size = magnitude(&next.word).or_else(|| {
        first
            .and_then(|c| magnitude(c.encode_utf8(&mut [0; 4])))
            .filter(|_| next.form == Form::Bigram)
    })?;
    // After a number that is no amount of money these are units.
    if !is_money && matches!(next.word.as_str(), "m" | "mm" | "b" | "t" | "k") {
        return None;
    }
    let end = if next.form == Form::Bigram {
        next.range.start + first.map_or(0, char::len_utf8)
    } else {
        next.range.end
    };
    Some((size, end))
}

/// Makes a number negative if a minus, as a sign or as a word, precedes it.
fn sign(text: &str, tokens: &[Token], at: usize, number: &mut Quantity) {
    let before = &text[..number.range.start];
    let marked = before.ends_with(['-', '−'])
        && !before
            .trim_end_matches(['-', '−'])
            .trim_end_matches(' ')
            .ends_with(char::is_alphanumeric);
    let named = at > 0
        && matches!(
            tokens[at - 1].word.as_str(),
            "minus" | "moins" | "menos" | "meno"
        );
    if marked {
        number.scale(-1.0);
        number.range.start -= before.chars().next_back().map_or(0, char::len_utf8);
    } else if named {
        number.scale(-1.0);
        number.range.start = tokens[at - 1].range.start;
    }
}

#[cfg(test)]
mod tests;
