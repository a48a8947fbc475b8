//! How a verdict is reached: one trait, the offline judges, the language-model judges.
//!
//! `actors` asks judges through [`Judge`] and knows nothing else of them.
//! Deliberately not here: actors, storage, the run's rules. A judge never turns a failure into a
//! score: it answers with an [`Assessment`], says that nothing concerns it, or fails with a typed
//! [`JudgeError`].

use std::sync::Arc;

use crate::domain::claim::Claim;
use crate::domain::details::Details;
use crate::domain::ids::UserId;
use crate::domain::injection::InjectionSign;
use crate::domain::issue::Issue;
use crate::domain::report::Usage;
use crate::domain::verdict::ClaimLabel;
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::evidence::passages::Passage;

pub(crate) mod budget;
pub(crate) mod comparison;
mod description;
mod error;
pub(crate) mod injection;
pub(crate) mod llm;
pub(crate) mod nli;
pub(crate) mod offline;
mod opinions;
pub(crate) mod report;
pub(crate) mod sample;
pub(crate) mod table;
mod waiting;

pub(crate) use description::description;
pub(crate) use error::JudgeError;
pub(crate) use waiting::Waiting;

use budget::RunBudget;

/// What every judge of a run gets to see; shared by all of them.
#[derive(Debug)]
pub struct Case {
    /// The whole source, as stored, and after it what was retrieved from a collection.
    pub source: Arc<str>,
    /// The model's output, as stored.
    pub candidate: Arc<str>,
    /// The question that the output answers, if there was one.
    pub question: Option<Arc<str>>,
    /// The candidate's claims beside the source's index, each compared with it once for the verifier and the
    /// offline judges.
    pub compared: Arc<ComparedClaims>,
    /// The passages that retrieval chose; none where it is off: then the whole source counts.
    pub passages: Option<Vec<Passage>>,
    /// What speaks to the judges in the texts, found once for all of them.
    pub signs: Vec<InjectionSign>,
    /// Whose audit it is; nobody's where none is to be paid for.
    pub user: Option<UserId>,
    /// What its calls are paid from.
    pub run_budget: RunBudget,
}

impl Case {
    /// The candidate's claims, in order.
    pub fn claims(&self) -> &[Claim] {
        self.compared.claims()
    }

    /// The source, cut and indexed once.
    pub fn index(&self) -> &SourceIndex {
        self.compared.index()
    }
}

/// What a judge found.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// 0 (nothing holds) .. 100 (all of it holds).
    pub score: f64,
    /// 0..1.
    pub confidence: f64,
    pub reasoning: String,
    /// Faults, with spans where they can be pinned down.
    pub issues: Vec<Issue>,
    /// Labels for the claims that it has an opinion on.
    pub claim_labels: Vec<ClaimLabel>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It has an opinion.
    Scored(Assessment),
    /// Nothing in the texts concerns it; the text says why.
    Abstained(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Calls made; an offline judge makes one.
    pub attempts: u32,
    /// What all calls used together, the failed ones included: they are paid for too.
    pub usage: Option<Usage>,
    /// How a language model's answer came about.
    pub details: Option<Box<Details>>,
    /// What the texts hold that explains why there is no answer.
    pub suspected: Vec<Issue>,
    /// The answer, or why there is none.
    pub result: Result<Answer, JudgeError>,
}

impl Outcome {
    /// The outcome of a judge that uses nothing.
    pub(crate) const fn of(attempts: u32, result: Result<Answer, JudgeError>) -> Self {
        Self {
            attempts,
            usage: None,
            details: None,
            suspected: Vec::new(),
            result,
        }
    }
}

/// What is public of a judge, and how much it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// Unique among the configured judges.
    pub name: String,
    /// The kind under which it is configured, such as `openai` or `lexical`.
    pub kind: String,
    /// The model's name; for an offline judge its kind and version.
    pub model: String,
    /// True where nothing leaves the machine.
    pub offline: bool,
    /// Weight in `weighted_average`.
    pub weight: f64,
}

/// Whether a judge's provider is asked, or left alone after too many failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CircuitState {
    Closed,
    /// No call goes through.
    Open,
    /// The next call goes through, to see whether the provider is back.
    HalfOpen,
}

impl CircuitState {
    /// The name on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What judging a case will take, unless an answer is cut off, repaired or tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub calls: u32,
    /// Of all calls together, estimated from the prompt's characters.
    pub prompt_tokens: u64,
    /// Of all calls together, at most.
    pub max_completion_tokens: u64,
    /// At most; none where the model has no price.
    pub cost_usd: Option<f64>,
}

/// Dropping it stops the work: a cancelled run drops its judges' futures, and with them their requests.
pub(crate) type Assessing = Waiting<Outcome>;

/// Something that scores a candidate against its source.
pub(crate) trait Judge: Send + Sync {
    fn profile(&self) -> &Profile;

    /// Whether its provider is asked at all.
    fn circuit(&self) -> CircuitState {
        CircuitState::Closed
    }

    /// What judging a case will take; none where nothing is paid for. Heavy: on a thread for computations.
    fn estimate(&self, _case: &Case) -> Option<Estimate> {
        None
    }

    /// Judges one case. The future is polled on an actor's thread: heavy work goes elsewhere.
    fn assess(&self, case: Arc<Case>) -> Assessing;
}

#[cfg(test)]
mod tests;
