//! Classification of error responses that is common to providers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::judges::JudgeError;
use crate::judges::llm::excerpt::excerpt;

/// The parsed body of an error response.
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

    /// Returns a field of the object `error`.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.body.get("error")?.get(name)
    }

    /// Returns a field of the object `error` that is a string, such as `code` or `type`.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str()
    }
}

/// Classifies an error response by its status and body where the provider has no codes of its own.
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

/// Returns the status of a failure in a response with a status of success: its `code`, if that is
/// one.
pub(crate) fn disguised(error: &Value) -> StatusCode {
    error
        .get("code")
        .and_then(Value::as_u64)
        .and_then(|code| StatusCode::from_u16(code.try_into().ok()?).ok())
        .filter(|status| status.is_client_error() || status.is_server_error())
        .unwrap_or(StatusCode::BAD_GATEWAY)
}

/// Returns the text in `{"error": {"message": …}}`, `{"error": …}`, `{"message": …}` or `{"detail":
/// …}`.
fn explanation(body: &Value) -> Option<&str> {
    let error = body.get("error");
    error
        .and_then(|error| error.get("message"))
        .or(error)
        .or_else(|| body.get("message"))
        .or_else(|| body.get("detail"))
        .and_then(Value::as_str)
}

/// Returns the delay that the provider asks for: `retry-after-ms`, which Azure sends and OpenAI's
/// own clients read first, or else `Retry-After`, in seconds or as a date. A date is compared with
/// the response's own `Date`, so that the clocks need not agree; a date in the past means no delay.
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
