//! How a verdict is reached: one trait, the offline judges, the language-model judges.
//!
//! `actors` asks judges through [`Judge`] and knows nothing else of them.
//! Deliberately not here: actors, storage, the run's rules. A judge never turns a failure into a
//! score: it answers with an [`Assessment`], says that nothing concerns it, or fails with a typed
//! [`JudgeError`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::claim::Claim;
use crate::domain::issue::Issue;
use crate::domain::report::{JudgeStatus, Usage};
use crate::domain::verdict::ClaimLabel;
use crate::evidence::SourceIndex;
use crate::evidence::passages::Passage;

pub mod llm;
pub mod offline;
pub mod report;
pub mod table;

/// What every judge of a run gets to see; shared by all of them.
#[derive(Debug)]
pub struct Case {
    /// The whole source, as stored.
    pub source: Arc<str>,
    /// The model's output, as stored.
    pub candidate: Arc<str>,
    /// The question that the output answers, if there was one.
    pub question: Option<Arc<str>>,
    /// The candidate's claims, in order.
    pub claims: Vec<Claim>,
    /// The source, cut and indexed once for the verifier and the offline judges.
    pub index: Arc<SourceIndex>,
    /// The passages that retrieval chose; none where it is off: then the whole source counts.
    pub passages: Option<Vec<Passage>>,
}

/// What a judge found.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// 0 (nothing holds) .. 100 (all of it holds).
    pub score: f64,
    /// 0..1.
    pub confidence: f64,
    /// Why.
    pub reasoning: String,
    /// Faults, with spans where they can be pinned down.
    pub issues: Vec<Issue>,
    /// Labels for the claims that it has an opinion on.
    pub claim_labels: Vec<ClaimLabel>,
    /// What it used.
    pub usage: Option<Usage>,
}

/// A judge's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It has an opinion.
    Scored(Assessment),
    /// Nothing in the texts concerns it; the text says why.
    Abstained(String),
}

/// Why no usable answer came.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JudgeError {
    /// Not in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The provider refused for too many requests.
    #[error("the provider is limiting requests (HTTP {status})")]
    RateLimited {
        /// What it answered.
        status: u16,
        /// When it said to come back.
        retry_after: Option<Duration>,
    },
    /// Could not be reached, or said that it can't serve now.
    #[error("the provider can't be reached: {reason}")]
    Unavailable {
        /// What happened.
        reason: String,
        /// When it said to come back.
        retry_after: Option<Duration>,
    },
    /// The provider refused the call for good: a bad key, an unknown model, a bad request.
    #[error("the provider refused the call (HTTP {status}): {reason}")]
    Rejected {
        /// What it answered.
        status: u16,
        /// The beginning of its explanation.
        reason: String,
    },
    /// The model declined to judge.
    #[error("the model refused to judge: {0}")]
    Refused(String),
    /// The answer is not what was asked for.
    #[error("the answer can't be used: {0}")]
    Malformed(String),
    /// A fault of ours.
    #[error("the judge broke: {0}")]
    Internal(String),
}

impl JudgeError {
    /// The status under which the failure is reported.
    pub const fn status(&self) -> JudgeStatus {
        match self {
            Self::Timeout(_) => JudgeStatus::Timeout,
            Self::RateLimited { .. } => JudgeStatus::RateLimited,
            Self::Unavailable { .. } => JudgeStatus::Unavailable,
            Self::Rejected { .. } | Self::Refused(_) | Self::Malformed(_) | Self::Internal(_) => {
                JudgeStatus::Failed
            }
        }
    }
}

/// How asking ended, and after how many attempts.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Calls made; an offline judge makes one.
    pub attempts: u32,
    /// The answer, or why there is none.
    pub result: Result<Answer, JudgeError>,
}

/// What is public of a judge, and how much it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Unique among the configured judges.
    pub name: String,
    /// `openai`, or the kind of an offline judge.
    pub kind: String,
    /// The model's name; for an offline judge its kind and version.
    pub model: String,
    /// True where nothing leaves the machine.
    pub offline: bool,
    /// Weight in `weighted_average`.
    pub weight: f64,
}

/// Dropping it stops the work: a cancelled run drops its judges' futures, and with them their requests.
pub type Assessing = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Something that scores a candidate against its source.
pub trait Judge: Send + Sync {
    /// Who it is.
    fn profile(&self) -> &Profile;

    /// Judges one case. The future is polled on an actor's thread: heavy work goes elsewhere.
    fn assess(&self, case: Arc<Case>) -> Assessing;
}
