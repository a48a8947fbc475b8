//! Finds two values of one sentence that changed places: "judged by three pupils and twelve cooks"
//! where the source has twelve pupils and three cooks.
//!
//! Each value is in the source, in the right sentence; only the adjacent words reveal the exchange.

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use super::frames::frames;
use crate::text::analysis::Analysis;
use crate::text::numbers::{Quantity, Unit};

/// Minimum share of the claim that the sentence must contain: nearly all of it, except for
/// a word or two.
const CLOSE: f64 = 0.75;
/// Maximum number of a claim's numbers examined.
const MOST: usize = 8;
/// Minimum number of the four words next to the two values that must agree after the exchange.
const BESIDE: usize = 3;

/// Finds two numbers of the claim that stand next to each other's words.
pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    let claim = &alignment.claim;
    let numbers: Vec<&Quantity> = claim
        .quantities
        .iter()
        .filter(|number| number.unit != Unit::Rank)
        .take(MOST)
        .collect();
    if numbers.len() < 2 {
        return;
    }
    for (sentence, frame) in frames(alignment, &[]) {
        if frame < CLOSE {
            continue;
        }
        let given = alignment.index.analysis(sentence);
        for later in 1..numbers.len() {
            for first in 0..later {
                let (one, two) = (numbers[first], numbers[later]);
                let Some((its, other)) = exchanged(claim, given, one, two) else {
                    continue;
                };
                checked
                    .findings
                    .retain(|finding| finding.range != one.range);
                let text = alignment.index.text();
                checked.findings.push(Finding {
                    aspect: Aspect::Subject,
                    range: one.range.clone(),
                    against: true,
                    message: format!(
                        "the source has {} where the claim says {}, and {} where it says {}",
                        &text[its.range.clone()],
                        &alignment.text[one.range.clone()],
                        &text[other.range.clone()],
                        &alignment.text[two.range.clone()]
                    ),
                    sentence: Some(sentence),
                });
                return;
            }
        }
    }
}

/// The sentence's values in the places of two numbers of the claim, if these are exchanged.
fn exchanged<'g>(
    claim: &Analysis,
    given: &'g Analysis,
    one: &Quantity,
    two: &Quantity,
) -> Option<(&'g Quantity, &'g Quantity)> {
    if one.matches(two) || two.matches(one) {
        return None;
    }
    let (of_one, of_two) = (only(given, one)?, only(given, two)?);
    let fit = |own: &Quantity, other: &Quantity| {
        let (own, other) = (adjacent_words(claim, own), adjacent_words(given, other));
        let same = |one: Option<&str>, two: Option<&str>| usize::from(one.is_some() && one == two);
        same(own.0, other.0) + same(own.1, other.1)
    };
    let (first, second) = (fit(one, of_two), fit(two, of_one));
    (first > fit(one, of_one) && second > fit(two, of_two) && first + second >= BESIDE)
        .then_some((of_two, of_one))
}

/// The only number of a sentence that confirms the claim's; `None` if several do.
fn only<'g>(given: &'g Analysis, own: &Quantity) -> Option<&'g Quantity> {
    let mut found = given.quantities.iter().filter(|given| own.matches(given));
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// The nearest content words before and after a number that belong to no number.
fn adjacent_words<'a>(
    analysis: &'a Analysis,
    number: &Quantity,
) -> (Option<&'a str>, Option<&'a str>) {
    let worded = |at: &usize| {
        let token = &analysis.tokens[*at];
        let mut numbers = analysis.quantities.iter();
        token.content()
            && !numbers.any(|number| {
                number.range.start <= token.range.start && token.range.end <= number.range.end
            })
    };
    let tokens = &analysis.tokens;
    let begin = tokens.partition_point(|token| token.range.end <= number.range.start);
    let end = tokens.partition_point(|token| token.range.start < number.range.end);
    let term = |at: usize| tokens[at].term.as_str();
    (
        (0..begin).rev().find(worded).map(term),
        (end..tokens.len()).find(worded).map(term),
    )
}

#[cfg(test)]
#[path = "tests/exchanged.rs"]
mod tests;
