//! Bodies of the requests and responses on single evaluations.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::domain::citation::Citation;
use crate::domain::claim::{Claim, Span};
use crate::domain::event::RunError;
use crate::domain::ids::{CollectionId, RunId, SessionId};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::settings::{AggregationStrategy, EvaluationConfig};
use crate::domain::source::NamedSource;
use crate::domain::verdict::{Evidence, JudgeOpinion, Label, Probabilities, SOURCE_TEXT};
use crate::protocol::error::FieldError;
use crate::protocol::{object, rfc3339_millis};

use super::sources::{SourceText, source_faults};
use super::texts::text_fault;

/// Maximum length of a candidate, in characters (Unicode scalar values).
pub(crate) const MAX_CANDIDATE_CHARS: usize = 50_000;
/// Maximum length of a question, in characters.
pub(crate) const MAX_QUESTION_CHARS: usize = 10_000;
/// Maximum number of judges per evaluation.
const MAX_JUDGES: usize = 32;

/// The body of `POST /evaluations`.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateEvaluation {
    /// The text that the output is checked against. Give either this or `sources`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(min_length = 1, max_length = 200_000, pattern = r"^[^\u0000]*$")]
    pub source_text: String,
    /// Several texts with names that the output is checked against, instead of `source_text`. Citations in the output
    /// are checked too.
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
    /// The settings of the evaluation. Settings that are left out are taken from the user's preferences, then from the
    /// server.
    #[serde(default, deserialize_with = "object::optional")]
    pub config: Option<ConfigRequest>,
    /// True to start a run at once.
    #[serde(default)]
    pub start: bool,
}

/// The settings of a new evaluation.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigRequest {
    /// The names of the judges to ask, as `GET /judges` lists them.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// True if the judges get the best passages of the source instead of all of it.
    #[serde(default)]
    pub enable_retrieval: Option<bool>,
    /// One of the user's collections to retrieve passages from, which turns retrieval on. Null uses none, even if one
    /// is preferred.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<CollectionId>)]
    pub collection_id: Option<Option<CollectionId>>,
    /// The method by which the judges' scores are combined.
    #[serde(default)]
    pub aggregation_strategy: Option<AggregationStrategy>,
    /// The time limit of a run, in milliseconds.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1000, maximum = 3_600_000)]
    pub deadline_ms: Option<u64>,
    /// The minimum number of judges with a score, at most the number of judges that are asked. With fewer the run
    /// fails.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 32)]
    pub quorum: Option<u64>,
}

/// The body of `POST /evaluations/{id}/start`; it may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartEvaluation {
    /// An idempotency key: a repeated request with the same value does not start a second run.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\u0000]*$")]
    pub client_request_id: Option<String>,
}

/// The answer to a start.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    /// The id of the evaluation.
    pub session_id: SessionId,
    /// The id of the run.
    pub run_id: RunId,
    /// The state of the evaluation, which is `in_progress`.
    pub status: Status,
    /// The path of the WebSocket on which the events can be followed.
    #[schema(value_type = String, example = "/ws")]
    pub websocket_url: &'static str,
}

/// The answer to a cancellation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cancelling {
    /// The id of the evaluation.
    pub session_id: SessionId,
    /// The id of the run that is being cancelled.
    pub run_id: RunId,
}

/// A claim with its verdict, if there is one yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ClaimView {
    /// The claim itself.
    #[serde(flatten)]
    pub claim: Claim,
    /// The verdict: the panel's once the run is complete, before that the verifier's; null if there is none yet.
    pub label: Option<Label>,
    /// The probability of `label`, 0..1.
    pub confidence: Option<f64>,
    /// The probability of each label; null until the claim is decided.
    pub probability: Option<Probabilities>,
    /// The verifier's label, from before the judges were heard.
    pub verifier_label: Option<Label>,
    /// The labels of the judges that have an opinion on the claim, in the order of `judges`.
    pub views: Vec<JudgeOpinion>,
    /// The passages that the verdict is based on, the best first.
    pub evidence: Vec<Evidence>,
    /// The reasons for the verdict in words.
    pub reasoning: Option<String>,
    /// The citations of the claim in the output; filled once the run is complete, if several sources were sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation>,
}

/// An evaluation with all its data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvaluationView {
    /// The evaluation's id, which is also the id of its session on the socket.
    pub id: SessionId,
    /// The state of the evaluation.
    pub status: Status,
    /// The source, as sent; several sources follow one another.
    pub source_text: String,
    /// The names of several sources, and their positions in `source_text`. A span of evidence is relative to the
    /// source that the evidence names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<NamedSource>,
    /// The model's output, as sent.
    pub candidate_output: String,
    /// The question, as sent.
    pub question: Option<String>,
    /// The complete settings, defaults included.
    pub config: EvaluationConfig,
    /// The time at which the evaluation was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which its last run started.
    #[serde(with = "rfc3339_millis::option")]
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which its last run ended.
    #[serde(with = "rfc3339_millis::option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The id of its last run.
    pub run_id: Option<RunId>,
    /// The epoch of its log: it changes when earlier sequence numbers are no longer valid.
    pub epoch: String,
    /// The sequence number of the last event in its log when the evaluation was read.
    pub last_seq: i64,
    /// The result with all figures; null unless the last run completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<AuditResult>,
    /// The claims of the last run.
    pub claims: Vec<ClaimView>,
    /// The judges of the last run, in the order of their answers.
    pub judges: Vec<JudgeReport>,
    /// The error that ended the last run; null unless it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// The name that the owner gave the evaluation.
    pub name: Option<String>,
    /// The owner's tags, sorted.
    pub tags: BTreeSet<String>,
    /// The owner's notes.
    pub notes: Option<String>,
}

impl EvaluationView {
    /// Returns the span of evidence in `source_text`. `None` if the evidence is from a document of
    /// a collection, or if its source is unknown.
    pub(crate) fn place_in_source(&self, evidence: &Evidence) -> Option<Span> {
        if evidence.document.is_some() {
            return None;
        }
        if evidence.source == SOURCE_TEXT {
            return Some(evidence.span);
        }
        let named = |source: &&NamedSource| source.name == evidence.source;
        let start = self.sources.iter().find(named)?.span.start;
        Some(Span {
            start: start + evidence.span.start,
            end: start + evidence.span.end,
        })
    }
}

/// Returns every text that is not allowed, of those that an evaluation and a check have.
pub(super) fn text_faults(
    source_text: &str,
    sources: &[SourceText],
    candidate: &str,
    question: Option<&str>,
) -> Vec<FieldError> {
    let mut faults = source_faults(source_text, sources);
    let candidate = text_fault("/candidate_output", candidate, 1, MAX_CANDIDATE_CHARS);
    faults.extend(candidate);
    if let Some(question) = question {
        faults.extend(text_fault("/question", question, 0, MAX_QUESTION_CHARS));
    }
    faults
}

/// Checks the number of judges.
pub(crate) fn judges_fault(pointer: &str, names: Option<&[String]>) -> Option<FieldError> {
    match names {
        Some([]) => Some(FieldError::new(pointer, "needs at least one judge")),
        Some(names) if names.len() > MAX_JUDGES => {
            let detail = format!("has more than {MAX_JUDGES} judges");
            Some(FieldError::new(pointer, detail))
        }
        _ => None,
    }
}

impl CreateEvaluation {
    /// Returns a fault for each invalid value; empty if all are valid. The names of judges are not
    /// checked, since they depend on the server's configuration.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = text_faults(
            &self.source_text,
            &self.sources,
            &self.candidate_output,
            self.question.as_deref(),
        );
        let Some(config) = &self.config else {
            return faults;
        };
        faults.extend(config.faults("/config"));
        faults
    }
}

impl ConfigRequest {
    /// Returns a fault for each invalid value, with a pointer that begins with `base`. The names of
    /// judges are not checked.
    pub(crate) fn faults(&self, base: &str) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let judges = format!("{base}/judges");
        faults.extend(judges_fault(&judges, self.judges.as_deref()));
        if self.collection_id.flatten().is_some() && self.enable_retrieval == Some(false) {
            faults.push(FieldError::new(
                format!("{base}/collection_id"),
                "is of no use without retrieval: leave it out, or enable_retrieval",
            ));
        }
        if self
            .deadline_ms
            .is_some_and(|ms| !(1_000..=3_600_000).contains(&ms))
        {
            faults.push(FieldError::new(
                format!("{base}/deadline_ms"),
                "must be 1000 to 3600000",
            ));
        }
        faults
    }

    /// Fills in absent settings from `other`. The quorum is not taken over, since it belongs to a
    /// particular set of judges.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            judges: self.judges.or(other.judges),
            enable_retrieval: self.enable_retrieval.or(other.enable_retrieval),
            collection_id: self.collection_id.or(other.collection_id),
            aggregation_strategy: self.aggregation_strategy.or(other.aggregation_strategy),
            deadline_ms: self.deadline_ms.or(other.deadline_ms),
            quorum: self.quorum,
        }
    }
}

/// For `#[serde(deserialize_with = …)]` of a member that may be null: null becomes `Some(None)`,
/// while an absent member is `None` by its default.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// For `#[serde(deserialize_with = …)]` of an optional whole number. It also accepts 2000.0, which
/// is an integer in JSON Schema.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?;
    match number {
        Some(number) if number < 0.0 || number.fract() != 0.0 => {
            Err(D::Error::custom("must be a whole number from 0"))
        }
        // The conversion is exact up to 2^53, far beyond all limits, and saturates above the range
        // of u64.
        number => Ok(number.map(|number| number as u64)),
    }
}

#[cfg(test)]
#[path = "tests/evaluations.rs"]
mod tests;
