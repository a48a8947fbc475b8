//! Judging: one trait, the offline judges, the language-model judges.
//!
//! `actors` calls judges through [`Judge`] and knows nothing else of them. Deliberately not here:
//! actors, storage, the rules of a run. A judge never turns a failure into a score: it answers with
//! an [`Assessment`], abstains, or fails with a typed [`JudgeError`].

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

/// The input of all judges of a run, which they share.
#[derive(Debug)]
pub struct Case {
    /// The whole source as stored, followed by the passages that were retrieved from a collection.
    pub source: Arc<str>,
    /// The audited output of a model, as stored.
    pub candidate: Arc<str>,
    /// The question that the output answers, if there is one.
    pub question: Option<Arc<str>>,
    /// The candidate's claims with the index of the source. Each claim is compared with the source
    /// once, for the verifier and the offline judges together.
    pub compared: Arc<ComparedClaims>,
    /// The passages that retrieval selected; `None` if retrieval is off, and the whole source
    /// counts.
    pub passages: Option<Vec<Passage>>,
    /// Signs of injection in the texts, detected once for all judges.
    pub signs: Vec<InjectionSign>,
    /// The user whose audit it is; `None` if the calls need not be paid for.
    pub user: Option<UserId>,
    /// The budget on which calls draw.
    pub run_budget: RunBudget,
}

impl Case {
    /// Returns the candidate's claims, in order.
    pub fn claims(&self) -> &[Claim] {
        self.compared.claims()
    }

    /// Returns the index of the source.
    pub fn index(&self) -> &SourceIndex {
        self.compared.index()
    }
}

/// The opinion of a judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// 0 (nothing is supported) to 100 (everything is supported).
    pub score: f64,
    /// The confidence in the score, 0..1.
    pub confidence: f64,
    pub reasoning: String,
    /// Problems, with spans where they can be located.
    pub issues: Vec<Issue>,
    /// Labels of the claims that the judge has an opinion on.
    pub claim_labels: Vec<ClaimLabel>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Scored(Assessment),
    /// Nothing in the texts concerns this judge; holds the reason.
    Abstained(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Number of calls; 1 for an offline judge.
    pub attempts: u32,
    /// The usage of all calls together, including failed ones, which are charged too.
    pub usage: Option<Usage>,
    /// Details of a language model's answer.
    pub details: Option<Box<Details>>,
    /// Signs of injection that explain why there is no answer.
    pub suspected: Vec<Issue>,
    /// The answer, or the reason why there is none.
    pub result: Result<Answer, JudgeError>,
}

impl Outcome {
    /// Returns the outcome of a judge without usage.
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

/// The public description of a judge, and its weight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// Unique among the configured judges.
    pub name: String,
    /// The kind under which it is configured, such as `openai` or `lexical`.
    pub kind: String,
    /// The name of the model; for an offline judge its kind and version.
    pub model: String,
    /// True if no data leaves the machine.
    pub offline: bool,
    /// Weight of the judge's score under the strategy `weighted_average`.
    pub weight: f64,
}

/// The state of a judge's circuit breaker, which stops calls after too many failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CircuitState {
    Closed,
    /// All calls are refused.
    Open,
    /// The next call is let through, to probe whether the provider has recovered.
    HalfOpen,
}

impl CircuitState {
    /// Returns the name on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// The estimated usage for judging a case, unless an answer is truncated, repaired or retried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub calls: u32,
    /// For all calls together, estimated from the number of characters.
    pub prompt_tokens: u64,
    /// The maximum for all calls together.
    pub max_completion_tokens: u64,
    /// The maximum; `None` if the model has no price.
    pub cost_usd: Option<f64>,
}

/// The future of an assessment. Dropping it stops the work: a cancelled run drops its judges'
/// futures, and with them their requests.
pub(crate) type Assessing = Waiting<Outcome>;

/// A judge, which scores a candidate against its source.
pub(crate) trait Judge: Send + Sync {
    fn profile(&self) -> &Profile;

    /// Returns the state of the circuit breaker, which only judges with a provider have.
    fn circuit(&self) -> CircuitState {
        CircuitState::Closed
    }

    /// Estimates the usage for judging a case; `None` if it is free. Expensive, so it must run on a
    /// compute thread.
    fn estimate(&self, _case: &Case) -> Option<Estimate> {
        None
    }

    /// Judges one case. The future is polled on an actor's thread, so expensive work has to run
    /// elsewhere.
    fn assess(&self, case: Arc<Case>) -> Assessing;
}

#[cfg(test)]
mod tests;
