//! Claims that people labelled beside the product's own: which verdict is on which label.
//!
//! A labelled claim takes the verdict of the product's claim that overlaps it most, counted in letters and
//! digits of the candidate, so that list marks, citation marks and spaces decide nothing.

use crate::domain::claim::Span;
use crate::domain::verdict::{Label, Probabilities, Verdict};
use crate::metrics::three_way::{Judged, Truth};

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
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::audit::panel::Question;
    use crate::domain::claim::{Claim, ClaimType};
    use crate::domain::ids::ClaimId;

    fn span(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    fn verdict(span: Span, label: Label) -> Verdict {
        Verdict {
            claim: Claim {
                id: ClaimId::new(Uuid::from_u128(span.start as u128 + 1)),
                index: 0,
                text: String::new(),
                kind: ClaimType::Factual,
                span,
            },
            label,
            confidence: 0.9,
            probability: Probabilities::from_label(label, 0.9),
            evidence: Vec::new(),
            reasoning: String::new(),
        }
    }

    fn pair(candidate: &str, claims: Option<Vec<Labelled>>, supported: bool) -> Pair {
        Pair {
            texts: Question {
                source: "s".into(),
                candidate: candidate.into(),
                question: None,
            },
            supported,
            document: 0,
            class: None,
            label: None,
            claims,
            spans: None,
        }
    }

    #[test]
    fn a_labelled_claim_takes_the_verdict_that_overlaps_it_most() {
        // 0..9 "- 😀 abcd", 10..19 "efgh ijkl", 20..23 "mno"
        let candidate = "- 😀 abcd\nefgh ijkl\nmno";
        let labelled = |start, end, label| Labelled {
            span: span(start, end),
            label,
        };
        let claims = vec![
            labelled(0, 9, Label::Supported),
            labelled(10, 19, Label::Refuted),
            labelled(20, 23, Label::Supported),
        ];
        let pair = pair(candidate, Some(claims), false);
        let verdicts = [
            verdict(span(5, 14), Label::Supported),
            verdict(span(14, 19), Label::NotEnoughInfo),
        ];
        let got: Vec<_> = judged(&pair, &verdicts)
            .into_iter()
            .map(|(claim, at)| (claim.given.map(|given| given.0), at))
            .collect();
        assert_eq!(
            got,
            [
                (Some(Label::Supported), Some(0)),
                (Some(Label::NotEnoughInfo), Some(1)),
                (None, None)
            ]
        );
        // "abcd efgh" overlaps both alike; "ijkl" is the second's alone.
        let truth = |at| truth_of(&pair, &verdicts, at);
        assert_eq!(truth(1), Some(Truth::Label(Label::Refuted)));
        assert!(truth(0).is_some());
    }

    #[test]
    fn a_label_for_the_whole_tells_of_one_claim_or_of_none() {
        let one = [verdict(span(0, 3), Label::Refuted)];
        let two = [one[0].clone(), verdict(span(3, 6), Label::Supported)];
        let wrong = pair("abcdef", None, false);
        assert_eq!(judged(&wrong, &one)[0].0.truth, Truth::NotSupported);
        assert!(judged(&wrong, &two).is_empty());
        assert_eq!(truth_of(&wrong, &two, 0), None);
        let right = pair("abcdef", None, true);
        assert_eq!(
            truth_of(&right, &two, 0),
            Some(Truth::Label(Label::Supported))
        );
        let three = Pair {
            label: Some(Label::NotEnoughInfo),
            ..pair("abcdef", None, false)
        };
        let got = whole(&three, &two).unwrap();
        assert_eq!(got.given.unwrap().0, Label::Refuted);
        assert_eq!(whole(&wrong, &two), None);
    }
}
