//! Values that follow from two of the source: "two crossings fewer" where it has six and four, "£450" where it
//! has £75 a week for six weeks.
//!
//! What follows so is no value that the source gives otherwise. Whether it is of what the claim speaks of, nobody
//! knows here.

use super::align::Alignment;
use crate::text::numbers::{Quantity, Unit};

/// Values of the evidence that are computed with, so that a table costs no more than a few hundred pairs.
const MOST: usize = 24;
/// Sentences of the evidence whose values are computed with.
const SENTENCES: usize = 2;
/// Percentage points by which a rounded share may differ.
const ROUNDED: f64 = 0.6;
/// Seconds of a minute, in which times of day are counted, and of a day.
const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;

/// True where two values of the best evidence make the claim's by a difference, a sum, a product or a share.
pub(super) fn follows(alignment: &Alignment<'_>, own: &Quantity) -> bool {
    let given: Vec<&Quantity> = alignment
        .evidence
        .iter()
        .take(SENTENCES)
        .flat_map(|sentence| &alignment.index.analysis(*sentence).quantities)
        .filter(|given| given.unit != Unit::Rank)
        .take(MOST)
        .collect();
    given.iter().enumerate().any(|(at, one)| {
        given[at + 1..]
            .iter()
            .any(|two| makes(own, one, two) || product(own, one, two) || product(own, two, one))
    })
}

/// A difference, a sum or a share of two alike values.
fn makes(own: &Quantity, one: &Quantity, two: &Quantity) -> bool {
    let counted = |it: &Quantity| matches!(it.unit, Unit::Bare | Unit::Things(_));
    if !(one.comparable(two) || (counted(one) && counted(two))) {
        return false;
    }
    let apart = (one.value - two.value).abs();
    // From 09:42 to 10:05 are 23 minutes.
    if one.is_time_of_day() && two.is_time_of_day() {
        return own.unit == Unit::Measure("s") && same(own, apart * MINUTE);
    }
    if own.unit == Unit::Percent && one.unit != Unit::Percent {
        let share = |part: f64, whole: f64| {
            whole > 0.0 && (part / whole * 100.0 - own.value).abs() <= ROUNDED.max(own.precision)
        };
        return share(one.value, two.value)
            || share(two.value, one.value)
            || share(apart, one.value)
            || share(apart, two.value);
    }
    let alike = own.comparable(one) || (counted(own) && counted(one));
    alike && (same(own, apart) || same(own, one.value + two.value))
}

/// So much each, or in a time, so often or so long.
fn product(own: &Quantity, each: &Quantity, count: &Quantity) -> bool {
    if !own.comparable(each) || matches!(each.unit, Unit::Percent) {
        return false;
    }
    let times = match (&count.unit, each.per) {
        (Unit::Measure("s"), Some(days)) if days > 0.0 => count.value / DAY / days,
        (Unit::Bare | Unit::Things(_), _) if count.value > 1.0 => count.value,
        _ => return false,
    };
    same(own, each.value * times)
}

/// Equal to what the claim says, as far as its digits tell.
fn same(own: &Quantity, value: f64) -> bool {
    let slack = own
        .precision
        .min(value.abs() * 0.02)
        .max(value.abs() * 1e-6);
    value > 0.0 && (own.value - value).abs() <= slack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::{Claim, ClaimType, Span};
    use crate::domain::ids::ClaimId;
    use crate::evidence::SourceIndex;

    #[test]
    fn what_two_values_of_the_evidence_make() {
        for (source, claim, makes) in [
            (
                "For Skerrow the change means four crossings a day instead of six.",
                "Skerrow loses two of its daily crossings.",
                true,
            ),
            (
                "Hire of the lights costs £75 a week, and the run takes six weeks.",
                "Hire of the lights costs £450 for the run.",
                true,
            ),
            (
                "Of 412 applications for the grant 357 were approved by August.",
                "About 87 % of the applications for the grant were approved by August.",
                true,
            ),
            (
                "Errors began at 09:42, and support told the team at 10:05.",
                "Support told the team of the errors after 23 minutes.",
                true,
            ),
            (
                "For Skerrow the change means four crossings a day instead of six.",
                "Skerrow loses three of its daily crossings.",
                false,
            ),
            (
                "Hire of the lights costs £75 a week, and the run takes six weeks.",
                "Hire of the lights costs £480 for the run.",
                false,
            ),
        ] {
            let claims = [Claim {
                id: ClaimId::new(uuid::Uuid::from_u128(1)),
                index: 0,
                text: claim.to_owned(),
                kind: ClaimType::Numerical,
                span: Span { start: 0, end: 1 },
            }];
            let index = SourceIndex::new(source);
            let alignment = Alignment::new(&index, &claims, 0);
            let numbers = &alignment.claim.quantities;
            let found = numbers.iter().any(|own| follows(&alignment, own));
            assert_eq!(found, makes, "{claim}: {numbers:?}");
        }
    }
}
