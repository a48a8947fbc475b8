//! The rule for the verdict on an answer when its time limit is over, shared by REST, the socket
//! and the gate.
//!
//! A timeout never lets an answer pass: every missing result counts against it, unless the caller
//! accepts that judges are missing, and then only judges that call a remote model. Results of this
//! process are always required.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The recommendation on what to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuardVerdict {
    /// The source supports the answer, and everyone who had to be heard was heard.
    Pass,
    /// The answer should not be shown as it is; the reasons say why.
    Flag,
    /// The answer makes no statement that a source could support.
    NothingToCheck,
}

impl GuardVerdict {
    /// Returns the name in the protocol.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Flag => "flag",
            Self::NothingToCheck => "nothing_to_check",
        }
    }
}

/// The reason why an answer is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuardReason {
    /// The probability that the source supports the whole answer is below the threshold.
    BelowThreshold,
    /// The verifier or a judge that had to be heard did not answer in time.
    NotHeard,
    /// No judge gave a score, so that the probability is not known.
    NoScore,
}

/// The results that are known when the time limit is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// The number of claims; `None` if the claims were not extracted in time.
    pub claims: Option<usize>,
    /// True if every claim was verified.
    pub verified: bool,
    /// The probability that the source supports all claims; `None` if there is no score.
    pub probability: Option<f64>,
    /// The answer is flagged below this probability, 0 to 1.
    pub threshold: f64,
    /// Number of judges in this process that did not answer.
    pub missing_here: usize,
    /// Number of judges with a remote model that did not answer.
    pub missing_elsewhere: usize,
    /// True if judges with a remote model may be missing.
    pub accept_missing: bool,
}

/// Returns the verdict, and each reason for flagging the answer.
pub(crate) fn decide(heard: Heard) -> (GuardVerdict, Vec<GuardReason>) {
    if heard.claims == Some(0) {
        return (GuardVerdict::NothingToCheck, Vec::new());
    }
    let mut reasons = Vec::new();
    match heard.probability {
        // The comparison is written so that NaN does not pass.
        Some(probability) if probability >= heard.threshold => {}
        Some(_) => reasons.push(GuardReason::BelowThreshold),
        None => reasons.push(GuardReason::NoScore),
    }
    let unheard_elsewhere = heard.missing_elsewhere > 0 && !heard.accept_missing;
    if heard.claims.is_none() || !heard.verified || heard.missing_here > 0 || unheard_elsewhere {
        reasons.push(GuardReason::NotHeard);
    }
    let verdict = if reasons.is_empty() {
        GuardVerdict::Pass
    } else {
        GuardVerdict::Flag
    };
    (verdict, reasons)
}

#[cfg(test)]
#[path = "tests/guard.rs"]
mod tests;
