//! Numbers of a text as values: digits of any script, words, magnitudes, percent, money, units.

use std::ops::Range;

use super::clock::clock;
use super::language::Language;
use super::numerals::{RANKS, SMALL, TENS, digits, magnitude, measure, money};
use super::tokens::{Form, Token};
use super::units::{adjacent, bound, unit};

/// What a number counts or measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Nothing that the text names.
    Bare,
    /// Per cent, or percentage points.
    Percent,
    /// Money, by an ISO-like code.
    Money(&'static str),
    /// A measure, converted to its base unit.
    Measure(&'static str),
    /// Things: the term of the noun behind the number.
    Things(String),
    /// A place in an order ("third").
    Rank,
}

/// How the text bounds the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// As it stands.
    Exact,
    /// "about", "nearly".
    About,
    /// "more than", "at least", "over".
    Above,
    /// "less than", "at most", "under".
    Below,
}

/// One number of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Bytes of the text, magnitude and percent sign included.
    pub range: Range<usize>,
    /// In base units.
    pub value: f64,
    /// Half a unit of the last digit that is given, in base units.
    pub precision: f64,
    /// What is counted.
    pub unit: Unit,
    /// How it is bounded.
    pub bound: Bound,
    /// True for a number in words that is often no number ("one").
    pub weak: bool,
}

impl Quantity {
    /// True where the two may speak of the same thing, by their units.
    pub fn comparable(&self, other: &Self) -> bool {
        match (&self.unit, &other.unit) {
            (Unit::Bare, Unit::Things(_) | Unit::Bare) | (Unit::Things(_), Unit::Bare) => true,
            (Unit::Money(one), Unit::Money(two)) => {
                one == two || *one == "money" || *two == "money"
            }
            (one, two) => one == two,
        }
    }

    /// True where `source` bears this number out: equal values, or rounding that a hedge admits.
    pub fn matches(&self, source: &Self) -> bool {
        let units = match (&self.unit, &source.unit) {
            // Nouns differ by paraphrase ("staff", "people"): equal values count.
            (Unit::Things(_), Unit::Things(_) | Unit::Money(_))
            | (Unit::Money(_), Unit::Things(_)) => true,
            // "5 million" against "5 million dollars".
            (Unit::Bare, unit) | (unit, Unit::Bare) => !matches!(unit, Unit::Rank | Unit::Percent),
            _ => self.comparable(source),
        };
        if !units {
            return false;
        }
        let (claimed, given) = (self.value, source.value);
        let scale = claimed.abs().max(given.abs());
        if (claimed - given).abs() <= scale * 1e-9 {
            return true;
        }
        match self.bound {
            Bound::Above if given > claimed && given <= claimed.abs().mul_add(0.25, claimed) => {
                true
            }
            Bound::Below if given < claimed && given >= claimed - claimed.abs() * 0.25 => true,
            Bound::About => {
                (claimed - given).abs() <= (scale * 0.06).max(self.precision.min(scale * 0.1))
            }
            // "3.2 million" for 3,214,900: rounding to fewer digits, not to one.
            _ if self.precision > source.precision => {
                (claimed - given).abs() <= self.precision.min(scale * 0.03)
            }
            _ => source.bound == Bound::About && (claimed - given).abs() <= scale * 0.02,
        }
    }
}

/// The numbers among the tokens of one sentence that are not `used` by dates, in order.
pub fn find(text: &str, tokens: &[Token], used: &mut [bool], language: Language) -> Vec<Quantity> {
    let dotted = matches!(
        language,
        Language::German | Language::Spanish | Language::Italian | Language::Portuguese
    );
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let core = if used[at] {
            None
        } else if tokens[at].form == Form::Number {
            clock(text, tokens, at).or_else(|| in_digits(text, tokens, at, dotted))
        } else {
            in_words(text, tokens, at)
        };
        let Some((mut quantity, length)) = core else {
            at += 1;
            continue;
        };
        let next = at + length;
        let length = length + unit(text, tokens, next, &mut quantity);
        quantity.bound = bound(text, tokens, at);
        used[at..at + length]
            .iter_mut()
            .for_each(|used| *used = true);
        found.push(quantity);
        at += length;
    }
    found
}

fn in_digits(text: &str, tokens: &[Token], at: usize, dotted: bool) -> Option<(Quantity, usize)> {
    let token = &tokens[at];
    let tail_at = token
        .word
        .find(|c: char| c.is_alphabetic())
        .unwrap_or(token.word.len());
    let (mut value, mut precision) =
        digits(token.word[..tail_at].trim_end_matches(['.', ',']), dotted)?;
    let tail = &token.word[tail_at..];
    let mut unit = Unit::Bare;
    let mut range = token.range.clone();
    let mut length = 1;
    match tail {
        "" => {}
        "st" | "nd" | "rd" | "th" => unit = Unit::Rank,
        // "5m" is money where a currency sign says so, else metres.
        "m" | "g" | "b" | "t"
            if !text[..range.start].ends_with(['$', '€', '£', '¥']) && measure(tail).is_some() =>
        {
            unit = Unit::Measure(measure(tail)?.0);
        }
        _ => {
            if let Some(factor) = magnitude(tail) {
                value *= factor;
                precision *= factor;
            } else if let Some((base, factor)) = measure(tail) {
                value *= factor;
                precision *= factor;
                unit = Unit::Measure(base);
            } else {
                return None;
            }
        }
    }
    // "1 200 000" with blanks, as in French.
    while tail.is_empty()
        && adjacent(text, tokens, at + length)
        && tokens[at + length].form == Form::Number
        && tokens[at + length].word.len() == 3
        && text[tokens[at + length - 1].range.end..tokens[at + length].range.start]
            .chars()
            .all(|c| matches!(c, '\u{a0}' | '\u{202f}' | ' '))
        && tokens[at + length].word.bytes().all(|b| b.is_ascii_digit())
        && tokens[at].word.len() <= 3
    {
        value = value.mul_add(1e3, tokens[at + length].word.parse::<f64>().ok()?);
        range.end = tokens[at + length].range.end;
        length += 1;
    }
    if unit == Unit::Bare
        && let Some(next) = tokens
            .get(at + length)
            .filter(|_| adjacent(text, tokens, at + length))
        && let Some(factor) = magnitude(&next.word).or_else(|| {
            next.word
                .chars()
                .next()
                .and_then(|c| magnitude(c.encode_utf8(&mut [0; 4])))
                .filter(|_| next.form == Form::Bigram)
        })
        && !matches!(next.word.as_str(), "m" | "b" | "t" | "k")
    {
        value *= factor;
        precision *= factor;
        range.end = if next.form == Form::Bigram {
            next.range.start + next.word.chars().next().map_or(0, char::len_utf8)
        } else {
            next.range.end
        };
        length += 1;
    }
    let before = &text[..range.start];
    let tight = before.strip_suffix(' ').unwrap_or(before);
    if let Some(mark) = tight.chars().next_back()
        && let Some(code) = money(mark.encode_utf8(&mut [0; 4]))
    {
        unit = Unit::Money(code);
        range.start = tight.len() - mark.len_utf8();
    } else if before.ends_with(['-', '−'])
        && !before
            .trim_end_matches(['-', '−'])
            .ends_with(char::is_alphanumeric)
    {
        value = -value;
        range.start -= before.chars().next_back().map_or(0, char::len_utf8);
    }
    let quantity = Quantity {
        range,
        value,
        precision,
        unit,
        bound: Bound::Exact,
        weak: false,
    };
    Some((quantity, length))
}

fn in_words(text: &str, tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let first = tokens[at].word.as_str();
    let rank = RANKS.iter().position(|name| *name == first);
    let mut quantity = Quantity {
        range: tokens[at].range.clone(),
        value: 0.0,
        precision: 0.5,
        unit: Unit::Bare,
        bound: Bound::Exact,
        weak: false,
    };
    if let Some(place) = rank {
        quantity.value = place as f64 + 1.0;
        quantity.unit = Unit::Rank;
        quantity.weak = true;
        return Some((quantity, 1));
    }
    let (mut total, mut part, mut length) = (0.0, 0.0, 0);
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
        } else if let Some(factor) = magnitude(word).filter(|_| length > 0 && word.len() > 2) {
            total += part * factor;
            part = 0.0;
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
    quantity.range.end = tokens[at + length - 1].range.end;
    quantity.weak = length == 1 && matches!(first, "one" | "zero");
    Some((quantity, length))
}

fn joins(before: &str, after: &str) -> bool {
    matches!(before, "hundred" | "thousand" | "million")
        && (SMALL.contains(&after) || TENS.contains(&after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens::Tokenizer;

    fn numbers(text: &str) -> Vec<Quantity> {
        let tokens = Tokenizer::new(Language::of(text)).tokens(text, 0..text.len());
        find(
            text,
            &tokens,
            &mut vec![false; tokens.len()],
            Language::of(text),
        )
    }

    #[test]
    fn values_and_units() {
        for (text, value, unit) in [
            ("sold for $3.2 million", 3.2e6, Unit::Money("usd")),
            ("worth €5bn", 5e9, Unit::Money("eur")),
            ("up 12 per cent", 12.0, Unit::Percent),
            ("about 4.5% more", 4.5, Unit::Percent),
            ("two hundred and fifty thousand", 250_000.0, Unit::Bare),
            ("twenty-five ships", 25.0, Unit::Things("ship".to_owned())),
            ("a 5 km path", 5000.0, Unit::Measure("m")),
            ("the 3rd", 3.0, Unit::Rank),
            ("٤٠٠٠٠ كتاب", 40_000.0, Unit::Things("كتاب".to_owned())),
            ("3万册", 30_000.0, Unit::Things("万册".to_owned())),
        ] {
            let found = numbers(text);
            assert_eq!(found.len(), 1, "{text} {found:?}");
            assert_eq!(found[0].value, value, "{text}");
            if !text.starts_with('3') {
                assert_eq!(found[0].unit, unit, "{text}");
            }
        }
        assert!(numbers("no number here").is_empty());
    }

    #[test]
    fn rounding_needs_a_hedge_or_fewer_digits() {
        let matches = |claimed: &str, given: &str| numbers(claimed)[0].matches(&numbers(given)[0]);
        for (claimed, given, expected) in [
            ("1,200 workers", "1200 employees", true),
            ("1,500 workers", "1,200 workers", false),
            ("about 1,250 workers", "1,200 workers", true),
            ("more than 1,000 workers", "1,200 workers", true),
            ("more than 1,000 workers", "900 workers", false),
            ("3.2 million euros", "3,214,900 euros", true),
            ("3.2 million euros", "3,514,900 euros", false),
            ("12 percent", "12%", true),
            ("12 percent", "12 ships", false),
            ("nine ships", "9 ships", true),
        ] {
            assert_eq!(matches(claimed, given), expected, "{claimed} / {given}");
        }
    }
}
