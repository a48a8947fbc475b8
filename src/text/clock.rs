//! Times of day: "15:00", "3 p.m.", "9:30 am".

use super::numbers::{Bound, Quantity, Unit};
use super::tokens::{Form, Token};
use super::units::adjacent;

/// The measure under which minutes after midnight are compared: a time of day is no rival of a count.
const CLOCK: Unit = Unit::Measure("time of day");

/// The time that begins with the token, and how many tokens it takes.
pub(super) fn clock(text: &str, tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let part = |at: usize| -> Option<f64> {
        let token: &Token = tokens.get(at)?;
        let short = token.form == Form::Number && token.word.len() <= 2;
        short.then(|| token.word.parse().ok()).flatten()
    };
    let joined = |at: usize| -> bool {
        let gap = tokens[at - 1].range.end..tokens[at].range.start;
        &text[gap] == ":" && tokens[at].word.len() == 2
    };
    let mut hours = part(at).filter(|hours| *hours <= 24.0)?;
    let mut minutes = 0.0;
    let mut length = 1;
    if let Some(found) = part(at + 1).filter(|found| *found < 60.0 && joined(at + 1)) {
        minutes = found;
        length = 2;
    }
    let half = tokens
        .get(at + length)
        .filter(|_| adjacent(text, tokens, at + length));
    match half.map(|token| token.word.as_str()) {
        Some("am" | "a.m" | "a.m.") if hours <= 12.0 => {
            hours %= 12.0;
            length += 1;
        }
        Some("pm" | "p.m" | "p.m.") if hours <= 12.0 => {
            hours = hours % 12.0 + 12.0;
            length += 1;
        }
        _ if length == 1 => return None,
        _ => {}
    }
    let quantity = Quantity {
        range: tokens[at].range.start..tokens[at + length - 1].range.end,
        value: hours.mul_add(60.0, minutes),
        precision: 0.5,
        unit: CLOCK,
        bound: Bound::Exact,
        weak: false,
    };
    Some((quantity, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::language::Language;
    use crate::text::numbers::find;
    use crate::text::tokens::Tokenizer;

    fn times(text: &str) -> Vec<(&str, f64)> {
        let tokens = Tokenizer::new(Language::English).tokens(text, 0..text.len());
        let mut used = vec![false; tokens.len()];
        find(text, &tokens, &mut used, Language::English)
            .into_iter()
            .filter(|found| found.unit == CLOCK)
            .map(|found| (&text[found.range], found.value / 60.0))
            .collect()
    }

    #[test]
    fn times_of_day_are_read_and_other_numbers_are_not() {
        assert_eq!(times("It serves soup until 15:00."), [("15:00", 15.0)]);
        assert_eq!(
            times("From 9:30 am to 3 p.m., not at 12 a.m."),
            [("9:30 am", 9.5), ("3 p.m", 15.0), ("12 a.m", 0.0)]
        );
        for none in [
            "They won 3:1.",
            "It has 12 tables.",
            "A ratio of 99:10.",
            "Page 15: 20 lines.",
        ] {
            assert_eq!(times(none), [], "{none}");
        }
    }
}
