//! Where the texts speak to the judge: the judge is asked twice, once without what speaks to it, and a
//! score that depends on it does not count.

use crate::domain::details::SecondLook;
use crate::domain::injection::{InjectionSign, Place};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::judges::llm::reply::self_consistency::Sample;
use crate::judges::{Assessment, Case, JudgeError};

/// Signs that become issues of one report.
const LISTED: usize = 5;
/// A gain of one level of the rating: what an attack is for.
const GAIN: f64 = 25.0;
/// A suspicious sentence of the candidate may be wrong like any other and rightly cost a level; two
/// levels are more than one sentence should weigh.
const LOSS: f64 = 50.0;
/// The score of a candidate of which nothing is left: nothing holds.
const NOTHING: f64 = 0.0;

/// The second asking.
pub(crate) enum Ablated {
    /// What came of it.
    Asked(Box<Sample>),
    /// Not made: no sentence of the candidate is left.
    NothingLeft,
}

/// The first asking in the light of the second.
///
/// Where the second asking failed, the first can't be checked, and does not count either: a vote that
/// may be an attacker's is worse than one fewer. Where nothing of the candidate is left, the first
/// counts only if it gave next to nothing.
pub(crate) fn judged(first: Sample, second: Ablated, left_out: usize, case: &Case) -> Sample {
    let (without, failure, mut first) = match second {
        Ablated::NothingLeft => (None, None, first),
        Ablated::Asked(second) => {
            let mut details = first.details;
            details.usage_estimated |= second.details.usage_estimated;
            let first = Sample {
                attempts: first.attempts + second.attempts,
                details,
                ..first
            };
            match second.result {
                Ok(opinion) => (Some(opinion.score), None, first),
                Err(error) => (None, Some(error), first),
            }
        }
    };
    let Ok(opinion) = &mut first.result else {
        return first;
    };
    let with = opinion.score;
    first.details.second_look = Some(SecondLook {
        with,
        without,
        left_out,
    });
    let reason = match (failure, without) {
        (Some(error), _) => Some(format!(
            "it scored {with:.0}, and could not be asked again without the {left_out} suspicious sentences: {error}"
        )),
        (None, Some(without)) => depends(case, with - without).then(|| {
            format!(
                "it scored {with:.0}, and {without:.0} without the {left_out} sentences that speak to the judge"
            )
        }),
        (None, None) => (with - NOTHING >= GAIN).then(|| {
            format!(
                "it scored {with:.0}, and without the {left_out} sentences that speak to the judge nothing of the candidate is left"
            )
        }),
    };
    match reason {
        Some(reason) => first.result = Err(JudgeError::Quarantined(reason)),
        None => opinion.issues.extend(issues(&case.signs)),
    }
    first
}

/// The signs as issues of a vote that does not count because of them.
pub(crate) fn suspected(result: &Result<Assessment, JudgeError>, case: &Case) -> Vec<Issue> {
    match result {
        Err(JudgeError::Quarantined(_)) => issues(&case.signs).collect(),
        _ => Vec::new(),
    }
}

/// True where so large a difference is more than the sentences left out are worth. A sentence of the
/// source or the question that speaks to the judge is worth nothing either way.
fn depends(case: &Case, difference: f64) -> bool {
    let outside = case.signs.iter().any(|sign| sign.place != Place::Candidate);
    difference >= GAIN || difference <= -LOSS || outside && difference <= -GAIN
}

/// The first signs as issues. Those of the candidate have their span; the others are not its fault.
fn issues(signs: &[InjectionSign]) -> impl Iterator<Item = Issue> {
    signs.iter().take(LISTED).map(|sign| {
        let (severity, span) = match sign.place {
            Place::Candidate => (Severity::High, Some(sign.span)),
            Place::Source | Place::Question | Place::Document => (Severity::Low, None),
        };
        Issue {
            kind: IssueType::InjectionSuspected,
            severity,
            description: format!(
                "The {} holds {}: \"{}\"",
                sign.place.as_str(),
                sign.kind.words(),
                sign.excerpt
            ),
            span,
            unmatched_quote: None,
        }
    })
}
