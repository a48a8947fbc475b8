//! Alignment of the claims that people labelled with the claims that the product extracted.
//!
//! A labelled claim is assigned the verdict of the extracted claim that overlaps it most. The
//! overlap is counted in letters and digits of the candidate, so that list marks, citation marks
//! and spaces do not count.

use crate::domain::claim::Span;
use crate::domain::verdict::{Label, Probabilities, Verdict};
use crate::figures::three_way::{Judged, Truth};

use super::lines::{Labelled, Pair};

/// Prefix counts: the number of letters and digits before each UTF-16 unit of a text, so that the
/// number within a span is one subtraction.
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

/// Returns the claims of a pair whose true label is known, each with its verdict and the verdict's
/// index. These are the labelled claims if the pair labels claims; otherwise the only claim of a
/// pair with one verdict, since one label for several claims does not tell which of them are right.
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

/// Compares the true label of the whole candidate with that of its worst claim. `None` if the file
/// does not use the three labels, or if the pair labels claims.
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

/// Finds for each labelled claim the index of the verdict whose claim overlaps it most, and among
/// equals the shortest. `None` if the extracted claims cover less than half of it.
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

/// Returns the true label of an extracted claim: that of the labelled claim that overlaps it most,
/// if the overlap is at least half of the extracted claim; without labelled claims that of the
/// whole pair, if it determines the claim's.
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
        // Every claim of a supported output is supported.
        None if pair.supported || verdicts.len() == 1 => Some(truth(pair)),
        None => None,
    }
}

#[cfg(test)]
#[path = "tests/claims.rs"]
mod tests;
