//! The report of one judge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::details::Details;
use super::ids::ClaimId;
use super::issue::Issue;
use super::verdict::{ClaimLabel, JudgeOpinion};

/// How asking a judge ended; only `Completed` carries a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JudgeStatus {
    /// It scored the candidate.
    Completed,
    /// Nothing in the texts concerned it.
    Abstained,
    /// It answered with something that can't be used, refused, or broke.
    Failed,
    /// It did not answer in time.
    Timeout,
    /// Its provider said "too many requests", to the last attempt.
    RateLimited,
    /// It could not be reached.
    Unavailable,
}

impl JudgeStatus {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Abstained => "abstained",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
        }
    }

    /// Returns true if the judge was called and gave no usable answer; an abstention is an answer.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Completed | Self::Abstained)
    }
}

/// Why there is no score, finer than [`JudgeStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The model, or its provider's filter, declined to judge.
    Refused,
    /// The answer could not be used, nor the one to the request to repair it.
    Malformed,
    /// The answer ended at `max_tokens`.
    Truncated,
    /// No answer in time.
    Timeout,
    /// Too many requests, to the last attempt.
    RateLimited,
    /// The provider's account is out of credit.
    Quota,
    /// The key is missing, wrong, or may not do this.
    Auth,
    /// The provider said that it can't serve now.
    Overloaded,
    /// The provider could not be reached, or the connection broke.
    Transport,
    /// The provider refused the call for good: an unknown model, a bad request.
    Rejected,
    /// A budget of the run or of the user is used up.
    Budget,
    /// Not asked: the judge failed too often of late.
    CircuitOpen,
    /// The score jumped when suspicious sentences were left out.
    Quarantined,
    /// The run was cancelled while it was asked.
    Cancelled,
    /// A fault of the auditor.
    Internal,
}

impl Failure {
    /// The name in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::Quota => "quota",
            Self::Auth => "auth",
            Self::Overloaded => "overloaded",
            Self::Transport => "transport",
            Self::Rejected => "rejected",
            Self::Budget => "budget",
            Self::CircuitOpen => "circuit_open",
            Self::Quarantined => "quarantined",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}

/// What calls to a language model used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Tokens sent.
    pub prompt_tokens: u64,
    /// Tokens received.
    pub completion_tokens: u64,
    /// Price in US dollars, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Adds two usages. The total cost is known only if both costs are, because the sum of some
    /// costs would look like the total.
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self
                .completion_tokens
                .saturating_add(other.completion_tokens),
            cost_usd: self.cost_usd.zip(other.cost_usd).map(|(a, b)| a + b),
        }
    }
}

/// The whole outcome of asking one judge in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JudgeReport {
    /// The configured name.
    pub judge_name: String,
    /// `openai`, or the kind of an offline judge.
    pub kind: String,
    /// The model's name; for an offline judge its kind and version.
    pub model: String,
    /// How it ended.
    pub status: JudgeStatus,
    /// The share of the claims that hold in its view, 0 (none) .. 100 (all); null unless completed.
    pub score: Option<f64>,
    /// 0..1; null unless completed.
    pub confidence: Option<f64>,
    /// Why, in the judge's words; why not, where there is no score.
    pub reasoning: String,
    /// Faults it found.
    pub flagged_issues: Vec<Issue>,
    /// Its labels, for the claims it has an opinion on.
    pub claim_verdicts: Vec<ClaimLabel>,
    /// From asking to answering, all attempts and waits included.
    pub response_time_ms: u64,
    /// How many times it was asked.
    pub attempts: u32,
    /// What it used, where a provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What went wrong, for a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Its kind, finer than `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// How a language model's answer came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
}

/// Groups the opinions of the completed judges by claim, in the order of the judges' names. A
/// judge that abstained or failed has no opinion; if a judge gives several labels to one
/// claim, the first counts.
pub(crate) fn views(reports: &[JudgeReport]) -> BTreeMap<ClaimId, Vec<JudgeOpinion>> {
    let mut completed: Vec<&JudgeReport> = reports
        .iter()
        .filter(|report| report.status == JudgeStatus::Completed)
        .collect();
    completed.sort_by(|one, other| one.judge_name.cmp(&other.judge_name));
    let mut views: BTreeMap<ClaimId, Vec<JudgeOpinion>> = BTreeMap::new();
    for report in completed {
        for given in &report.claim_verdicts {
            let of_claim = views.entry(given.claim_id).or_default();
            if of_claim
                .last()
                .is_none_or(|last| last.judge_name != report.judge_name)
            {
                of_claim.push(JudgeOpinion {
                    judge_name: report.judge_name.clone(),
                    label: given.label,
                    confidence: given.confidence,
                    probability: given.probability,
                });
            }
        }
    }
    views
}
