//! The request and the response of a check within a time limit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluations::{
    ClaimView, ConfigRequest, CreateEvaluation, judges_fault, text_faults, whole,
};
use super::sources::SourceText;
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

/// The body of `POST /check`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
    // The texts are those of `CreateEvaluation`, and stand here again: a struct that both flatten
    // would let unknown fields pass, since serde refuses them only without `flatten`.
    /// The text that the output is checked against. Give either this or `sources`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(min_length = 1, max_length = 200_000, pattern = r"^[^\u0000]*$")]
    pub source_text: String,
    /// Several texts with names that the output is checked against, instead of `source_text`. Evidence has the name of
    /// its source. Citations are checked only in an evaluation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub sources: Vec<SourceText>,
    /// The model's output.
    #[schema(min_length = 1, max_length = 50_000, pattern = r"^[^\u0000]*$")]
    pub candidate_output: String,
    /// The question that the output answers.
    #[serde(default)]
    #[schema(max_length = 10_000, pattern = r"^[^\u0000]*$")]
    pub question: Option<String>,
    /// The names of the judges to ask, as `GET /judges` lists them. Default: the server's default judges.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// The time limit in milliseconds; the answer takes at most 50 ms more.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 50, maximum = 60_000, default = 300)]
    pub budget_ms: Option<u64>,
    /// The threshold, 0..1: an output is flagged if the probability that the source supports all of it is lower.
    /// Default: the server's threshold.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    pub threshold: Option<f64>,
    /// True to store the check as an evaluation, whose run continues after the answer.
    #[serde(default)]
    pub keep: bool,
    /// True to let an answer pass even if judges that need the network did not answer in time. Otherwise an answer
    /// with anything missing is flagged.
    #[serde(default)]
    pub accept_missing: bool,
}

impl CheckRequest {
    /// Returns every value that is not allowed, except for the judges' names, which only the server
    /// knows.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = text_faults(
            &self.source_text,
            &self.sources,
            &self.candidate_output,
            self.question.as_deref(),
        );
        faults.extend(judges_fault("/judges", self.judges.as_deref()));
        if !(SHORTEST_BUDGET_MS..=LONGEST_BUDGET_MS).contains(&self.budget_ms()) {
            let detail = format!("must be {SHORTEST_BUDGET_MS} to {LONGEST_BUDGET_MS}");
            faults.push(FieldError::new("/budget_ms", detail));
        }
        faults.extend(threshold_fault("/threshold", self.threshold));
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

/// Checks that a threshold is 0 to 1.
pub(crate) fn threshold_fault(pointer: &str, threshold: Option<f64>) -> Option<FieldError> {
    let wrong = threshold.is_some_and(|value| !(0.0..=1.0).contains(&value));
    wrong.then(|| FieldError::new(pointer, "must be 0 to 1"))
}

/// The outcome of asking one judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CheckedJudge {
    /// The judge's configured name.
    pub name: String,
    /// The outcome; `timeout` if the judge did not answer in time.
    pub status: JudgeStatus,
    /// The judge's score, from 0 (no claim holds) to 100 (all hold); null unless the judge completed.
    pub score: Option<f64>,
    /// The time from the request to the answer in milliseconds.
    pub response_time_ms: u64,
    /// The error in words; null unless the judge failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The findings about an answer when the time limit has passed, or before if all is known.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// The recommendation on what to do with the answer. It passes only if everyone who had to be heard was heard.
    pub verdict: GuardVerdict,
    /// The reasons why the answer is flagged; empty if it is not.
    pub reasons: Vec<GuardReason>,
    /// The reason why there was nothing to check: `abstained` if the output says that the source does not give the
    /// answer, `no_claim` if it states nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_reason: Option<&'static str>,
    /// The probability that the source supports every claim, by those who were heard; null without a claim, and if too
    /// little was heard to tell.
    pub faithfulness: Option<Faithfulness>,
    /// The threshold that was used, 0..1.
    pub threshold: f64,
    /// The claims with their verdicts; empty if not all of them were verified in time.
    pub claims: Vec<ClaimView>,
    /// The parts of the output that make no statement which a source could support.
    pub non_claims: Vec<NonClaim>,
    /// The judges that were asked, in the order in which they were named.
    pub judges: Vec<CheckedJudge>,
    /// The names of the judges without an answer, because they failed or were out of time.
    pub missing: Vec<String>,
    /// The panel that gave the result.
    pub panel: PanelStamp,
    /// The duration of the check in milliseconds.
    pub took_ms: u64,
    /// The id of the stored evaluation; absent without `keep`. It is absent too if the evaluation could not be stored
    /// within the time limit: it is stored afterwards, and appears in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluation_id: Option<SessionId>,
}

#[cfg(test)]
#[path = "tests/check.rs"]
mod tests;
