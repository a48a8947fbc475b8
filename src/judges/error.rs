//! The reasons why a judge gave no usable answer.

use std::time::Duration;

use crate::domain::report::{Failure, JudgeStatus};

/// The reason why there is no usable answer. Messages are for the user: they contain no key, no
/// address, and at most a few hundred characters of the provider's text.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum JudgeError {
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The provider refused because of too many requests.
    #[error("the provider is limiting requests (HTTP {status})")]
    RateLimited {
        status: u16,
        /// The delay that the provider asked for.
        retry_after: Option<Duration>,
    },
    /// The account has no credit; waiting does not help.
    #[error("the provider's account is out of credit: {0}")]
    Quota(String),
    /// The key is missing, wrong, or lacks permission.
    #[error("the provider does not accept the key (HTTP {status}): {reason}")]
    Auth {
        status: u16,
        /// The beginning of the provider's explanation.
        reason: String,
    },
    /// The provider reported that it cannot serve now.
    #[error("the provider can't serve now (HTTP {status}): {reason}")]
    Overloaded {
        status: u16,
        /// The beginning of the provider's explanation.
        reason: String,
        /// The delay that the provider asked for.
        retry_after: Option<Duration>,
    },
    /// The provider could not be reached, or the connection broke.
    #[error("the provider can't be reached: {0}")]
    Transport(String),
    /// The provider rejected the call permanently: an unknown model or an invalid request.
    #[error("the provider refused the call (HTTP {status}): {reason}")]
    Rejected {
        status: u16,
        /// The beginning of the provider's explanation.
        reason: String,
    },
    #[error("the model refused to judge: {0}")]
    Refused(String),
    /// The answer does not have the requested form.
    #[error("the answer can't be used: {0}")]
    Malformed(String),
    #[error("the answer is cut off after max_tokens = {max_tokens}")]
    Truncated {
        /// The limit that was reached.
        max_tokens: u32,
    },
    /// The budget did not allow the call.
    #[error("not asked: {0}")]
    Budget(String),
    /// The judge failed too often recently, so its circuit breaker is open.
    #[error("not asked: it failed too often; the next try is in {} s", .retry_after.as_secs_f64().ceil())]
    CircuitOpen {
        /// Time until the next attempt.
        retry_after: Duration,
    },
    /// The score depends on sentences that address the judge (prompt injection).
    #[error("not counted: {0}")]
    Quarantined(String),
    /// The run ended before the judge answered.
    #[error("the run ended before it answered")]
    Cancelled,
    /// A fault of this program.
    #[error("the judge broke: {0}")]
    Internal(String),
}

impl JudgeError {
    /// Returns the kind of failure.
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

    /// Returns the status of the judge's report.
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

    /// Returns the minimum delay before a retry, or `None` if a retry cannot help.
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
