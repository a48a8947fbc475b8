//! Short names of the failures of judges, and advice for users.

use super::report::Failure;

/// Describes a failure in a few words, to be used within a sentence.
pub(crate) const fn called(failure: Failure) -> &'static str {
    match failure {
        Failure::Refused => "the model refused",
        Failure::Malformed => "answer not usable",
        Failure::Truncated => "answer cut off",
        Failure::Timeout => "no answer in time",
        Failure::RateLimited => "too many requests",
        Failure::Quota => "out of credit",
        Failure::Auth => "key not accepted",
        Failure::Overloaded => "provider out of service",
        Failure::Transport => "provider not reached",
        Failure::Rejected => "call not accepted",
        Failure::Budget => "budget used up",
        Failure::CircuitOpen => "failed too often",
        Failure::Quarantined => "the text speaks to the judge",
        Failure::Cancelled => "not waited for",
        Failure::Internal => "fault of the auditor",
    }
}

/// Returns the first thing to try.
pub(crate) const fn hint(failure: Failure) -> &'static str {
    match failure {
        Failure::Refused => {
            "ask another model: this one, or its provider's filter, declines the texts"
        }
        Failure::Malformed => {
            "set the judge's structured to what its server can do (schema, json, prompt), or use a larger model"
        }
        Failure::Truncated => "raise the judge's max_tokens",
        Failure::Timeout => "raise the judge's timeout_ms, or use a faster model",
        Failure::RateLimited => "wait and start again, or lower the judge's max_concurrency",
        Failure::Quota => "add credit to the provider's account",
        Failure::Auth => "check the judge's key, and that the key may use the model",
        Failure::Overloaded => {
            "wait and start again: the provider is too busy, or has a fault of its own"
        }
        Failure::Transport => {
            "check the judge's base_url and that its server runs and can be reached"
        }
        Failure::Rejected => {
            "check the judge's base_url and model, and which parameters the model takes"
        }
        Failure::Budget => {
            "raise the limit that the error names, wait until a day's budget is renewed, or audit shorter texts"
        }
        Failure::CircuitOpen => "wait and start again: the judge failed too often of late",
        Failure::Quarantined => "read the sentences that speak to the judge",
        Failure::Cancelled => "start the evaluation again",
        Failure::Internal => "report this as a fault of the auditor",
    }
}
