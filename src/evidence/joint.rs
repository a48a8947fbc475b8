//! Checks values of a claim that belong together. In a source of many similar sentences ("Pump 17
//! runs at 1017 rpm. Pump 18 runs at 1018 rpm.") each number of "Pump 17 runs at 1018 rpm" occurs,
//! and yet the claim is wrong.

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use super::frames::{CLOSE_FRAME, SAME_FRAME, places};
use crate::text::analysis::Analysis;
use crate::text::dates::Date;
use crate::text::numbers::Quantity;
use crate::text::tokens::{Form, Token};

/// Maximum number of values examined in a claim and in a sentence; ordinary sentences have fewer.
const MOST: usize = 16;

/// A number, a date or a code ("P1", "LH123") of a claim.
#[derive(Clone, Copy)]
enum Value<'a> {
    Number(&'a Quantity),
    Date(&'a Date),
    Code(&'a Token),
}

/// The leading letters of a code; `None` for other tokens.
fn series(token: &Token) -> Option<&str> {
    if token.form == Form::Identifier {
        return None;
    }
    let end = token.word.find(|c: char| !c.is_alphabetic())?;
    let rest = &token.word[end..];
    let numbered = rest.contains(|c: char| c.is_ascii_digit())
        && rest
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'));
    (end > 0 && numbered).then(|| &token.word[..end])
}

impl Value<'_> {
    fn range(&self) -> &std::ops::Range<usize> {
        match self {
            Self::Number(number) => &number.range,
            Self::Date(date) => &date.range,
            Self::Code(code) => &code.range,
        }
    }

    /// Returns true if a number of the source has this value.
    fn is_number(&self, given: &Quantity) -> bool {
        match self {
            Self::Number(own) => own.matches(given),
            Self::Date(own) => own.month.is_none() && own.year.map(f64::from) == Some(given.value),
            Self::Code(_) => false,
        }
    }

    fn is_date(&self, given: &Date) -> bool {
        match self {
            Self::Number(own) => given.year.map(f64::from) == Some(own.value),
            Self::Date(own) => own.covered_by(given),
            Self::Code(_) => false,
        }
    }

    fn in_sentence(&self, given: &Analysis) -> bool {
        if let Self::Code(own) = self {
            return given.tokens.iter().any(|token| token.word == own.word);
        }
        let mut numbers = given.quantities.iter().take(MOST);
        let mut dates = given.dates.iter().take(MOST);
        numbers.any(|given| self.is_number(given)) || dates.any(|given| self.is_date(given))
    }

    /// Returns another value in its place in the sentence: one of the same unit,
    /// and not among `taken`.
    fn rival<'g>(
        &self,
        given: &'g Analysis,
        taken: &[Value<'_>],
    ) -> Option<&'g std::ops::Range<usize>> {
        match self {
            Self::Number(own) => given
                .quantities
                .iter()
                .take(MOST)
                .filter(|other| own.unit == other.unit && !other.weak)
                .find(|other| !taken.iter().any(|value| value.is_number(other)))
                .map(|other| &other.range),
            Self::Date(own) => given
                .dates
                .iter()
                .take(MOST)
                .filter(|other| own.comparable(other) && own.conflicts(other))
                .find(|other| !taken.iter().any(|value| value.is_date(other)))
                .map(|other| &other.range),
            Self::Code(own) => {
                let said = |word: &str| {
                    let codes = taken.iter().filter_map(|value| match value {
                        Value::Code(code) => Some(&*code.word),
                        Value::Number(_) | Value::Date(_) => None,
                    });
                    codes.into_iter().any(|code| code == word)
                };
                let of_series =
                    |token: &&Token| series(token).is_some_and(|it| Some(it) == series(own));
                let mut others = given.tokens.iter().filter(of_series);
                others
                    .find(|other| !said(&other.word))
                    .map(|other| &other.range)
            }
        }
    }
}

/// Extends a value by the noun before it, which says what it numbers: "Room 2".
fn with_noun(
    claim: &Analysis,
    text: &str,
    value: &std::ops::Range<usize>,
) -> std::ops::Range<usize> {
    let at = claim
        .tokens
        .partition_point(|token| token.range.end <= value.start);
    let noun = at.checked_sub(1).map(|before| &claim.tokens[before]);
    let noun = noun.filter(|noun| {
        noun.content() && matches!(text.get(noun.range.end..value.start), Some(" " | "\u{a0}"))
    });
    noun.map_or(value.start, |noun| noun.range.start)..value.end
}

/// Finds two values such that one sentence has the first with another second, another sentence has
/// the second with another first, and no sentence has both.
pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    let claim = &alignment.claim;
    let numbers = claim
        .quantities
        .iter()
        .filter(|number| !number.weak)
        .map(Value::Number);
    let read = |range: &std::ops::Range<usize>| {
        let within =
            |other: &std::ops::Range<usize>| other.start < range.end && range.start < other.end;
        claim.quantities.iter().any(|it| within(&it.range))
            || claim.dates.iter().any(|it| within(&it.range))
    };
    let codes = claim.tokens.iter();
    let codes = codes.filter(|token| series(token).is_some() && !read(&token.range));
    let mut values: Vec<Value<'_>> = numbers
        .chain(claim.dates.iter().map(Value::Date))
        .chain(codes.map(Value::Code))
        .take(MOST)
        .collect();
    values.sort_by_key(|value| value.range().start);
    if values.len() < 2 {
        return;
    }
    let mut sentences: Vec<(usize, f64)> = places(alignment)
        .into_iter()
        .map(|place| (place, alignment.frame(place, &[])))
        .filter(|(_, frame)| *frame >= SAME_FRAME)
        .collect();
    sentences.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
    let holds: Vec<Vec<bool>> = sentences
        .iter()
        .map(|(place, _)| {
            let given = alignment.index.analysis(*place);
            values
                .iter()
                .map(|value| value.in_sentence(given))
                .collect()
        })
        .collect();
    for later in 1..values.len() {
        for first in 0..later {
            if holds.iter().any(|holds| holds[first] && holds[later]) {
                continue;
            }
            // Finds a sentence that has one of the two, and another value in place of the other.
            let instead = |has: usize, lacks: usize, taken: &[Value<'_>], least: f64| {
                sentences
                    .iter()
                    .zip(&holds)
                    .find_map(|((place, frame), holds)| {
                        let fits = *frame >= least && holds[has] && !holds[lacks];
                        let given = alignment.index.analysis(*place);
                        let rival = fits.then(|| values[lacks].rival(given, taken)).flatten();
                        rival.map(|rival| (*place, rival))
                    })
            };
            let Some((sentence, rival)) = instead(first, later, &values, CLOSE_FRAME) else {
                continue;
            };
            // The claim may refer to the one value by the name of the other: "Tower
            // 99" of "99 floors".
            if instead(later, first, &values[first..=first], SAME_FRAME).is_none() {
                continue;
            }
            let range = values[later].range().clone();
            if checked
                .findings
                .iter()
                .any(|finding| finding.range == range)
            {
                continue;
            }
            let (told, known) = (
                &alignment.text[range.clone()],
                &alignment.text[with_noun(claim, alignment.text, values[first].range())],
            );
            checked.findings.push(Finding {
                aspect: match values[later] {
                    Value::Number(_) | Value::Code(_) => Aspect::Number,
                    Value::Date(_) => Aspect::Date,
                },
                range,
                against: true,
                message: format!(
                    "of {known} the source says {}, the claim says {told}",
                    &alignment.index.text()[rival.clone()]
                ),
                sentence: Some(sentence),
            });
        }
    }
}
