//! Why a judge gave no usable answer.

use std::time::Duration;

use crate::domain::report::{Failure, JudgeStatus};

/// Why no usable answer came. Texts are for the user: no key, no address, at most a few hundred
/// characters of what the provider wrote.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum JudgeError {
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The provider refused for too many requests.
    #[error("the provider is limiting requests (HTTP {status})")]
    RateLimited {
        status: u16,
        /// When it said to come back.
        retry_after: Option<Duration>,
    },
    /// The account has no credit; waiting does not fill it.
    #[error("the provider's account is out of credit: {0}")]
    Quota(String),
    /// The key is missing, wrong, or may not do this.
    #[error("the provider does not accept the key (HTTP {status}): {reason}")]
    Auth {
        status: u16,
        /// The beginning of its explanation.
        reason: String,
    },
    /// The provider said that it can't serve now.
    #[error("the provider can't serve now (HTTP {status}): {reason}")]
    Overloaded {
        status: u16,
        /// The beginning of its explanation.
        reason: String,
        /// When it said to come back.
        retry_after: Option<Duration>,
    },
    /// It could not be reached, or the connection broke.
    #[error("the provider can't be reached: {0}")]
    Transport(String),
    /// The provider refused the call for good: an unknown model, a bad request.
    #[error("the provider refused the call (HTTP {status}): {reason}")]
    Rejected {
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
    /// The answer was cut off.
    #[error("the answer is cut off after max_tokens = {max_tokens}")]
    Truncated {
        /// The bound that it ran into.
        max_tokens: u32,
    },
    /// A budget would not bear the call.
    #[error("not asked: {0}")]
    Budget(String),
    /// The judge failed too often of late.
    #[error("not asked: it failed too often; the next try is in {} s", .retry_after.as_secs_f64().ceil())]
    CircuitOpen {
        /// When it is tried again.
        retry_after: Duration,
    },
    /// The score depends on sentences that speak to the judge.
    #[error("not counted: {0}")]
    Quarantined(String),
    /// The run ended while it was asked.
    #[error("the run ended before it answered")]
    Cancelled,
    /// A fault of ours.
    #[error("the judge broke: {0}")]
    Internal(String),
}

impl JudgeError {
    /// What kind of failure it is.
    pub(crate) const fn failure(&self) -> Failure {
        match self {
            Self::Timeout(_) => Failure::Timeout,
            Self::RateLimited { .. } => Failure::RateLimited,
            Self::Quota(_) => Failure::Quota,
            Self::Auth { .. } => Failure::Auth,
            Self::Overloaded { .. } => Failure::Overloaded,
            Self::Transport(_) => Failure::Transport,
            Self::Rejected { .. } => Failure::Rejected,
            Self::Refused(_) => Failure::Refused,
            Self::Malformed(_) => Failure::Malformed,
            Self::Truncated { .. } => Failure::Truncated,
            Self::Budget(_) => Failure::Budget,
            Self::CircuitOpen { .. } => Failure::CircuitOpen,
            Self::Quarantined(_) => Failure::Quarantined,
            Self::Cancelled => Failure::Cancelled,
            Self::Internal(_) => Failure::Internal,
        }
    }

    /// The status under which it is reported.
    pub(crate) const fn status(&self) -> JudgeStatus {
        match self.failure() {
            Failure::Timeout => JudgeStatus::Timeout,
            Failure::RateLimited => JudgeStatus::RateLimited,
            Failure::Overloaded | Failure::Transport | Failure::CircuitOpen => {
                JudgeStatus::Unavailable
            }
            Failure::Refused
            | Failure::Malformed
            | Failure::Truncated
            | Failure::Quota
            | Failure::Auth
            | Failure::Rejected
            | Failure::Budget
            | Failure::Quarantined
            | Failure::Cancelled
            | Failure::Internal => JudgeStatus::Failed,
        }
    }

    /// The least wait before asking again; `None` where that can't help.
    pub(crate) fn retry(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Overloaded { retry_after, .. } => {
                Some(retry_after.unwrap_or_default())
            }
            Self::Timeout(_) | Self::Transport(_) => Some(Duration::ZERO),
            _ => None,
        }
    }
}
