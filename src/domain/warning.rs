//! What a watcher is told when a part of a run fails and the run goes on.

use super::event::{ErrorType, EventBody, RunError};
use super::hint::hint;
use super::report::{Failure, JudgeReport, JudgeStatus};

/// A fault that the run survives.
pub(super) fn warning(error_type: ErrorType, message: String, suggestions: &[&str]) -> EventBody {
    EventBody::EvaluationError(Box::new(RunError {
        fatal: false,
        error_type,
        message,
        recovery_suggestions: suggestions.iter().map(|&text| text.to_owned()).collect(),
        details: None,
    }))
}

/// A judge that gave no usable answer.
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
            "the figures rest on the other judges; start the evaluation again to ask this one once more".to_owned(),
        ],
        details: Some(serde_json::json!({ "judge_name": report.judge_name, "status": report.status, "attempts": report.attempts })),
    }
}
