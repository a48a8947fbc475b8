//! Compares numbers, amounts and shares of a claim with those of the aligned sentences.

use super::align::{Alignment, MOST};
use super::derived;
use super::finding::{Aspect, Checked, Finding};
use super::frames::{CLOSE_FRAME, ELSEWHERE, best_frame, changed, frames};
use super::likeness::{ROUGHLY, belongs_elsewhere, likeness};
use crate::text::analysis::Analysis;
use crate::text::dates::Date;
use crate::text::numbers::{Quantity, Unit};
use crate::text::words;

/// Share of the claim from which one common word around two values puts them in the same place.
const CLOSELY: f64 = 0.85;
/// Numbers without a unit count as the same kind from this size on, because few
/// sentences contain several such.
const LARGE: f64 = 1e4;
/// The amount by which an equal unit raises the likeness of two values, in addition to the number
/// of common words around them.
const SAME: usize = 3;

pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    for quantity in alignment.claim.quantities.iter().take(MOST) {
        number(alignment, quantity, checked);
    }
}

fn number(alignment: &Alignment<'_>, quantity: &Quantity, checked: &mut Checked) {
    let claim = &alignment.claim;
    let bears_out = |given: &Analysis| {
        let year = |date: &Date| {
            date.year
                .is_some_and(|year| f64::from(year) == quantity.value)
        };
        let near = |other: &Quantity| likeness(claim, &quantity.range, given, &other.range);
        let own = given
            .quantities
            .iter()
            .take(MOST)
            .filter(|other| quantity.matches(other))
            .map(near)
            .max();
        let others = given
            .quantities
            .iter()
            .take(MOST)
            .filter(|other| quantity.unit == other.unit && !quantity.matches(other));
        (own.is_some() && !belongs_elsewhere(own, others.map(near).max()))
            || (quantity.unit == Unit::Bare && given.dates.iter().any(year))
    };
    let matched = best_frame(alignment, &[], bears_out);
    let by = changed(&claim.tokens, &quantity.range);
    let rival = frames(alignment, &[])
        .into_iter()
        .find_map(|(sentence, frame)| {
            let given = alignment.index.analysis(sentence);
            if bears_out(given) {
                return None;
            }
            let given_tokens = &given.tokens;
            given
                .quantities
                .iter()
                .take(MOST)
                .filter(|given| {
                    quantity.contradicts(given)
                        || matches!(
                            (&quantity.unit, &given.unit),
                            (Unit::Things(_), Unit::Things(_))
                        )
                })
                // The amount of a change such as "by 700" is not comparable with a value
                // such as "of 3,100".
                .filter(|given| by == changed(given_tokens, &given.range))
                // A value of another number in the claim is no rival.
                .filter(|given| {
                    !claim
                        .quantities
                        .iter()
                        .take(MOST)
                        .any(|other| other.range != quantity.range && other.matches(given))
                })
                .filter(|given| !given.weak || quantity.unit == given.unit)
                .filter_map(|rival| {
                    let large = quantity.raw.abs().min(rival.raw.abs()) >= LARGE;
                    let same = quantity.unit == rival.unit
                        || quantity.differs_in_unit(rival)
                        || (large && quantity.comparable(rival));
                    let shared = likeness(claim, &quantity.range, given, &rival.range);
                    (shared > 0 || (same && frame >= CLOSE_FRAME))
                        .then_some((shared + SAME * usize::from(same), rival))
                })
                .rev()
                .max_by_key(|(likeness, _)| *likeness)
                .map(|(likeness, rival)| (sentence, frame, rival, likeness))
        });
    let weak = quantity.weak || quantity.unit == Unit::Rank;
    if weak && matched.is_none() && rival.is_none() {
        return;
    }
    checked.features += 1;
    let told = &alignment.text[quantity.range.clone()];
    let follows = derived::number(alignment, quantity).filter(|_| matched.is_none());
    checked.count(follows);
    let derived = follows.is_some_and(|follows| follows.near);
    match (matched, rival) {
        (Some(frame), Some((_, rival, _, _))) if frame >= ELSEWHERE * rival => {}
        (Some(_), None) => {}
        (_, Some((sentence, frame, rival, likeness)))
            if !weak
                || (quantity.unit == rival.unit
                    && same_place(alignment, quantity, rival, sentence, frame, likeness)) =>
        {
            checked.findings.push(Finding {
                aspect: aspect(quantity, rival),
                range: quantity.range.clone(),
                against: !derived
                    && same_place(alignment, quantity, rival, sentence, frame, likeness),
                message: format!(
                    "the source says {}, the claim says {told}{}",
                    &alignment.index.text()[rival.range.clone()],
                    if quantity.raw == rival.raw && quantity.per != rival.per {
                        " of another period"
                    } else {
                        ""
                    }
                ),
                sentence: Some(sentence),
            })
        }
        _ if weak || derived => {}
        _ => checked.findings.push(Finding {
            aspect: Aspect::Number,
            range: quantity.range.clone(),
            against: false,
            message: format!("the number {told} is not in the source's passages on this"),
            sentence: None,
        }),
    }
}

/// Returns true if the sentence is so much about the same matter that its value takes the place
/// of the claim's. On the project's own labelled texts about four in five of the values that
/// this calls contradicted are.
fn same_place(
    alignment: &Alignment<'_>,
    quantity: &Quantity,
    rival: &Quantity,
    sentence: usize,
    frame: f64,
    likeness: usize,
) -> bool {
    // For instance the same figure per week and per day, or in euros and in dollars.
    let elsewise = quantity.differs_in_unit(rival) || quantity.per != rival.per;
    if quantity.raw == rival.raw && elsewise && frame >= CLOSE_FRAME {
        return true;
    }
    let given = alignment.index.analysis(sentence);
    let frame = if likeness >= SAME + 2 {
        with_subject(alignment, sentence).max(frame)
    } else {
        frame
    };
    let alone = given
        .quantities
        .iter()
        .filter(|other| quantity.comparable(other) || quantity.differs_in_unit(other))
        .count()
        == 1;
    (likeness >= SAME + 2 && frame >= ROUGHLY)
        || (likeness > SAME && frame >= CLOSELY)
        || (likeness >= SAME && alone && frame >= CLOSELY)
}

/// The share of the claim that a sentence contains together with the one before it, if that names
/// its subject: "It has 40 rooms".
fn with_subject(alignment: &Alignment<'_>, sentence: usize) -> f64 {
    let given = alignment.index.analysis(sentence);
    let points_back = given
        .tokens
        .iter()
        .take(2)
        .any(|token| words::is_pronoun(&token.word));
    let nameless = given.entities.iter().all(|name| name.weak);
    let Some(before) = sentence.checked_sub(1).filter(|_| points_back || nameless) else {
        return 0.0;
    };
    let (own, context) = (alignment.row(sentence), alignment.row(before));
    let mut have = 0.0;
    let mut all = f64::MIN_POSITIVE;
    for (at, weight) in alignment.weights.iter().enumerate() {
        all += weight;
        if own[at] || context[at] {
            have += weight;
        }
    }
    have / all
}

fn aspect(quantity: &Quantity, rival: &Quantity) -> Aspect {
    let often = matches!(quantity.unit, Unit::Measure("times")) || quantity.per != rival.per;
    if quantity.differs_in_unit(rival) {
        Aspect::Unit
    } else if often && rival.per.is_some() && quantity.per.is_some() {
        Aspect::Period
    } else {
        Aspect::Number
    }
}
