//! What goes into the run's state machine and what comes out of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Claim;
use super::event::{CancelReason, ErrorType, EventBody, RunError};
use super::report::JudgeReport;
use super::result::AuditResult;
use super::verdict::{Decision, Verdict};

/// Where an evaluation stands; a run has the same states without `Pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Created, never started.
    Pending,
    /// A run is at work or waits for its turn.
    InProgress,
    /// The last run ended with a result.
    Completed,
    /// The last run ended with a fatal error.
    Failed,
    /// The last run was cancelled.
    Cancelled,
}

impl Status {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
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

/// Something to keep, written in the same transaction as the events of its step.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The claims of the run, before any of them is decided.
    Claims(Vec<Claim>),
    /// A claim was decided.
    Verdict(Box<Verdict>),
    /// A judge was heard.
    Report(Box<JudgeReport>),
    /// What the panel makes of the claims in the end, in the same step as the end.
    Decisions(Vec<Decision>),
    /// The run is over.
    Ended(Box<Ending>),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Completed, failed or cancelled.
    pub status: Status,
    /// All figures, if it completed.
    pub result: Option<AuditResult>,
    /// What ended it, if it failed.
    pub error: Option<RunError>,
}

/// What happened to a run.
#[derive(Debug)]
pub(crate) enum Input {
    /// It was launched, for the first time or again after a restart.
    Launched,
    /// Its turn has come.
    Admitted,
    /// The candidate was cut.
    ClaimsExtracted(Vec<Claim>),
    /// A collection was searched for so many of the claims.
    Searched(usize),
    /// Passages were chosen; how many characters of how many.
    Retrieved {
        /// Passages of a collection, if one is used.
        from_collection: Option<usize>,
        /// Characters in the chosen passages.
        kept: usize,
        /// Characters in the source.
        of: usize,
    },
    /// Passages could not be chosen: the judges get the whole source.
    RetrievalFailed(String),
    /// The verifier decided a claim.
    ClaimDecided(Box<Verdict>),
    /// The verifier gave up.
    VerificationFailed(String),
    /// A judge answered, abstained or failed.
    JudgeAnswered(Box<JudgeReport>),
    /// The figures are there; none where no judge completed.
    Aggregated {
        /// All figures.
        result: Option<Box<AuditResult>>,
        /// What the panel makes of each claim that the verifier decided.
        decisions: Vec<Decision>,
        /// From the start of the run to now.
        processing_time_ms: u64,
    },
    /// It has to end, with what is known of the judges that were being asked.
    Cancel(CancelReason, Vec<JudgeReport>),
    /// It can't go on.
    Broken(ErrorType, String),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Wait for a free slot, then say [`Input::Admitted`].
    Admit,
    /// Cut the candidate.
    ExtractClaims,
    /// Choose passages.
    Retrieve,
    /// Decide these claims, in this order.
    Verify(Vec<Claim>),
    /// Ask these judges, all at once.
    Ask(Vec<String>),
    /// Compute the figures from what `RunState` holds.
    Aggregate,
    /// Stop everything once the step is stored and published.
    End,
}

/// What follows from one input.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Step {
    /// To be published, in order, after they are stored.
    pub events: Vec<EventBody>,
    /// To be stored with them.
    pub changes: Vec<Change>,
    /// To be carried out.
    pub effects: Vec<Effect>,
}

/// What a run was asked to do.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Judges to ask.
    pub judges: Vec<String>,
    /// Whether to choose passages.
    pub retrieval: bool,
    /// How many of them have to give a score.
    pub quorum: usize,
}

/// What was stored of a run before a restart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progressed {
    /// Its claims, if they were extracted.
    pub claims: Option<Vec<Claim>>,
    /// The verdicts so far.
    pub verdicts: Vec<Verdict>,
    /// The judges heard so far.
    pub reports: Vec<JudgeReport>,
    /// The highest progress that was published; none before the first event.
    pub progress: Option<f64>,
}
