//! The numbered events of a session, which hold everything that a client learns about a run.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::ClaimId;
use super::report::JudgeReport;
use super::result::AuditResult;
use super::verdict::{JudgeOpinion, Label, Probabilities, Verdict};

/// The stage that a run is at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Waiting for its turn.
    Queued,
    /// Cutting the candidate into claims.
    ClaimExtraction,
    /// Choosing passages of the source.
    Retrieval,
    /// Deciding the claims.
    Verification,
    /// Asking the judges.
    Judging,
    /// Computing the figures.
    Aggregation,
}

/// `evaluation_progress`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// The stage that the run is at.
    pub stage: Stage,
    /// The progress of the whole run in percent, 0..100; it never falls.
    pub progress: f64,
    /// The progress of this stage in percent, 0..100.
    pub stage_progress: f64,
    /// The progress in words, for display.
    pub message: String,
}

/// `claim_verdict`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimDecided {
    /// The verifier's decision on the claim.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The number of claims decided so far, this one included.
    pub completed: usize,
    /// The number of claims of the run.
    pub total: usize,
}

/// `claim_revised`: the panel has decided a claim otherwise than the verifier. Comes before
/// `evaluation_complete`; a claim without one keeps the label of its `claim_verdict`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimRevised {
    /// The id of the claim.
    pub claim_id: ClaimId,
    /// The claim's position in the order of the output, from 0.
    pub index: usize,
    /// The panel's final label.
    pub label: Label,
    /// The probability of `label`, 0..1.
    pub confidence: f64,
    /// The probability of each label.
    pub probability: Probabilities,
    /// The verifier's label, as the `claim_verdict` event gave it.
    pub previous_label: Label,
    /// The label of each judge that has an opinion on the claim, by the judges' names.
    pub views: Vec<JudgeOpinion>,
}

/// `evaluation_complete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Completed {
    /// The result with all figures.
    pub result: AuditResult,
    /// True if a judge failed or the verification could not be completed.
    pub degraded: bool,
    /// The time from the start to the end of the run in milliseconds, waits included.
    pub processing_time_ms: u64,
}

/// The kind of error in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// A judge did not answer in time.
    JudgeTimeout,
    /// A judge failed.
    JudgeError,
    /// A judge's provider refused for too many requests.
    JudgeRateLimited,
    /// Passages could not be chosen.
    RetrievalError,
    /// Claims could not be decided.
    VerificationError,
    /// No judge gave a score.
    AllJudgesFailed,
    /// The database refused what had to be kept.
    StorageError,
    /// A fault of the server.
    Internal,
}

/// `evaluation_error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunError {
    /// True if the error ended the run.
    pub fatal: bool,
    /// The kind of error.
    pub error_type: ErrorType,
    /// The error in words, for display.
    pub message: String,
    /// Suggestions of what a person can do about the error.
    pub recovery_suggestions: Vec<String>,
    /// Machine-readable facts about the error, such as the judge's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<serde_json::Value>,
}

/// The reason why a run was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Its owner asked for it.
    User,
    /// It took longer than its deadline.
    Deadline,
    /// Its evaluation is being deleted.
    Deleted,
}

/// `evaluation_cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancelled {
    /// The reason why the run was cancelled.
    pub reason: CancelReason,
}

/// One event of a session's log, without its envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum EventBody {
    /// The run moved on.
    EvaluationProgress(Progress),
    /// A claim was decided.
    ClaimVerdict(Box<ClaimDecided>),
    /// The panel decided a claim otherwise than the verifier.
    ClaimRevised(Box<ClaimRevised>),
    /// A judge was heard.
    JudgeResult(Box<JudgeReport>),
    /// The run ended with a result.
    EvaluationComplete(Box<Completed>),
    /// Something went wrong.
    EvaluationError(Box<RunError>),
    /// The run ended without a result, on purpose.
    EvaluationCancelled(Cancelled),
}

impl EventBody {
    /// The name in the API.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::EvaluationProgress(_) => "evaluation_progress",
            Self::ClaimVerdict(_) => "claim_verdict",
            Self::ClaimRevised(_) => "claim_revised",
            Self::JudgeResult(_) => "judge_result",
            Self::EvaluationComplete(_) => "evaluation_complete",
            Self::EvaluationError(_) => "evaluation_error",
            Self::EvaluationCancelled(_) => "evaluation_cancelled",
        }
    }

    /// Returns true for the last event of a run; each run has exactly one.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::EvaluationComplete(_) | Self::EvaluationCancelled(_) => true,
            Self::EvaluationError(error) => error.fatal,
            Self::EvaluationProgress(_)
            | Self::ClaimVerdict(_)
            | Self::ClaimRevised(_)
            | Self::JudgeResult(_) => false,
        }
    }
}
