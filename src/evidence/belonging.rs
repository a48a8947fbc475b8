//! Features that tell whether the values and names of a claim stand in the source where the rest of
//! the claim does. None of them decides by itself.
//!
//! "Dagny approved the €350" has every word of "Ruth: I approved Pell's €350. Dagny, please pay",
//! but the name stands apart from what is said of it.

use std::ops::Range;

use super::align::Alignment;
use super::index::meets;
use super::nearest::Nearest;
use crate::text::analysis::Analysis;
use crate::text::dates::Date;
use crate::text::numbers::{Quantity, Unit};

/// Maximum number of values, and of names, of a claim that are examined.
const MOST: usize = 8;
/// Maximum number of values of a sentence that are compared with one of the claim.
const RIVALS: usize = 16;
/// Number of tokens on either side of a value that count as its context.
const BESIDE: usize = 5;
/// A sentence without the value counts as better if its share of the rest of the claim is larger by
/// more than this.
const APART: f64 = 0.1;
/// Upper bound of `rival_nearer`, in words.
const WORDS: f64 = 3.0;

/// The features of the values and names of a claim.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Belonging {
    /// The difference between the best share of the rest of the claim in any sentence and the best
    /// in one with the value; the maximum over all values.
    pub(super) value_apart: f64,
    /// The same for names.
    pub(super) name_apart: f64,
    /// Number of values for which the better sentence has another value of the kind.
    pub(super) value_rivals: f64,
    /// Number of names for which the better sentence has a name that is not in the claim.
    pub(super) name_rivals: f64,
    /// The number of context words, net, to which another value of the sentence is nearer than the
    /// claim's; the maximum over all values.
    pub(super) rival_nearer: f64,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Number(&'a Quantity),
    Date(&'a Date),
}

impl Value<'_> {
    const fn range(&self) -> &Range<usize> {
        match self {
            Self::Number(own) => &own.range,
            Self::Date(own) => &own.range,
        }
    }

    /// Returns the ranges of comparable values in a sentence, each with whether it equals this one.
    fn alike(&self, given: &Analysis) -> Vec<(Range<usize>, bool)> {
        match self {
            Self::Number(own) => {
                let numbers = given.quantities.iter().take(RIVALS);
                let numbers = numbers
                    .filter(|other| own.matches(other) || (own.comparable(other) && !other.weak))
                    .map(|other| (other.range.clone(), own.matches(other)));
                let year = |date: &&Date| date.year.map(f64::from) == Some(own.value);
                let years = given
                    .dates
                    .iter()
                    .filter(|_| own.unit == Unit::Bare)
                    .filter(year);
                numbers
                    .chain(years.map(|date| (date.range.clone(), true)))
                    .collect()
            }
            Self::Date(own) => {
                let dates = given.dates.iter().take(RIVALS);
                dates
                    .filter(|other| own.comparable(other))
                    .map(|other| (other.range.clone(), own.covered_by(other)))
                    .collect()
            }
        }
    }
}

impl Belonging {
    pub(super) fn new(nearest: &Nearest<'_>) -> Self {
        let claim = &nearest.alignment.claim;
        let mut found = Self::default();
        let numbers = claim.quantities.iter().filter(|it| !it.weak);
        let numbers = numbers.filter(|it| it.unit != Unit::Rank);
        let values: Vec<Value<'_>> = numbers
            .map(Value::Number)
            .chain(claim.dates.iter().map(Value::Date))
            .take(MOST)
            .collect();
        for value in &values {
            found.value(nearest, *value, &values);
        }
        for name in claim.entities.iter().filter(|it| !it.weak).take(MOST) {
            found.name(nearest, &name.tokens);
        }
        found
    }

    fn value(&mut self, nearest: &Nearest<'_>, value: Value<'_>, all: &[Value<'_>]) {
        let alignment = nearest.alignment;
        let without = tokens_within(&alignment.claim, value.range());
        let has = |sentence: usize| {
            let given = alignment.index.analysis(sentence);
            value.alike(given).iter().any(|(_, own)| *own)
        };
        let Some((own, best)) = Bearing::of(nearest, &without, has) else {
            return;
        };
        let apart = (best.share - own.share).max(0.0);
        self.value_apart = self.value_apart.max(apart);
        let given = alignment.index.analysis(best.sentence);
        if apart > APART && value.alike(given).iter().any(|(_, own)| !own) {
            self.value_rivals += 1.0;
        }
        let nearer = rival_nearer(alignment, own.sentence, value, all);
        self.rival_nearer = self.rival_nearer.max(nearer);
    }

    fn name(&mut self, nearest: &Nearest<'_>, tokens: &Range<usize>) {
        let alignment = nearest.alignment;
        let claim = &alignment.claim;
        let without: Vec<usize> = tokens.clone().collect();
        let entity = claim.entities.iter().find(|it| it.tokens == *tokens);
        let within = |sentence: usize| {
            let given = alignment.index.analysis(sentence);
            let same = |other| entity.is_some_and(|own| own.same(other));
            given.entities.iter().take(RIVALS).any(same)
                || without.iter().all(|at| {
                    let own = &claim.tokens[*at];
                    own.stop || given.tokens.iter().any(|token| meets(own, token))
                })
        };
        let has = |sentence: usize| {
            let lead = alignment.index.lead(sentence);
            let before = alignment.antecedent(sentence);
            let mut places = [Some(sentence), lead, before].into_iter().flatten();
            places.any(within)
        };
        let Some((own, best)) = Bearing::of(nearest, &without, has) else {
            return;
        };
        let apart = (best.share - own.share).max(0.0);
        self.name_apart = self.name_apart.max(apart);
        let given = alignment.index.analysis(best.sentence);
        let strangers = alignment.strangers(best.sentence);
        let named = |place: &usize| !given.entities[*place].weak;
        if apart > APART && strangers.iter().any(named) {
            self.name_rivals += 1.0;
        }
    }
}

/// A sentence with the share of a claim's information that it has.
struct Bearing {
    sentence: usize,
    share: f64,
}

impl Bearing {
    /// Returns the best sentence for which `has` is true, and the best of all; `None` if there is
    /// none of the former.
    fn of(
        nearest: &Nearest<'_>,
        without: &[usize],
        has: impl Fn(usize) -> bool,
    ) -> Option<(Self, Self)> {
        let (mut own, mut best): (Option<Self>, Option<Self>) = (None, None);
        for sentence in nearest.sentences.iter().copied() {
            let share = nearest.share(sentence, without);
            let better = |than: &Option<Self>| than.as_ref().is_none_or(|it| share > it.share);
            if has(sentence) && better(&own) {
                own = Some(Self { sentence, share });
            }
            if better(&best) {
                best = Some(Self { sentence, share });
            }
        }
        own.zip(best)
    }
}

/// Returns the indexes of the tokens that overlap a range of bytes.
fn tokens_within(analysis: &Analysis, range: &Range<usize>) -> Vec<usize> {
    let tokens = analysis.tokens.iter().enumerate();
    tokens
        .filter(|(_, token)| token.range.start < range.end && range.start < token.range.end)
        .map(|(at, _)| at)
        .collect()
}

/// Returns to how many context words, net, another value of the sentence is nearer than the
/// claim's, from 0 to `WORDS`.
fn rival_nearer(
    alignment: &Alignment<'_>,
    sentence: usize,
    value: Value<'_>,
    all: &[Value<'_>],
) -> f64 {
    let (claim, given) = (&alignment.claim, alignment.index.analysis(sentence));
    let place = |range: &Range<usize>| {
        given
            .tokens
            .partition_point(|token| token.range.end <= range.start)
    };
    let alike = value.alike(given);
    let own: Vec<usize> = alike
        .iter()
        .filter(|(_, own)| *own)
        .map(|(range, _)| place(range))
        .collect();
    // A value that the claim has elsewhere is not a rival.
    let told = |range: &Range<usize>| {
        let mut others = all.iter().filter(|other| other.range() != value.range());
        others.any(|other| {
            let mut alike = other.alike(given).into_iter();
            alike.any(|(theirs, same)| same && theirs == *range)
        })
    };
    let rivals: Vec<usize> = alike
        .iter()
        .filter(|(range, own)| !own && !told(range))
        .map(|(range, _)| place(range))
        .collect();
    if own.is_empty() || rivals.is_empty() {
        return 0.0;
    }
    let within = tokens_within(claim, value.range());
    let (Some(first), Some(last)) = (within.first(), within.last()) else {
        return 0.0;
    };
    let beside = (first.saturating_sub(BESIDE)..*first)
        .chain(last + 1..claim.tokens.len().min(last + 1 + BESIDE));
    let words: Vec<Vec<usize>> = beside
        .filter(|at| alignment.weights[*at] > 0.0)
        .map(|at| {
            let met = (0..given.tokens.len())
                .filter(|place| meets(&claim.tokens[at], &given.tokens[*place]));
            let mut places: Vec<usize> = met.collect();
            if places.is_empty() {
                places.extend(alignment.carrier(at, sentence));
            }
            places
        })
        .filter(|places| !places.is_empty())
        .collect();
    let distance = |places: &[usize], from: &[usize]| {
        let pairs = places
            .iter()
            .flat_map(|one| from.iter().map(move |two| one.abs_diff(*two)));
        pairs.min().unwrap_or(usize::MAX)
    };
    let nearer = |rival: usize| {
        words
            .iter()
            .map(|places| {
                let (mine, theirs) = (distance(places, &own), distance(places, &[rival]));
                match theirs.cmp(&mine) {
                    std::cmp::Ordering::Less => 1.0,
                    std::cmp::Ordering::Greater => -1.0,
                    std::cmp::Ordering::Equal => 0.0,
                }
            })
            .sum::<f64>()
    };
    let most = rivals.into_iter().map(nearer).fold(0.0, f64::max);
    most.min(WORDS)
}

#[cfg(test)]
#[path = "tests/belonging.rs"]
mod tests;
