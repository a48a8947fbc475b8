//! A number of a text with its unit and bound, and the rules by which two of them agree.

use std::ops::Range;

use super::currencies::{EITHER_POUND, same_money};

/// The unit of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// The text names no unit.
    Bare,
    /// Per cent, percentage points, or a fraction of a whole ("three quarters").
    Percent,
    /// Money, by an ISO-like code, or by the name that several currencies have in common
    /// ("dollar").
    Money(&'static str),
    /// A physical unit, converted to its base unit.
    Measure(&'static str),
    /// Counted things: the term of the noun after the number.
    Things(String),
    /// A rank, such as "third".
    Rank,
}

/// The bound that the text gives for the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Exact,
    About,
    /// "nearly", "almost", "just short of": slightly less.
    Nearly,
    /// "just over": slightly more.
    JustOver,
    Above,
    /// "at least", "no fewer than".
    AtLeast,
    Below,
    /// "at most", "up to".
    AtMost,
}

/// The system of units in which a number was written. Values of different systems are equal only
/// after rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    Metric,
    /// Miles, pounds, degrees Fahrenheit and the like.
    Customary,
    /// Months and years, whose number of days varies.
    Calendar,
}

/// One number of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Range in the text, in bytes, including magnitude, percent sign, currency, unit and period.
    pub range: Range<usize>,
    pub value: f64,
    /// The value as it is written, before any conversion.
    pub raw: f64,
    /// Half a unit of the last given digit, in base units.
    pub precision: f64,
    pub unit: Unit,
    pub system: System,
    pub bound: Bound,
    /// The period to which it refers, in days ("a day" is 1).
    pub per: Option<f64>,
    /// Offset from UTC of a time of day in minutes, if its time zone is given.
    pub zone: Option<i16>,
    /// True for a number word that is often used otherwise ("one").
    pub weak: bool,
}

/// Minutes in a day.
const DAY: f64 = 1440.0;
/// Base unit of times of day.
pub(super) const CLOCK: &str = "time of day";
/// Base unit of frequencies.
pub(super) const TIMES: &str = "times";
/// Maximum relative difference of a value with "about".
const HEDGE: f64 = 0.06;
/// Maximum relative difference of a value with "nearly" or "just over".
const NEAR: f64 = 0.1;
/// Maximum ratio between a value with a one-sided bound and the actual value.
const FAR: f64 = 2.0;
/// Maximum relative difference between a number of days and the same duration in months.
const CALENDAR: f64 = 0.016;

impl Quantity {
    /// Multiplies by the factor of a magnitude.
    pub(super) fn scale(&mut self, factor: f64) {
        self.value *= factor;
        self.raw *= factor;
        self.precision *= factor;
    }

    /// Makes an exact number without a unit.
    pub fn new(range: Range<usize>, value: f64, precision: f64) -> Self {
        Self {
            range,
            value,
            raw: value,
            precision,
            unit: Unit::Bare,
            system: System::Metric,
            bound: Bound::Exact,
            per: None,
            zone: None,
            weak: false,
        }
    }

    /// True for a time of day, whose value is in minutes after midnight.
    pub fn is_time_of_day(&self) -> bool {
        self.unit == Unit::Measure(CLOCK)
    }

    /// True if the units allow that both describe the same thing.
    pub fn comparable(&self, other: &Self) -> bool {
        match (&self.unit, &other.unit) {
            (Unit::Bare, Unit::Things(_) | Unit::Bare) | (Unit::Things(_), Unit::Bare) => true,
            (Unit::Money(one), Unit::Money(two)) => same_money(one, two),
            (Unit::Measure("degree"), Unit::Measure("celsius"))
            | (Unit::Measure("celsius"), Unit::Measure("degree")) => true,
            // "rinsed three times" does not say how often per day.
            (Unit::Measure(TIMES), Unit::Measure(TIMES)) => {
                self.per.is_some() == other.per.is_some()
            }
            (one, two) => one == two,
        }
    }

    /// True if both have the same value in units that exclude each other: "$53 billion" and "NOK 53
    /// billion", "40 tonnes" and "40 litres".
    pub fn differs_in_unit(&self, source: &Self) -> bool {
        let named = |unit: &Unit| {
            matches!(unit, Unit::Money(_) | Unit::Percent)
                || matches!(unit, Unit::Measure(base) if !matches!(*base, CLOCK | TIMES | "ratio"))
        };
        named(&self.unit)
            && named(&source.unit)
            && !self.comparable(source)
            && close(self.raw, source.raw, 1e-9)
            && !weighs_or_pays(&self.unit, &source.unit)
    }

    /// True if `source` confirms this number: the values are equal, or differ by rounding that the
    /// wording allows.
    pub fn matches(&self, source: &Self) -> bool {
        let units = match (&self.unit, &source.unit) {
            // Nouns may differ by paraphrase ("staff", "people"), so only the values are compared.
            (Unit::Things(_), Unit::Things(_) | Unit::Money(_))
            | (Unit::Money(_), Unit::Things(_)) => true,
            (Unit::Measure(TIMES), Unit::Measure(TIMES)) => true,
            // "5 million" against "5 million dollars".
            (Unit::Bare, unit) | (unit, Unit::Bare) => !matches!(unit, Unit::Rank | Unit::Percent),
            (one, two) if weighs_or_pays(one, two) => true,
            _ => self.comparable(source),
        };
        if !units {
            return false;
        }
        let (claimed, given) = self.aligned(source);
        let scale = claimed.abs().max(given.abs());
        let within = |share: f64| (claimed - given).abs() <= scale * share;
        let equal = within(1e-9)
            || match (self.system, source.system) {
                (one, two) if one == two => false,
                (System::Customary, _) | (_, System::Customary) => {
                    let converted = self.precision.max(source.precision);
                    (claimed - given).abs() <= converted.min(scale * HEDGE)
                }
                _ => within(CALENDAR),
            };
        if equal {
            // "more than 40" does not confirm 40, unless the source hedges, too.
            return !(matches!(self.bound, Bound::Above | Bound::Below)
                && source.bound == Bound::Exact);
        }
        match self.bound {
            Bound::Above | Bound::AtLeast => given > claimed && given <= claimed.abs() * FAR,
            Bound::Below | Bound::AtMost => given < claimed && given >= claimed.abs() / FAR,
            Bound::JustOver => given > claimed && within(NEAR),
            Bound::Nearly => given < claimed && within(NEAR),
            Bound::About => {
                (claimed - given).abs() <= (scale * HEDGE).max(self.precision.min(scale * 0.1))
            }
            // "3.2 million" for 3,214,900: rounding to fewer digits, but not to a single one.
            _ if self.precision > source.precision => {
                (claimed - given).abs() <= self.precision.min(scale * 0.03)
            }
            // "A third" confirms 33 per cent.
            _ if self.unit == Unit::Percent && source.precision > 0.6 => {
                (claimed - given).abs() <= source.precision.min(1.0)
            }
            _ => {
                matches!(source.bound, Bound::About | Bound::Nearly | Bound::JustOver)
                    && within(0.02)
            }
        }
    }

    /// True if `source` gives another value of the same kind that excludes this one.
    pub fn contradicts(&self, source: &Self) -> bool {
        if self.matches(source) {
            return false;
        }
        if !self.comparable(source) {
            return self.differs_in_unit(source);
        }
        let (claimed, given) = self.aligned(source);
        let side = |bound: Bound| match bound {
            Bound::Above | Bound::AtLeast => 1,
            Bound::Below | Bound::AtMost => -1,
            _ => 0,
        };
        match (side(self.bound), side(source.bound)) {
            // "at most 13 kg" beside "at most 31 kg".
            (one, two) if one != 0 && one == two => true,
            (1, _) => given <= claimed,
            (-1, _) => given >= claimed,
            // "more than 1,000" may describe 1,100.
            (0, 1) => !(claimed > given && claimed <= given.abs() * 1.25),
            (0, -1) => !(claimed < given && claimed >= given.abs() * 0.75),
            _ => true,
        }
    }

    /// Returns both values in one unit and for one period.
    fn aligned(&self, source: &Self) -> (f64, f64) {
        match (&self.unit, &source.unit) {
            (Unit::Measure(CLOCK), Unit::Measure(CLOCK)) => {
                let both = self.zone.zip(source.zone);
                let Some((own, their)) = both else {
                    return (self.value, source.value);
                };
                let utc = |value: f64, zone: i16| (value - f64::from(zone)).rem_euclid(DAY);
                return (utc(self.value, own), utc(source.value, their));
            }
            (Unit::Measure("degree"), Unit::Measure("celsius"))
            | (Unit::Measure("celsius"), Unit::Measure("degree")) => {
                return (self.raw, source.raw);
            }
            (one, two) if weighs_or_pays(one, two) => return (self.raw, source.raw),
            _ => {}
        }
        match (self.per, source.per) {
            (Some(own), Some(their)) if own != their => (self.value / own, source.value / their),
            _ => (self.value, source.value),
        }
    }
}

/// "5 pounds" may be a weight or a sum of money.
fn weighs_or_pays(one: &Unit, two: &Unit) -> bool {
    let pounds = |unit: &Unit| matches!(unit, Unit::Money("gbp" | EITHER_POUND));
    let weight = |unit: &Unit| *unit == Unit::Measure("g");
    (pounds(one) && weight(two)) || (weight(one) && pounds(two))
}

fn close(one: f64, two: f64, share: f64) -> bool {
    (one - two).abs() <= one.abs().max(two.abs()) * share
}
