//! The request and the response of a check within a time limit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluations::{
    ClaimView, ConfigRequest, CreateEvaluation, MAX_CANDIDATE_CHARS, MAX_JUDGES,
    MAX_QUESTION_CHARS, whole,
};
use super::sources::{SourceText, source_faults};
use super::texts::text_fault;
use crate::domain::guard::{GuardReason, GuardVerdict};
use crate::domain::ids::SessionId;
use crate::domain::panel::PanelStamp;
use crate::domain::report::JudgeStatus;
use crate::domain::result::{Faithfulness, NonClaim};
use crate::protocol::error::FieldError;

/// Default time limit of a check, in milliseconds: as much as the path of an answer to its reader
/// can spare. The bounds follow.
const USUAL_BUDGET_MS: u64 = 300;
const SHORTEST_BUDGET_MS: u64 = 50;
const LONGEST_BUDGET_MS: u64 = 60_000;

/// Body of `POST /check`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
    /// What the output has to hold to: this, or `sources`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(min_length = 1, max_length = 200_000, pattern = r"^[^\u0000]*$")]
    pub source_text: String,
    /// Several texts that the output has to hold to, in place of `source_text`. Evidence names the one that it is
    /// from; citations are checked by an evaluation only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub sources: Vec<SourceText>,
    /// The model's output.
    #[schema(min_length = 1, max_length = 50_000, pattern = r"^[^\u0000]*$")]
    pub candidate_output: String,
    /// The question that it answers.
    #[serde(default)]
    #[schema(max_length = 10_000, pattern = r"^[^\u0000]*$")]
    pub question: Option<String>,
    /// Names of judges, as `GET /judges` lists them; the server's default ones where none is named.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// Milliseconds within which there is an answer, but for up to 50 more.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 50, maximum = 60_000, default = 300)]
    pub budget_ms: Option<u64>,
    /// Below this chance that the source supports all of it an answer is flagged; the server's own where none is
    /// given.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    pub threshold: Option<f64>,
    /// Whether it is kept as an evaluation, whose run goes on after the answer.
    #[serde(default)]
    pub keep: bool,
    /// Whether an answer may pass although judges that ask others were not heard in time. Without it, whatever is
    /// missing flags an answer.
    #[serde(default)]
    pub accept_missing: bool,
}

impl CheckRequest {
    /// Returns every value that is not allowed, except for the judges' names, which only the server
    /// knows.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = source_faults(&self.source_text, &self.sources);
        faults.extend(text_fault(
            "/candidate_output",
            &self.candidate_output,
            1,
            MAX_CANDIDATE_CHARS,
        ));
        if let Some(question) = &self.question {
            faults.extend(text_fault("/question", question, 0, MAX_QUESTION_CHARS));
        }
        faults.extend(judges_fault(self.judges.as_deref()));
        if !(SHORTEST_BUDGET_MS..=LONGEST_BUDGET_MS).contains(&self.budget_ms()) {
            let detail = format!("must be {SHORTEST_BUDGET_MS} to {LONGEST_BUDGET_MS}");
            faults.push(FieldError::new("/budget_ms", detail));
        }
        faults.extend(threshold_fault(self.threshold));
        faults
    }

    /// Returns the time limit in milliseconds, 300 unless the request has one.
    pub(crate) fn budget_ms(&self) -> u64 {
        self.budget_ms.unwrap_or(USUAL_BUDGET_MS)
    }

    /// Creates the request for the evaluation as which a check is kept, with the judges that are
    /// asked.
    pub(crate) fn evaluation(&self, judges: &[String]) -> CreateEvaluation {
        CreateEvaluation {
            source_text: self.source_text.clone(),
            sources: self.sources.clone(),
            candidate_output: self.candidate_output.clone(),
            question: self.question.clone(),
            config: Some(ConfigRequest {
                judges: Some(judges.to_vec()),
                enable_retrieval: Some(false),
                collection_id: Some(None),
                ..ConfigRequest::default()
            }),
            start: true,
        }
    }
}

/// Checks the number of judges.
pub(crate) fn judges_fault(names: Option<&[String]>) -> Option<FieldError> {
    match names {
        Some([]) => Some(FieldError::new("/judges", "needs at least one judge")),
        Some(names) if names.len() > MAX_JUDGES => {
            let detail = format!("has more than {MAX_JUDGES} judges");
            Some(FieldError::new("/judges", detail))
        }
        _ => None,
    }
}

/// Checks that a threshold is 0 to 1.
pub(crate) fn threshold_fault(threshold: Option<f64>) -> Option<FieldError> {
    let wrong = threshold.is_some_and(|value| !(0.0..=1.0).contains(&value));
    wrong.then(|| FieldError::new("/threshold", "must be 0 to 1"))
}

/// What came of asking one judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CheckedJudge {
    /// The configured name.
    pub name: String,
    /// How it ended; `timeout` where it was not heard in time.
    pub status: JudgeStatus,
    /// 0 (nothing holds) .. 100 (all does); null unless completed.
    pub score: Option<f64>,
    /// From asking to answering.
    pub response_time_ms: u64,
    /// What went wrong, for a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What is known of an answer when its time is over.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// What to do with the answer. It passes only where everybody was heard who had to be.
    pub verdict: GuardVerdict,
    /// Why it is flagged; empty where it is not.
    pub reasons: Vec<GuardReason>,
    /// Why there is nothing to check: `abstained` where the output says that the source does not tell, `no_claim`
    /// where it states nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_reason: Option<&'static str>,
    /// Whether the source supports every claim, by those who were heard; null without a claim, and where too little
    /// was heard to tell.
    pub faithfulness: Option<Faithfulness>,
    /// Below this chance an answer is flagged, 0..1.
    pub threshold: f64,
    /// The claims with what was decided of them; empty where they were not all verified in time.
    pub claims: Vec<ClaimView>,
    /// Parts of the output that state nothing which a source could bear out.
    pub non_claims: Vec<NonClaim>,
    /// The judges that were asked, in the order in which they were named.
    pub judges: Vec<CheckedJudge>,
    /// Names of the judges without an answer: out of time, or failed.
    pub missing: Vec<String>,
    /// Which panel it was.
    pub panel: PanelStamp,
    /// How long it took.
    pub took_ms: u64,
    /// The evaluation that it is kept as; absent without `keep`, and where it could not be stored within the time: it
    /// is stored then all the same, and listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluation_id: Option<SessionId>,
}

#[cfg(test)]
#[path = "tests/check.rs"]
mod tests;
