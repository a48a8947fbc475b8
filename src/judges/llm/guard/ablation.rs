//! Ablation: if texts address the judge, it is asked twice, the second time without the suspicious
//! sentences, and a score that depends on them does not count.

use crate::domain::details::SecondLook;
use crate::domain::injection::{InjectionSign, Place};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::judges::llm::reply::self_consistency::Sample;
use crate::judges::{Assessment, Case, JudgeError};

/// Maximum number of signs that become issues of one report.
const LISTED: usize = 5;
/// Increase of the score from which it counts as manipulated: one level of the rating.
const GAIN: f64 = 25.0;
/// Decrease from which it counts as manipulated: two levels of the rating. A suspicious sentence of
/// the candidate may simply be wrong and rightly cost one level; two are more than one sentence
/// should weigh.
const LOSS: f64 = 50.0;
/// The score of a candidate of which no sentence is left.
const NOTHING: f64 = 0.0;

/// The result of asking without the suspicious sentences.
pub(crate) enum Ablated {
    /// The sample that was taken without the suspicious sentences.
    Asked(Box<Sample>),
    /// Not asked, because no sentence of the candidate is left.
    NothingLeft,
}

/// Evaluates the first sample in the light of the second.
///
/// If the second sample failed, the first cannot be verified and does not count either: a vote that
/// an attacker may have manipulated is worse than one vote fewer. If nothing of the candidate is
/// left, the first counts only if its score is close to zero.
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

/// Returns the signs as issues of a vote that does not count because of them.
pub(crate) fn suspected(result: &Result<Assessment, JudgeError>, case: &Case) -> Vec<Issue> {
    match result {
        Err(JudgeError::Quarantined(_)) => issues(&case.signs).collect(),
        _ => Vec::new(),
    }
}

/// Returns whether the difference is larger than the omitted sentences can justify. Suspicious
/// sentences of the source or the question must not change the score in either direction.
fn depends(case: &Case, difference: f64) -> bool {
    let outside = case.signs.iter().any(|sign| sign.place != Place::Candidate);
    difference >= GAIN || difference <= -LOSS || outside && difference <= -GAIN
}

/// Converts the first signs to issues. Only those of the candidate have a span, since the others
/// are not its fault.
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
