//! The report of one judge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::details::Details;
use super::ids::ClaimId;
use super::issue::Issue;
use super::verdict::{ClaimLabel, JudgeOpinion};

/// The outcome of asking a judge; only `completed` comes with a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JudgeStatus {
    /// The judge scored the output.
    Completed,
    /// The judge found nothing in the texts that it can judge.
    Abstained,
    /// The judge's answer could not be used, or the judge refused or failed.
    Failed,
    /// The judge did not answer in time.
    Timeout,
    /// The provider rejected the last attempt because of too many requests.
    RateLimited,
    /// The judge could not be reached.
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

/// The reason why there is no score; more precise than [`JudgeStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The model, or its provider's filter, declined to judge.
    Refused,
    /// The answer could not be used, nor the one to the request to repair it.
    Malformed,
    /// The answer ended at `max_tokens`.
    Truncated,
    /// No answer came in time.
    Timeout,
    /// The provider rejected the last attempt because of too many requests.
    RateLimited,
    /// The provider's account is out of credit.
    Quota,
    /// The provider's key is missing, wrong, or does not permit the request.
    Auth,
    /// The provider answered that it is overloaded.
    Overloaded,
    /// The provider could not be reached, or the connection broke.
    Transport,
    /// The provider refused the call for good: an unknown model, a bad request.
    Rejected,
    /// A budget of the run or of the user is used up.
    Budget,
    /// The judge was not asked because it has failed too often recently.
    CircuitOpen,
    /// The score changed too much when suspicious sentences were left out.
    Quarantined,
    /// The run was cancelled before the judge answered.
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

/// The tokens and the price of requests to a language model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// The number of tokens sent.
    pub prompt_tokens: u64,
    /// The number of tokens received.
    pub completion_tokens: u64,
    /// The price in US dollars; null if no price is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Returns true if no token was sent or received.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.prompt_tokens == 0 && self.completion_tokens == 0
    }

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

/// The outcome of asking one judge in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JudgeReport {
    /// The judge's configured name.
    pub judge_name: String,
    /// `openai`, or the kind of an offline judge.
    pub kind: String,
    /// The model's name; for an offline judge its kind and version.
    pub model: String,
    /// The outcome of asking the judge.
    pub status: JudgeStatus,
    /// The percentage of the claims that hold according to the judge, from 0 (none) to 100 (all); null unless the
    /// judge completed.
    pub score: Option<f64>,
    /// The judge's confidence in its score, 0..1; null unless the judge completed.
    pub confidence: Option<f64>,
    /// The reasons for the score in the judge's words, or the reason why there is no score.
    pub reasoning: String,
    /// The faults that the judge found.
    pub flagged_issues: Vec<Issue>,
    /// The judge's labels of the claims that it has an opinion on.
    pub claim_verdicts: Vec<ClaimLabel>,
    /// The time from the request to the answer in milliseconds, all attempts and waits included.
    pub response_time_ms: u64,
    /// The number of requests, retries included.
    pub attempts: u32,
    /// The tokens and the price, if the provider reports tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The error in words; absent unless the judge failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The reason for the failure, more precise than `status`; absent unless the judge failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// How a language model's answer came about; absent for other judges.
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
