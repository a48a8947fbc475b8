//! Checks values that follow from two values of the source: from 355 to 310 is a fall of 13 per
//! cent and of 45.
//!
//! Only pairs that one sentence marks as before and after are used ("from … to …", "…, up from …").

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use super::frames::{SAME_FRAME, places};
use crate::text::analysis::Analysis;
use crate::text::lexicon::{concept, opposite};
use crate::text::numbers::{Bound, Quantity, Unit};
use crate::text::tokens::Token;

/// Maximum number of amounts, of sentences and of pairs in one sentence that are examined.
const MOST: usize = 8;
/// Minimum share of the claim that a sentence about the same change contains.
const CLOSE: f64 = 0.6;
/// Tolerance for rounded percentages, in percentage points.
const ROUNDED: f64 = 0.6;

/// A value before and after a change.
struct Change<'g> {
    old: &'g Quantity,
    new: &'g Quantity,
}

/// Checks the amount of a change, and corrects the result of comparing single numbers.
pub(super) fn check_amount(alignment: &Alignment<'_>, checked: &mut Checked) {
    let claim = &alignment.claim;
    let direction = direction(claim);
    let sentences = first_places(alignment);
    for quantity in claim.quantities.iter().take(MOST) {
        if !is_of_change(claim, quantity) {
            continue;
        }
        for sentence in &sentences {
            let given = alignment.index.analysis(*sentence);
            let frame = alignment.frame(*sentence, &changing(claim));
            if frame < SAME_FRAME || given.quantities.iter().any(|other| quantity.matches(other)) {
                continue;
            }
            let Some((change, holds)) = pairs(given).into_iter().find_map(|change| {
                follows(&change, quantity, direction).map(|holds| (change, holds))
            }) else {
                continue;
            };
            checked
                .findings
                .retain(|finding| finding.range != quantity.range);
            if !holds && frame >= CLOSE {
                let text = alignment.index.text();
                checked.findings.push(Finding {
                    aspect: Aspect::Arithmetic,
                    range: quantity.range.clone(),
                    against: true,
                    message: format!(
                        "the source has {} before and {} after, the claim says {}",
                        &text[change.old.range.clone()],
                        &text[change.new.range.clone()],
                        &alignment.text[quantity.range.clone()]
                    ),
                    sentence: Some(*sentence),
                });
            }
            break;
        }
    }
}

fn first_places(alignment: &Alignment<'_>) -> Vec<usize> {
    places(alignment).into_iter().take(MOST).collect()
}

/// Checks words such as "doubled" and "halved" against a value before and after.
pub(super) fn check_multiple(alignment: &Alignment<'_>, checked: &mut Checked) {
    let claim = &alignment.claim;
    let multiple = claim.tokens.iter().enumerate().find_map(|(at, token)| {
        let factor = match token.word.as_str() {
            "doubled" | "doubling" | "verdoppelt" | "verdoppelte" | "verdoppelten" => 2.0,
            "tripled" | "trebled" | "verdreifacht" | "verdreifachte" => 3.0,
            "quadrupled" | "vervierfacht" => 4.0,
            "halved" | "halbiert" | "halbierte" => 0.5,
            _ => return None,
        };
        Some((at, factor))
    });
    let Some((at, factor)) = multiple else { return };
    let lead = at
        .checked_sub(1)
        .map_or("", |at| claim.tokens[at].word.as_str());
    for sentence in &first_places(alignment) {
        let given = alignment.index.analysis(*sentence);
        if alignment.frame(*sentence, &[at]) < CLOSE {
            continue;
        }
        let Some(change) = pairs(given).into_iter().next() else {
            continue;
        };
        let ratio = change.new.value / change.old.value;
        let holds = match lead {
            // Phrases such as "more than doubled" and "nearly doubled".
            "than" => (ratio > factor) == (factor > 1.0),
            "nearly" | "almost" | "fast" => ratio > factor * 0.8 && ratio < factor * 1.05,
            _ => (ratio / factor - 1.0).abs() <= 0.06,
        };
        let text = alignment.index.text();
        if !holds {
            checked.features = checked.features.max(1);
            checked.findings.push(Finding {
                aspect: Aspect::Arithmetic,
                range: claim.tokens[at].range.clone(),
                against: true,
                message: format!(
                    "the source has {} before and {} after, the claim says \"{}\"",
                    &text[change.old.range.clone()],
                    &text[change.new.range.clone()],
                    &alignment.text[claim.tokens[at].range.clone()]
                ),
                sentence: Some(*sentence),
            });
        }
        return;
    }
}

/// The direction that the claim states: true for up, false for down, `None` if it is unclear.
fn direction(claim: &Analysis) -> Option<bool> {
    let (up, down) = (concept("increas"), concept("decreas"));
    let says = |token: &Token, end: &str| token.term == end;
    let found: Vec<bool> = claim
        .tokens
        .iter()
        .filter_map(|token| {
            if says(token, up)
                || matches!(
                    token.word.as_str(),
                    "more" | "higher" | "up" | "stieg" | "mehr" | "gestiegen" | "wuchs" | "larger"
                )
            {
                Some(true)
            } else if says(token, down)
                || matches!(
                    token.word.as_str(),
                    "less"
                        | "fewer"
                        | "lower"
                        | "down"
                        | "sank"
                        | "fiel"
                        | "weniger"
                        | "gesunken"
                        | "smaller"
                )
            {
                Some(false)
            } else {
                None
            }
        })
        .collect();
    match found[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// The indices of the claim's tokens that state a change.
fn changing(claim: &Analysis) -> Vec<usize> {
    let end = concept("increas");
    (0..claim.tokens.len())
        .filter(|at| {
            let term = claim.tokens[*at].term.as_str();
            term == end || opposite(term, end)
        })
        .collect()
}

/// Returns true for the amount of a change: "by 13 percent", "45 more", "a fall of 13
/// %", "up 12 %".
fn is_of_change(claim: &Analysis, quantity: &Quantity) -> bool {
    let tokens = &claim.tokens;
    let at = tokens.partition_point(|token| token.range.end <= quantity.range.start);
    let behind = tokens.partition_point(|token| token.range.start < quantity.range.end);
    let lead = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    let end = concept("increas");
    let turns = |token: Option<&Token>| {
        token.is_some_and(|token| token.term == end || opposite(&token.term, end))
    };
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let further = at.checked_sub(2).and_then(|at| tokens.get(at));
    matches!(lead(1), "by" | "um" | "up" | "down")
        || (matches!(lead(1), "of" | "von") && turns(further))
        || turns(before)
        || tokens
            .get(behind..(behind + 2).min(tokens.len()))
            .is_some_and(|next| {
                next.iter().any(|token| {
                    matches!(
                        token.word.as_str(),
                        "more"
                            | "less"
                            | "fewer"
                            | "higher"
                            | "lower"
                            | "increase"
                            | "decrease"
                            | "rise"
                            | "fall"
                            | "mehr"
                            | "weniger"
                            | "drop"
                            | "growth"
                            | "decline"
                    )
                })
            })
}

/// The pairs of values before and after a change in one sentence, in order.
fn pairs(given: &Analysis) -> Vec<Change<'_>> {
    let lead = |quantity: &Quantity| -> &str {
        let at = given
            .tokens
            .partition_point(|token| token.range.end <= quantity.range.start);
        let word = |back: usize| {
            at.checked_sub(back)
                .map_or("", |at| given.tokens[at].word.as_str())
        };
        if matches!(
            word(1),
            "about" | "nearly" | "almost" | "just" | "over" | "rund" | "etwa"
        ) {
            word(2)
        } else {
            word(1)
        }
    };
    let mut found = Vec::new();
    for pair in given.quantities.windows(2).take(MOST) {
        let (one, two) = (&pair[0], &pair[1]);
        let same = one.comparable(two) || (one.unit == Unit::Bare) != (two.unit == Unit::Bare);
        if !same || one.weak || two.weak || one.value <= 0.0 || two.value <= 0.0 {
            continue;
        }
        match (lead(one), lead(two)) {
            ("from" | "von" | "de" | "da", "to" | "auf" | "à" | "a") => {
                found.push(Change { old: one, new: two })
            }
            (
                _,
                "from" | "against" | "versus" | "after" | "gegenüber" | "nach" | "contre"
                | "frente",
            ) => {
                found.push(Change { old: two, new: one });
            }
            _ => {}
        }
    }
    found
}

/// Returns true if the amount follows from the change, and `None` if it is of another kind.
fn follows(change: &Change<'_>, quantity: &Quantity, direction: Option<bool>) -> Option<bool> {
    let (old, new) = (change.old.value, change.new.value);
    let value = if quantity.unit == Unit::Percent && change.new.unit != Unit::Percent {
        (new - old) / old * 100.0
    } else if quantity.comparable(change.new) || quantity.comparable(change.old) {
        new - old
    } else {
        return None;
    };
    if direction.is_some_and(|up| up != (value > 0.0)) {
        return Some(false);
    }
    let (told, value) = (quantity.value.abs(), value.abs());
    let slack = if quantity.unit == Unit::Percent {
        ROUNDED.max(quantity.precision)
    } else {
        quantity.precision.min(value * 0.03).max(value * 1e-6)
    };
    Some(match quantity.bound {
        Bound::Above | Bound::AtLeast => value >= told - slack,
        Bound::Below | Bound::AtMost => value <= told + slack,
        Bound::Nearly => value <= told + slack && value >= told * 0.85,
        Bound::JustOver => value >= told - slack && value <= told * 1.15,
        Bound::About => (value - told).abs() <= (told * 0.1).max(slack),
        Bound::Exact => (value - told).abs() <= slack,
    })
}
