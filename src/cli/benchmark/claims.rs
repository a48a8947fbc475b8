//! Claims that people labelled beside the product's own: which verdict is on which label.
//!
//! A labelled claim takes the verdict of the product's claim that overlaps it most, counted in letters and
//! digits of the candidate, so that list marks, citation marks and spaces decide nothing.

use crate::domain::claim::Span;
use crate::domain::verdict::{Label, Probabilities, Verdict};
use crate::figures::three_way::{Judged, Truth};

use super::lines::{Labelled, Pair};

/// Letters and digits of a text before each of its UTF-16 units, so that those of a span are one
/// subtraction.
struct Letters(Vec<usize>);

impl Letters {
    fn new(text: &str) -> Self {
        let mut before = vec![0];
        let mut count = 0;
        for character in text.chars() {
            count += usize::from(character.is_alphanumeric());
            before.extend(std::iter::repeat_n(count, character.len_utf16()));
        }
        Self(before)
    }

    fn of(&self, span: Span) -> usize {
        let at = |place: usize| self.0[place.min(self.0.len() - 1)];
        at(span.end).saturating_sub(at(span.start))
    }

    fn shared(&self, one: Span, other: Span) -> usize {
        let (start, end) = (one.start.max(other.start), one.end.min(other.end));
        if start < end {
            self.of(Span { start, end })
        } else {
            0
        }
    }
}

/// What people say of a pair's claims, as far as that follows from its labels, and the verdicts on them:
/// each labelled claim where claims are labelled, else the one claim of a pair that has just one. A pair
/// of several claims under one label does not tell which of them are right.
pub(in crate::cli) fn judged(pair: &Pair, verdicts: &[Verdict]) -> Vec<(Judged, Option<usize>)> {
    let made = |truth: Truth, at: Option<usize>| {
        let given = at.map(|at| (verdicts[at].label, verdicts[at].probability));
        let document = pair.document;
        (
            Judged {
                truth,
                given,
                document,
            },
            at,
        )
    };
    if let Some(claims) = &pair.claims {
        let found = covering(&pair.texts.candidate, claims, verdicts);
        return claims
            .iter()
            .zip(found)
            .map(|(claim, at)| made(Truth::Label(claim.label), at))
            .collect();
    }
    match verdicts {
        [_] => vec![made(truth(pair), Some(0))],
        _ => Vec::new(),
    }
}

/// What people say of the whole candidate beside what the verdicts say of it: the label of the worst
/// claim, with that claim's chances. None where the set has no three labels, or labels claims.
pub(super) fn whole(pair: &Pair, verdicts: &[Verdict]) -> Option<Judged> {
    let label = pair.label.filter(|_| pair.claims.is_none())?;
    Some(Judged {
        truth: Truth::Label(label),
        given: worst(verdicts),
        document: pair.document,
    })
}

fn worst(verdicts: &[Verdict]) -> Option<(Label, Probabilities)> {
    let rank = |verdict: &Verdict| match verdict.label {
        Label::Refuted => 0,
        Label::NotEnoughInfo => 1,
        Label::Supported => 2,
    };
    verdicts
        .iter()
        .min_by(|one, other| {
            let chance = |verdict: &Verdict| verdict.probability.supported;
            (rank(one).cmp(&rank(other))).then(chance(one).total_cmp(&chance(other)))
        })
        .map(|verdict| (verdict.label, verdict.probability))
}

fn truth(pair: &Pair) -> Truth {
    match (pair.label, pair.supported) {
        (Some(label), _) => Truth::Label(label),
        (None, true) => Truth::Label(Label::Supported),
        (None, false) => Truth::NotSupported,
    }
}

/// Of each labelled claim the verdict on the claim that overlaps it most, of several the shortest; none
/// where the product's claims cover less than half of it.
fn covering(candidate: &str, claims: &[Labelled], verdicts: &[Verdict]) -> Vec<Option<usize>> {
    let letters = Letters::new(candidate);
    claims
        .iter()
        .map(|claim| {
            let shared = |at: usize| letters.shared(claim.span, verdicts[at].claim.span);
            let all: usize = (0..verdicts.len()).map(shared).sum();
            if 2 * all < letters.of(claim.span) || all == 0 {
                return None;
            }
            (0..verdicts.len()).max_by_key(|&at| {
                let length = letters.of(verdicts[at].claim.span);
                (shared(at), std::cmp::Reverse(length), std::cmp::Reverse(at))
            })
        })
        .collect()
}

/// What people say of one of the product's claims: by the labelled claim that it overlaps most, where that
/// takes at least half of it; by the label of the whole where that tells.
pub(super) fn truth_of(pair: &Pair, verdicts: &[Verdict], at: usize) -> Option<Truth> {
    let span = verdicts[at].claim.span;
    match &pair.claims {
        Some(claims) => {
            let letters = Letters::new(&pair.texts.candidate);
            let shared = |claim: &&Labelled| letters.shared(claim.span, span);
            let nearest = claims.iter().max_by_key(shared)?;
            let enough = 2 * shared(&nearest) >= letters.of(span) && shared(&nearest) > 0;
            enough.then_some(Truth::Label(nearest.label))
        }
        // All claims of a supported output are.
        None if pair.supported || verdicts.len() == 1 => Some(truth(pair)),
        None => None,
    }
}

#[cfg(test)]
#[path = "tests/claims.rs"]
mod tests;
