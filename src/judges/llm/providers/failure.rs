//! What a response that is no success means, where a provider has no words of its own for it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::judges::JudgeError;
use crate::judges::llm::excerpt::excerpt;

/// What the body of a failure says.
pub(crate) struct Explained {
    body: Value,
    /// The beginning of the explanation, for people.
    pub(crate) reason: String,
}

impl Explained {
    pub(crate) fn read(body: &str) -> Self {
        let parsed: Value = serde_json::from_str(body).unwrap_or_default();
        let reason = match explanation(&parsed) {
            Some(text) => excerpt(text),
            None if body.trim().is_empty() => "no explanation".to_owned(),
            None => excerpt(body),
        };
        Self {
            body: parsed,
            reason,
        }
    }

    /// A field of `error`.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.body.get("error")?.get(name)
    }

    /// The same where it is a word, such as `code` or `type`.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str()
    }
}

/// The error that a response with this status and body means where the provider has no words of its
/// own for it.
pub(crate) fn failure(status: StatusCode, retry_after: Option<Duration>, body: &str) -> JudgeError {
    let reason = Explained::read(body).reason;
    let code = status.as_u16();
    let rejected = |reason| JudgeError::Rejected {
        status: code,
        reason,
    };
    match status {
        StatusCode::PAYMENT_REQUIRED => JudgeError::Quota(reason),
        StatusCode::TOO_MANY_REQUESTS => JudgeError::RateLimited {
            status: code,
            retry_after,
        },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => JudgeError::Auth {
            status: code,
            reason,
        },
        _ if status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() => {
            JudgeError::Overloaded {
                status: code,
                reason,
                retry_after,
            }
        }
        _ if status.is_redirection() => {
            rejected("it redirects elsewhere, which is not followed".to_owned())
        }
        _ => rejected(reason),
    }
}

/// The status of a failure in the body of a success: its `code`, where that is one.
pub(crate) fn disguised(error: &Value) -> StatusCode {
    error
        .get("code")
        .and_then(Value::as_u64)
        .and_then(|code| StatusCode::from_u16(code.try_into().ok()?).ok())
        .filter(|status| status.is_client_error() || status.is_server_error())
        .unwrap_or(StatusCode::BAD_GATEWAY)
}

/// The text in `{"error": {"message": …}}`, `{"error": …}`, `{"message": …}` or `{"detail": …}`.
fn explanation(body: &Value) -> Option<&str> {
    let error = body.get("error");
    error
        .and_then(|error| error.get("message"))
        .or(error)
        .or_else(|| body.get("message"))
        .or_else(|| body.get("detail"))
        .and_then(Value::as_str)
}

/// When to come back: `retry-after-ms`, which Azure sends and OpenAI's own clients read first, else
/// `Retry-After`, in seconds or as a date. A date is compared with the response's own `Date`, so that
/// the two clocks need not agree; one that has passed means at once.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let precise = headers.get("retry-after-ms");
    if let Some(ms) = precise.and_then(|value| value.to_str().ok()?.trim().parse().ok()) {
        return Some(Duration::from_millis(ms));
    }
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date(value)?;
    let now = headers
        .get(DATE)
        .and_then(|date| http_date(date.to_str().ok()?))
        .unwrap_or_else(Utc::now);
    Some((at - now).to_std().unwrap_or(Duration::ZERO))
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.with_timezone(&Utc))
}

#[cfg(test)]
#[path = "tests/failure.rs"]
mod tests;
