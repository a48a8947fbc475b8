//! Error messages for the model that calls a tool: what is wrong, and what to do about it.

use crate::protocol::error::{ErrorCode, Refusal};

/// Formats a refusal as text on which a model can act.
pub(super) fn advice(refusal: &Refusal) -> String {
    let mut text = format!("{}: {}", refusal.code.as_str(), refusal.message);
    if refusal.fields.len() > 1 {
        for fault in &refusal.fields {
            text.push_str(&format!("\n- {}: {}", fault.pointer, fault.detail));
        }
    }
    text.push_str("\nWhat to do: ");
    text.push_str(&next(refusal));
    text
}

fn next(refusal: &Refusal) -> String {
    if refusal.code.retryable() {
        let wait = refusal.retry_after.map_or(1, |wait| wait.as_secs().max(1));
        return format!("wait {wait} s, then call the tool again with the same arguments.");
    }
    match refusal.code {
        ErrorCode::Validation | ErrorCode::BadRequest | ErrorCode::PayloadTooLarge => {
            "change the arguments as the tool's input schema says, then call it again."
        }
        ErrorCode::NotFound => {
            "check the id or the name: only what this account has made can be found."
        }
        ErrorCode::Forbidden => {
            "ask whoever runs this for an API key with the scope that is missing; another call will be refused too."
        }
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired => {
            "ask whoever runs this for a new API key; this one is not taken any more."
        }
        ErrorCode::LimitExceeded => {
            "ask whoever runs this to delete evaluations or documents that are no longer needed."
        }
        _ => "tell whoever runs this of the message above.",
    }
    .to_owned()
}

#[cfg(test)]
#[path = "tests/advice.rs"]
mod tests;
