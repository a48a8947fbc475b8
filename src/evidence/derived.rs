//! Values that follow from two values of the source: "two crossings fewer" where it has six and
//! four, "£450" where it has £75 a week for six weeks, "three days before" where it has the
//! 17th and the 20th.
//!
//! Such a value does not contradict the source. The rule cannot tell if it is about the same
//! subject; the distance of the two values shows how likely that is.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::align::Alignment;
use super::frames::places;
use crate::text::dates::Date;
use crate::text::numbers::{Bound, Quantity, System, Unit};

/// Maximum number of values of the source that are combined, so that a table causes a few
/// hundred pairs at most.
const MOST: usize = 32;
/// Maximum number of sentences whose values are combined.
const SENTENCES: usize = 10;
/// Tolerance for rounded percentages, in percentage points.
const ROUNDED: f64 = 0.6;
/// Relative tolerance for values that the claim hedges.
const HEDGED: f64 = 0.06;
/// Maximum relative distance of a share beyond a bound such as "more than half" that may still
/// be what is meant.
const BEYOND: f64 = 0.35;
/// Values up to this size result from nearly any two values by chance.
const SMALL: f64 = 6.0;
/// The number of seconds in a minute, the unit of times of day, and in a day.
const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;
/// The average number of days in a month and in a year.
const MONTH: f64 = 30.44;
const YEAR: f64 = 365.25;
/// The units of durations and of multiples.
const SECONDS: Unit = Unit::Measure("s");
const MULTIPLE: Unit = Unit::Measure("ratio");

/// The way in which a value follows from two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Derived {
    /// True if both values are in the same sentence, row or list item, or in adjacent ones.
    pub(super) near: bool,
    /// True if the value is too large to follow by chance.
    pub(super) large: bool,
}

/// The index of a sentence and a value in it.
type Given<'a, T> = (usize, &'a T);

/// Derives a number of the claim from two values of the source: as a difference, sum,
/// product, share or multiple, or as the time between two dates. Returns the nearest of
/// several ways, or `None`.
pub(super) fn number(alignment: &Alignment<'_>, own: &Quantity) -> Option<Derived> {
    if own.weak || own.unit == Unit::Rank {
        return None;
    }
    let numbers = numbers(alignment);
    let dates = if own.unit == SECONDS {
        dates(alignment)
    } else {
        Vec::new()
    };
    let made = pairs(&numbers)
        .filter(|((_, one), (_, two))| {
            makes(own, one, two) || product(own, one, two) || product(own, two, one)
        })
        .map(|(one, two)| near(one.0, two.0));
    let timed = pairs(&dates)
        .filter(|((_, one), (_, two))| between(own, one, two))
        .map(|(one, two)| near(one.0, two.0));
    let yearly = numbers
        .iter()
        .filter(|(_, each)| a_year(own, each))
        .map(|_| true);
    derived(made.chain(timed).chain(yearly), own.raw.abs() > SMALL)
}

/// Derives a date of the claim from a date of the source and a duration: "24 March" from 24
/// September and six months.
pub(super) fn date(alignment: &Alignment<'_>, own: &Date) -> Option<Derived> {
    own.day?;
    let numbers = numbers(alignment);
    let durations = numbers.iter().filter(|(_, it)| it.unit == SECONDS);
    let dates = dates(alignment);
    let ways = durations.flat_map(|(at, duration)| {
        let fitting = dates
            .iter()
            .filter(move |(_, date)| reached(own, date, duration));
        fitting.map(move |(place, _)| near(*at, *place))
    });
    derived(ways, true)
}

fn derived(mut ways: impl Iterator<Item = bool>, large: bool) -> Option<Derived> {
    let first = ways.next()?;
    let near = first || ways.any(|near| near);
    Some(Derived { near, large })
}

fn near(one: usize, two: usize) -> bool {
    one.abs_diff(two) <= 1
}

fn pairs<'a, T>(given: &'a [Given<'a, T>]) -> impl Iterator<Item = (Given<'a, T>, Given<'a, T>)> {
    given
        .iter()
        .enumerate()
        .flat_map(|(at, one)| given[at + 1..].iter().map(move |two| (*one, *two)))
}

/// The numbers of the sentences about the claim's subject, starting with the best sentence.
fn numbers<'a>(alignment: &'a Alignment<'_>) -> Vec<Given<'a, Quantity>> {
    places(alignment)
        .into_iter()
        .take(SENTENCES)
        .flat_map(|at| {
            let given = alignment.index.analysis(at).quantities.iter();
            given
                .filter(|given| given.unit != Unit::Rank)
                .map(move |given| (at, given))
        })
        .take(MOST)
        .collect()
}

fn dates<'a>(alignment: &'a Alignment<'_>) -> Vec<Given<'a, Date>> {
    places(alignment)
        .into_iter()
        .take(SENTENCES)
        .flat_map(|at| {
            let given = alignment.index.analysis(at).dates.iter();
            given.map(move |given| (at, given))
        })
        .take(MOST)
        .collect()
}

/// Returns true if the number is a difference, sum, share or multiple of two values of the same
/// kind, or a time of day earlier or later by a duration.
fn makes(own: &Quantity, one: &Quantity, two: &Quantity) -> bool {
    let counted = |it: &Quantity| matches!(it.unit, Unit::Bare | Unit::Things(_));
    if own.is_time_of_day() {
        let moved = |clock: &Quantity, duration: &Quantity| {
            clock.is_time_of_day() && duration.unit == SECONDS && {
                let minutes = duration.value / MINUTE;
                [clock.value + minutes, clock.value - minutes]
                    .iter()
                    .any(|value| (value.rem_euclid(DAY / MINUTE) - own.value).abs() < 0.5)
            }
        };
        return moved(one, two) || moved(two, one);
    }
    if !(one.comparable(two) || (counted(one) && counted(two))) {
        return false;
    }
    let apart = (one.value - two.value).abs();
    // For example, from 09:42 to 10:05 are 23 minutes.
    if one.is_time_of_day() && two.is_time_of_day() {
        return own.unit == SECONDS && admits(own, apart * MINUTE);
    }
    let ratio = |part: f64, whole: f64| (whole > 0.0).then_some(part / whole);
    if own.unit == Unit::Percent && one.unit != Unit::Percent {
        return [
            ratio(one.value, two.value),
            ratio(two.value, one.value),
            ratio(apart, one.value),
            ratio(apart, two.value),
        ]
        .into_iter()
        .flatten()
        .any(|share| admits(own, share * 100.0));
    }
    if own.unit == MULTIPLE {
        let multiple = ratio(one.value.max(two.value), one.value.min(two.value));
        return own.value > 1.0 && multiple.is_some_and(|it| admits(own, it));
    }
    let alike = own.comparable(one) || (counted(own) && counted(one));
    alike && (admits(own, apart) || admits(own, one.value + two.value))
}

/// Returns true if the number is an amount per item or per period, multiplied by a
/// count or a duration.
fn product(own: &Quantity, each: &Quantity, count: &Quantity) -> bool {
    if !own.comparable(each) || matches!(each.unit, Unit::Percent) {
        return false;
    }
    let times = match (&count.unit, each.per) {
        (unit, Some(days)) if *unit == SECONDS && days > 0.0 => count.value / DAY / days,
        (Unit::Bare | Unit::Things(_), _) if count.value > 1.0 => count.value,
        _ => return false,
    };
    admits(own, each.value * times)
}

/// Returns true if the number is the amount per year of an amount per month or week.
fn a_year(own: &Quantity, each: &Quantity) -> bool {
    let times = each.per.map(|days| (YEAR / days).round());
    let alike = own.comparable(each) && own.unit != Unit::Percent;
    alike && times.is_some_and(|times| times > 1.0 && admits(own, each.value * times))
}

/// Returns true if the number is the time between two dates with the same parts.
fn between(own: &Quantity, one: &Date, two: &Date) -> bool {
    let days = match (day(one), day(two)) {
        (Some(one), Some(two)) => (one - two).num_days().abs() as f64,
        _ => match (one, two) {
            (
                Date {
                    year: Some(one),
                    decade: false,
                    month,
                    ..
                },
                Date {
                    year: Some(two),
                    decade: false,
                    month: other,
                    ..
                },
            ) if month.is_none() && other.is_none() => f64::from((one - two).abs()) * YEAR,
            _ => return false,
        },
    };
    let calendar =
        own.system == System::Calendar && (days - own.value / DAY).abs() <= 1.0 + days * 0.02;
    days > 0.0 && (calendar || admits(own, days * DAY))
}

/// Converts a date to a day, in an arbitrary year if it has none.
fn day(date: &Date) -> Option<NaiveDate> {
    const ANY: i32 = 2001;
    NaiveDate::from_ymd_opt(
        date.year.unwrap_or(ANY),
        u32::from(date.month?),
        u32::from(date.day?),
    )
}

/// Returns true if the duration before or after a date leads to the claim's date.
fn reached(own: &Date, from: &Date, duration: &Quantity) -> bool {
    let Some(from) = day(from) else { return false };
    let days = duration.value / DAY;
    let months = days / MONTH;
    let whole =
        |value: f64| (value - value.round()).abs() < 0.05 && (0.95..1200.0).contains(&value);
    let ends = if duration.system == System::Calendar && whole(months) {
        let months = Months::new(months.round() as u32);
        [
            from.checked_add_months(months),
            from.checked_sub_months(months),
        ]
    } else if whole(days) {
        let days = Days::new(days.round() as u64);
        [from.checked_add_days(days), from.checked_sub_days(days)]
    } else {
        return false;
    };
    ends.into_iter().flatten().any(|end| {
        let part = |own: Option<u8>, end: u32| own.is_none_or(|own| u32::from(own) == end);
        part(own.day, end.day()) && part(own.month, end.month()) && own.month.is_some()
    })
}

/// Returns true if the value agrees with the claim's number, given the precision of its
/// digits and its hedges.
fn admits(own: &Quantity, value: f64) -> bool {
    let told = own.value.abs();
    let slack = if own.unit == Unit::Percent {
        ROUNDED.max(own.precision)
    } else {
        own.precision
            .min(value.abs() * 0.02)
            .max(value.abs() * 1e-6)
    };
    value > 0.0
        && match own.bound {
            Bound::Exact => (value - told).abs() <= slack,
            Bound::About => (value - told).abs() <= slack.max(told * HEDGED),
            Bound::Nearly => value <= told + slack && value >= told * 0.85,
            Bound::JustOver => value >= told - slack && value <= told * 1.15,
            Bound::Above | Bound::AtLeast => {
                value >= told - slack && value <= told * (1.0 + BEYOND)
            }
            Bound::Below | Bound::AtMost => value <= told + slack && value >= told * (1.0 - BEYOND),
        }
}

#[cfg(test)]
#[path = "tests/derived.rs"]
mod tests;
