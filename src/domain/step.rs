//! The inputs and outputs of a run's state machine.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Claim;
use super::event::{CancelReason, ErrorType, EventBody, RunError};
use super::report::JudgeReport;
use super::result::AuditResult;
use super::verdict::{Decision, Verdict};

/// The state of an evaluation; a run has the same states without `pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The evaluation was never started.
    Pending,
    /// A run is in progress or waits for its turn.
    InProgress,
    /// The last run ended with a result.
    Completed,
    /// The last run ended with a fatal error.
    Failed,
    /// The last run was cancelled.
    Cancelled,
}

impl Status {
    /// The name in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::InProgress,
            Self::Completed,
            Self::Failed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|status| status.as_str() == name)
    }
}

/// A change to be stored, in the same transaction as the events of its step.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The claims of the run, before any of them is verified.
    Claims(Vec<Claim>),
    Verdict(Box<Verdict>),
    Report(Box<JudgeReport>),
    /// The panel's decisions, in the same step as the run's end.
    Decisions(Vec<Decision>),
    Ended(Box<Ending>),
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Either completed, failed or cancelled.
    pub status: Status,
    /// All figures; `None` unless the run is completed.
    pub result: Option<AuditResult>,
    /// The cause; `None` unless the run has failed.
    pub error: Option<RunError>,
}

/// An event that changes the state of a run.
#[derive(Debug)]
pub(crate) enum Input {
    /// The run was started, for the first time or after a restart.
    Launched,
    /// The run has a worker slot.
    Admitted,
    /// The candidate was split into claims.
    ClaimsExtracted(Vec<Claim>),
    /// The number of claims for which a collection was searched so far.
    Searched(usize),
    /// The passages for the judges were selected.
    Retrieved {
        /// The number of passages found in the collection; `None` if none is used.
        from_collection: Option<usize>,
        /// The length of the selected passages, in characters.
        kept: usize,
        /// The length of the source, in characters.
        of: usize,
    },
    /// Selecting passages failed, so that the judges get the whole source.
    RetrievalFailed(String),
    ClaimDecided(Box<Verdict>),
    /// The verification cannot be completed.
    VerificationFailed(String),
    /// A judge answered, abstained or failed.
    JudgeAnswered(Box<JudgeReport>),
    /// The figures are computed.
    Aggregated {
        /// All figures; `None` if no judge has completed.
        result: Option<Box<AuditResult>>,
        /// The panel's decision about each claim that the verifier decided.
        decisions: Vec<Decision>,
        /// The time since the start of the run.
        processing_time_ms: u64,
    },
    /// The run is cancelled; holds the reports of the judges that were still working.
    Cancel(CancelReason, Vec<JudgeReport>),
    /// An error ends the run.
    Broken(ErrorType, String),
}

/// An action that the run actor is to take.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Wait for a free worker slot, then apply [`Input::Admitted`].
    Admit,
    /// Split the candidate into claims.
    ExtractClaims,
    /// Select passages for the judges.
    Retrieve,
    /// Verify these claims, in this order.
    Verify(Vec<Claim>),
    /// Call these judges at the same time.
    Ask(Vec<String>),
    /// Compute the figures from the content of `RunState`.
    Aggregate,
    /// Stop everything once the step is stored and published.
    End,
}

/// The outcome of one input.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Step {
    /// The events to be published, in order, once they are stored.
    pub events: Vec<EventBody>,
    /// The changes to be stored together with the events.
    pub changes: Vec<Change>,
    /// The actions to be taken.
    pub effects: Vec<Effect>,
}

/// The settings that determine the stages of a run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The names of the judges to call.
    pub judges: Vec<String>,
    /// True if passages are to be selected.
    pub retrieval: bool,
    /// The minimum number of judges that have to give a score.
    pub quorum: usize,
}

/// The stored state of a run, from which it is restored after a restart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progressed {
    /// `None` until the claims are extracted.
    pub claims: Option<Vec<Claim>>,
    pub verdicts: Vec<Verdict>,
    pub reports: Vec<JudgeReport>,
    /// The highest published progress in percent; `None` before the first event.
    pub progress: Option<f64>,
}
