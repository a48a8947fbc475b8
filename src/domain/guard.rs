//! What a guard says of an answer within its time: the one rule, for REST, the socket and the gate alike.
//!
//! Time that is over never lets an answer through: whatever was not heard counts against it, unless whoever asks
//! accepts that judges are missing, and then only judges that ask others. What was computed here is always needed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuardVerdict {
    /// Its source supports it, by everybody who was to be heard.
    Pass,
    /// It is not to be shown as it is; the reasons say why.
    Flag,
    /// It states nothing that a source could bear out.
    NothingToCheck,
}

impl GuardVerdict {
    /// The name on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Flag => "flag",
            Self::NothingToCheck => "nothing_to_check",
        }
    }
}

/// Why an answer is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuardReason {
    /// The chance that the source supports all of it is below the threshold.
    BelowThreshold,
    /// Somebody who was to be heard was not, within the time.
    NotHeard,
    /// Nobody gave a score, so that there is no such chance.
    NoScore,
}

/// What is known of an answer when its time is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// How many claims it holds; none where not even that was found out.
    pub claims: Option<usize>,
    /// Whether each claim was verified.
    pub verified: bool,
    /// The chance that the source supports all of it.
    pub probability: Option<f64>,
    /// Below it an answer is flagged, 0..1.
    pub threshold: f64,
    /// Judges on this machine that were not heard.
    pub missing_here: usize,
    /// Judges elsewhere that were not heard.
    pub missing_elsewhere: usize,
    /// Whether judges elsewhere may be missing.
    pub accept_missing: bool,
}

/// What to do with the answer, and each reason that speaks against it.
pub(crate) fn decide(heard: Heard) -> (GuardVerdict, Vec<GuardReason>) {
    if heard.claims == Some(0) {
        return (GuardVerdict::NothingToCheck, Vec::new());
    }
    let mut reasons = Vec::new();
    match heard.probability {
        // Written so that a value that is no number passes nothing.
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
