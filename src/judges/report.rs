//! Converts an outcome into the report that is stored and shown.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::details::Details;
use crate::domain::report::{JudgeReport, JudgeStatus};

use super::budget::JudgeUsage;
use super::{Answer, Assessment, Case, Judge, JudgeError, Outcome, Profile};

/// Builds the report of one outcome. An assessment with values out of range is a fault of the
/// judge, not a score.
pub(crate) fn report(profile: &Profile, outcome: Outcome, elapsed: Duration) -> JudgeReport {
    let blank = JudgeReport {
        usage: outcome.usage,
        details: outcome.details,
        flagged_issues: outcome.suspected,
        ..blank(profile, outcome.attempts, elapsed)
    };
    match outcome.result.and_then(checked) {
        Ok(Answer::Scored(assessment)) => JudgeReport {
            status: JudgeStatus::Completed,
            score: Some(assessment.score),
            confidence: Some(assessment.confidence),
            reasoning: assessment.reasoning,
            flagged_issues: assessment.issues,
            claim_verdicts: assessment.claim_labels,
            ..blank
        },
        Ok(Answer::Abstained(reasoning)) => JudgeReport {
            status: JudgeStatus::Abstained,
            reasoning,
            ..blank
        },
        Err(error) => failed(blank, &error),
    }
}

/// Runs a judge, and reports its outcome and its duration.
pub(crate) async fn assessed(judge: &dyn Judge, case: Arc<Case>) -> JudgeReport {
    let begin = Instant::now();
    let outcome = judge.assess(case).await;
    report(judge.profile(), outcome, begin.elapsed())
}

/// Returns the report of a judge that was dropped without an outcome.
pub(crate) fn lost(profile: &Profile) -> JudgeReport {
    let error = JudgeError::Internal("it stopped without an answer".into());
    failed(blank(profile, 1, Duration::ZERO), &error)
}

/// Returns the report of a judge that was cancelled while it ran. The usage of requests in flight
/// is unknown, so they are reported with their maximum.
pub(crate) fn cancelled(
    profile: &Profile,
    judge_usage: JudgeUsage,
    elapsed: Duration,
) -> JudgeReport {
    let usage = match (judge_usage.used, judge_usage.under_way) {
        (Some(used), Some(under_way)) => Some(used.plus(under_way)),
        (used, under_way) => used.or(under_way),
    };
    let attempts = if profile.offline {
        1
    } else {
        judge_usage.calls
    };
    let blank = JudgeReport {
        usage,
        details: (judge_usage.under_way.is_some() || judge_usage.estimated).then(|| {
            Box::new(Details {
                usage_estimated: true,
                ..Details::default()
            })
        }),
        ..blank(profile, attempts, elapsed)
    };
    failed(blank, &JudgeError::Cancelled)
}

fn failed(blank: JudgeReport, error: &JudgeError) -> JudgeReport {
    JudgeReport {
        status: error.status(),
        error: Some(error.to_string()),
        failure: Some(error.failure()),
        ..blank
    }
}

fn blank(profile: &Profile, attempts: u32, elapsed: Duration) -> JudgeReport {
    JudgeReport {
        judge_name: profile.name.clone(),
        kind: profile.kind.clone(),
        model: profile.model.clone(),
        status: JudgeStatus::Failed,
        score: None,
        confidence: None,
        reasoning: String::new(),
        flagged_issues: Vec::new(),
        claim_verdicts: Vec::new(),
        response_time_ms: elapsed.as_millis().try_into().unwrap_or(u64::MAX),
        attempts,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

fn checked(answer: Answer) -> Result<Answer, JudgeError> {
    let Answer::Scored(Assessment {
        score,
        confidence,
        ref claim_labels,
        ..
    }) = answer
    else {
        return Ok(answer);
    };
    if !(0.0..=100.0).contains(&score) {
        return Err(JudgeError::Malformed(format!(
            "score {score} is not in 0..100"
        )));
    }
    let confidences = std::iter::once(confidence).chain(claim_labels.iter().map(|l| l.confidence));
    for confidence in confidences {
        if !(0.0..=1.0).contains(&confidence) {
            return Err(JudgeError::Malformed(format!(
                "confidence {confidence} is not in 0..1"
            )));
        }
    }
    Ok(answer)
}

#[cfg(test)]
#[path = "tests/report.rs"]
mod tests;
