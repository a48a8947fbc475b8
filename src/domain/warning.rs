//! Warnings to clients about a part of a run that failed while the run continues.

use std::collections::BTreeMap;

use super::event::{ErrorType, EventBody, RunError};
use super::hint::{called, hint};
use super::report::{Failure, JudgeReport, JudgeStatus};

/// Creates an error event that does not end the run.
pub(super) fn warning(error_type: ErrorType, message: String, suggestions: &[&str]) -> EventBody {
    EventBody::EvaluationError(Box::new(RunError {
        fatal: false,
        error_type,
        message,
        recovery_suggestions: suggestions.iter().map(|&text| text.to_owned()).collect(),
        details: None,
    }))
}

/// Describes a judge that gave no usable answer.
pub(super) fn judge_failure(report: &JudgeReport) -> RunError {
    let error_type = match report.status {
        JudgeStatus::Timeout => ErrorType::JudgeTimeout,
        JudgeStatus::RateLimited => ErrorType::JudgeRateLimited,
        _ => ErrorType::JudgeError,
    };
    let suggestion = hint(report.failure.unwrap_or(Failure::Internal));
    RunError {
        fatal: false,
        error_type,
        message: format!(
            "judge {} gave no score: {}",
            report.judge_name,
            report.error.as_deref().unwrap_or("no reason given")
        ),
        recovery_suggestions: vec![
            suggestion.to_owned(),
            "start the evaluation again to ask this judge once more".to_owned(),
        ],
        details: Some(serde_json::json!({
            "judge_name": report.judge_name,
            "status": report.status,
            "failure": report.failure,
            "attempts": report.attempts,
        })),
    }
}

/// Describes a run with fewer scores than required: the failures, their causes,
/// and advice about each.
pub(super) fn too_few_scores<'a>(
    reports: impl IntoIterator<Item = &'a JudgeReport>,
    quorum: usize,
) -> RunError {
    let (mut completed, mut abstained, mut failed) = (0_usize, 0_usize, 0_usize);
    let mut failures = BTreeMap::<&str, usize>::new();
    let mut kinds = Vec::new();
    let mut suggestions = Vec::new();
    for report in reports {
        match report.status {
            JudgeStatus::Completed => completed += 1,
            JudgeStatus::Abstained => abstained += 1,
            _ => {
                failed += 1;
                let failure = report.failure.unwrap_or(Failure::Internal);
                *failures.entry(failure.as_str()).or_default() += 1;
                let kind = called(failure);
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                    suggestions.push(format!("{kind}: {}", hint(failure)));
                }
            }
        }
    }
    let what = match completed {
        0 => "no judge gave a score".to_owned(),
        n => format!("{n} of the {quorum} judges that are needed gave a score"),
    };
    let mut message = format!("{what}: {failed} failed");
    if failed > 0 {
        message += &format!(" ({})", kinds.join(", "));
        suggestions.push("add an offline judge, which needs no provider".to_owned());
    }
    message += &format!(", {abstained} abstained");
    if abstained > 0 {
        suggestions.push(
            "give an output that states something that the source can support or contradict"
                .to_owned(),
        );
    }
    RunError {
        fatal: true,
        error_type: ErrorType::AllJudgesFailed,
        message,
        recovery_suggestions: suggestions,
        details: Some(serde_json::json!({
            "completed": completed, "quorum": quorum, "failed": failed, "abstained": abstained,
            "failures": failures,
        })),
    }
}
