//! Dates of a text: years, months, days, weekdays and decades, as far as each is given.

use std::ops::Range;

use super::calendar::{day, month, week_day, year, year_lead};
use super::tokens::{Form, Token};

/// A date with the parts that the text states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Date {
    /// Range in the text, in bytes.
    pub range: Range<usize>,
    pub year: Option<i32>,
    /// True if the year denotes its decade ("the 1990s").
    pub decade: bool,
    /// Month of the year, 1..=12.
    pub month: Option<u8>,
    /// Day of the month, 1..=31.
    pub day: Option<u8>,
    /// 0 Monday .. 6 Sunday.
    pub weekday: Option<u8>,
}

impl Date {
    /// True if a part that both dates state differs.
    pub fn conflicts(&self, other: &Self) -> bool {
        let year = match (self.year, other.year) {
            (Some(one), Some(two)) if self.decade || other.decade => {
                one.div_euclid(10) != two.div_euclid(10)
            }
            (Some(one), Some(two)) => one != two,
            _ => false,
        };
        year || differ(self.month, other.month)
            || differ(self.day, other.day)
            || differ(self.weekday, other.weekday)
    }

    /// True if `source` states every part that this date states, with the same value.
    pub fn covered_by(&self, source: &Self) -> bool {
        !self.conflicts(source)
            && (self.year.is_none() || (source.year.is_some() && (self.decade || !source.decade)))
            && (self.month.is_none() || source.month.is_some())
            && (self.day.is_none() || source.day.is_some())
            && (self.weekday.is_none() || source.weekday.is_some())
    }

    /// True if both state at least one common part, so that they can be compared.
    pub fn comparable(&self, other: &Self) -> bool {
        (self.year.is_some() && other.year.is_some())
            || (self.month.is_some() && other.month.is_some())
            || (self.weekday.is_some() && other.weekday.is_some())
    }
}

fn differ(one: Option<u8>, two: Option<u8>) -> bool {
    matches!((one, two), (Some(one), Some(two)) if one != two)
}

/// Returns the dates among the tokens of one sentence, in order, and marks their tokens in `used`.
pub(crate) fn find(text: &str, tokens: &[Token], used: &mut [bool]) -> Vec<Date> {
    let mut dates = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let found = separated(text, tokens, at)
            .or_else(|| named(text, tokens, at))
            .or_else(|| bare(text, tokens, at));
        if let Some((date, length)) = found {
            used[at..at + length]
                .iter_mut()
                .for_each(|used| *used = true);
            dates.push(date);
            at += length;
        } else {
            at += 1;
        }
    }
    dates
}

fn gap<'t>(text: &'t str, tokens: &[Token], at: usize) -> &'t str {
    match (tokens.get(at), tokens.get(at + 1)) {
        (Some(one), Some(two)) => text.get(one.range.end..two.range.start).unwrap_or_default(),
        _ => "\n",
    }
}

/// Parses 2019-03-12, 12/3/2019, 12.3.2019, 2019年3月12日.
fn separated(text: &str, tokens: &[Token], at: usize) -> Option<(Date, usize)> {
    let one = tokens.get(at).filter(|token| token.form == Form::Number)?;
    if text[one.range.end..].starts_with('年') {
        let (value, _) = year(one)?;
        let mut date = Date {
            range: one.range.start..one.range.end + '年'.len_utf8(),
            year: Some(value),
            ..Date::default()
        };
        let mut length = 1 + usize::from(
            tokens
                .get(at + 1)
                .is_some_and(|token| token.form == Form::Bigram),
        );
        for (mark, part) in [('月', &mut date.month), ('日', &mut date.day)] {
            let Some(token) = tokens.get(at + length).filter(|token| {
                token.range.start == date.range.end
                    && text
                        .get(token.range.end..)
                        .is_some_and(|rest| rest.starts_with(mark))
            }) else {
                break;
            };
            *part = day(token);
            date.range.end = token.range.end + mark.len_utf8();
            length += 1 + usize::from(
                tokens
                    .get(at + length + 1)
                    .is_some_and(|token| token.form == Form::Bigram),
            );
        }
        return Some((date, length.min(tokens.len() - at)));
    }
    // UAX #29 keeps "12.3.2019" together and splits "2019-03-12".
    if let [first, second, third] = one.word.split(['.', '/']).collect::<Vec<_>>()[..] {
        let dotted = one.word.contains('.');
        return parts(first, second, third, dotted, one.range.clone()).map(|date| (date, 1));
    }
    let (two, three) = (tokens.get(at + 1)?, tokens.get(at + 2)?);
    let (gap_one, gap_two) = (gap(text, tokens, at), gap(text, tokens, at + 1));
    if gap_one != gap_two || !matches!(gap_one, "-" | "/" | "." | "‐") {
        return None;
    }
    // In "2024-11-02T18:05:00Z" the time of day is attached to the day; it is parsed as a number.
    let last = three
        .word
        .split_once('t')
        .map_or(three.word.as_str(), |(day, _)| day);
    let end = three.range.end - (three.word.len() - last.len());
    parts(
        &one.word,
        &two.word,
        last,
        gap_one == ".",
        one.range.start..end,
    )
    .map(|date| (date, 3))
}

/// Interprets three numbers as a date. Separated by dots, the day always comes first.
fn parts(one: &str, two: &str, three: &str, dotted: bool, range: Range<usize>) -> Option<Date> {
    let number = |part: &str| part.parse::<i32>().ok().filter(|_| part.len() <= 4);
    let (one_value, two_value, three_value) = (number(one)?, number(two)?, number(three)?);
    let (year, mut month, mut day) = if one.len() == 4 {
        (one_value, two_value, three_value)
    } else if three.len() == 4 {
        (three_value, two_value, one_value)
    } else {
        return None;
    };
    if month > 12 {
        std::mem::swap(&mut month, &mut day);
    }
    // The order of day and month in "3/4/2019" depends on the country, so only the year is certain.
    let certain = one.len() == 4 || dotted || day > 12 || day == month;
    let month = u8::try_from(month)
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let day = u8::try_from(day)
        .ok()
        .filter(|day| (1..=31).contains(day))?;
    Some(Date {
        range,
        year: Some(year),
        month: certain.then_some(month),
        day: certain.then_some(day),
        ..Date::default()
    })
}

/// Parses March 2019, 12 March 2019, March 12, 2019, Tuesday.
fn named(text: &str, tokens: &[Token], at: usize) -> Option<(Date, usize)> {
    let token = &tokens[at];
    if let Some(number) = week_day(&token.word) {
        return Some((
            Date {
                range: token.range.clone(),
                weekday: u8::try_from(number).ok(),
                ..Date::default()
            },
            1,
        ));
    }
    let mut date = Date {
        range: token.range.clone(),
        ..Date::default()
    };
    let mut length = 1;
    let close = |at: usize| {
        gap(text, tokens, at).trim().len() <= 1 && !gap(text, tokens, at).contains('\n')
    };
    if let Some(number) = month(token) {
        date.month = Some(number);
        if let Some(found) = tokens.get(at + 1).filter(|_| close(at)).and_then(day) {
            date.day = Some(found);
            length += 1;
        }
    } else {
        date.day = Some(day(token).filter(|_| token.form == Form::Number)?);
        let skip = usize::from(
            tokens
                .get(at + 1)
                .is_some_and(|next| matches!(next.word.as_str(), "of" | "de" | "di"))
                && close(at),
        );
        date.month = Some(month(
            tokens.get(at + 1 + skip).filter(|_| close(at + skip))?,
        )?);
        length += 1 + skip;
    }
    let skip = usize::from(
        tokens
            .get(at + length)
            .is_some_and(|next| matches!(next.word.as_str(), "of" | "de" | "del"))
            && close(at + length - 1),
    );
    if let Some((value, false)) = tokens
        .get(at + length + skip)
        .filter(|_| close(at + length + skip - 1))
        .and_then(year)
    {
        date.year = Some(value);
        length += 1 + skip;
    } else if let Some(two) = tokens.get(at + length).filter(|two| {
        // "09-Sep-21", "9 Sep '21".
        two.word.len() == 2
            && date.day.is_some()
            && matches!(gap(text, tokens, at + length - 1), "-" | "/" | " '" | " ’")
    }) && let Ok(short) = two.word.parse::<i32>()
    {
        date.year = Some(short + if short < 70 { 2000 } else { 1900 });
        length += 1;
    }
    date.range.end = tokens[at + length - 1].range.end;
    // "March" or "May" alone at the start of a sentence may be a verb or a name.
    (date.year.is_some() || date.day.is_some() || at > 0).then_some((date, length))
}

/// Parses 1987, the 1990s.
fn bare(text: &str, tokens: &[Token], at: usize) -> Option<(Date, usize)> {
    let token = &tokens[at];
    if token.form != Form::Number {
        return None;
    }
    let (value, decade) = year(token)?;
    let before = text[..token.range.start].chars().next_back();
    let after = &text[token.range.end..];
    if before.is_some_and(|c| matches!(c, '$' | '€' | '£' | '¥' | '.' | ',' | '#'))
        || after.starts_with(['%', '°', '$', '€'])
    {
        return None;
    }
    let lead = at.checked_sub(1).map(|previous| &tokens[previous]);
    let lead =
        lead.is_none_or(|lead| year_lead(&lead.word) || lead.capital || month(lead).is_some());
    let gap = gap(text, tokens, at);
    let counted = tokens.get(at + 1).is_some_and(|next| {
        gap.chars().all(char::is_whitespace)
            && next.form == Form::Word
            && (!next.stop && next.word.ends_with('s')
                || super::numbers::measures::is_measure(&next.word))
            && !next.capital
    });
    let plausible = (1400..=2099).contains(&value);
    (decade || (!counted && (lead || plausible))).then(|| {
        (
            Date {
                range: token.range.clone(),
                year: Some(value),
                decade,
                ..Date::default()
            },
            1,
        )
    })
}

#[cfg(test)]
#[path = "tests/dates.rs"]
mod tests;
