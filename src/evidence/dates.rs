//! Compares the dates of a claim with those of the aligned sentences.

use super::align::{Alignment, MOST};
use super::derived;
use super::finding::{Aspect, Checked, Finding};
use super::frames::{CLOSE_FRAME, ELSEWHERE, best_frame, frames};
use super::likeness::{ROUGHLY, belongs_elsewhere, likeness};
use crate::text::analysis::Analysis;
use crate::text::dates::Date;
use crate::text::numbers::Quantity;

/// Minimum share of the claim in a sentence for its date to take the place of the
/// claim's, whatever surrounds it.
const ALL_BUT: f64 = 0.85;

pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    for date in alignment.claim.dates.iter().take(MOST) {
        self::date(alignment, date, checked);
    }
}

/// Returns true for a date that ends or starts a period in which the claim's date may
/// lie: "until 31 July".
fn bounds(given: &Analysis, date: &Date) -> bool {
    let at = given
        .tokens
        .partition_point(|token| token.range.end <= date.range.start);
    at.checked_sub(1).is_some_and(|before| {
        matches!(
            given.tokens[before].word.as_str(),
            "until"
                | "till"
                | "by"
                | "before"
                | "after"
                | "since"
                | "bis"
                | "vor"
                | "seit"
                | "between"
        )
    })
}

fn date(alignment: &Alignment<'_>, date: &Date, checked: &mut Checked) {
    checked.features += 1;
    let bears_out = |given: &Analysis| {
        let near = |other: &Date| likeness(&alignment.claim, &date.range, given, &other.range);
        let own = given
            .dates
            .iter()
            .take(MOST)
            .filter(|other| date.covered_by(other))
            .map(near)
            .max();
        let others = given
            .dates
            .iter()
            .take(MOST)
            .filter(|other| date.comparable(other) && date.conflicts(other));
        let value = |other: &Quantity| date.year.is_some_and(|year| f64::from(year) == other.value);
        (own.is_some() && !belongs_elsewhere(own, others.map(near).max()))
            || (date.month.is_none() && given.quantities.iter().any(value))
    };
    let matched = best_frame(alignment, &[], bears_out);
    let rival = frames(alignment, &[])
        .into_iter()
        .find_map(|(sentence, frame)| {
            let given = alignment.index.analysis(sentence);
            if bears_out(given) {
                return None;
            }
            given
                .dates
                .iter()
                .take(MOST)
                .filter(|given| date.comparable(given) && date.conflicts(given))
                .filter(|rival| {
                    frame >= CLOSE_FRAME
                        || likeness(&alignment.claim, &date.range, given, &rival.range) > 0
                })
                .find(|given| {
                    !alignment
                        .claim
                        .dates
                        .iter()
                        .take(MOST)
                        .any(|other| other.range != date.range && other.covered_by(given))
                })
                .map(|rival| {
                    let shared = likeness(&alignment.claim, &date.range, given, &rival.range);
                    let near = frame >= ALL_BUT || (frame >= ROUGHLY && shared >= 2);
                    (sentence, frame, rival, near && !bounds(given, rival))
                })
        });
    let told = &alignment.text[date.range.clone()];
    let (against, message, sentence) = match (matched, rival) {
        (Some(frame), Some((_, rival, _, _))) if frame >= ELSEWHERE * rival => return,
        (Some(_), None) => return,
        (_, Some((sentence, _, rival, near))) => (
            near,
            format!(
                "the source says {}, the claim says {told}",
                &alignment.index.text()[rival.range.clone()]
            ),
            Some(sentence),
        ),
        (None, None) => {
            let follows = derived::date(alignment, date);
            checked.count(follows);
            if follows.is_some_and(|follows| follows.near) {
                return;
            }
            let coarser = alignment
                .evidence
                .iter()
                .flat_map(|sentence| &alignment.index.analysis(*sentence).dates)
                .find(|given| date.comparable(given) && !date.conflicts(given));
            let message = coarser.map_or_else(
                || format!("the date {told} is not in the source's passages on this"),
                |given| {
                    format!(
                        "the source gives only {}, the claim says {told}",
                        &alignment.index.text()[given.range.clone()]
                    )
                },
            );
            (false, message, None)
        }
    };
    checked.findings.push(Finding {
        aspect: Aspect::Date,
        range: date.range.clone(),
        against,
        message,
        sentence,
    });
}
