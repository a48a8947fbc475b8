//! One HTTP exchange: sends a request, and returns a bounded body or a typed error.

use std::error::Error as _;

use secrecy::SecretString;

use crate::judges::JudgeError;
use crate::judges::llm::excerpt::{excerpt, redact, redact_json};
use crate::judges::llm::providers::Provider;

/// Maximum size of a body, in bytes. The longest replies that models write are below 1 MiB.
pub(crate) const LARGEST_BODY: usize = 4 << 20;

/// Sends a request and returns the body of a successful response, with the secret redacted. Has no
/// timeout of its own beyond the client's for connecting: the caller limits the attempt. Sets
/// `answered` once a status of success has arrived, even if the body cannot be read.
pub(crate) async fn send(
    request: reqwest::RequestBuilder,
    provider: &dyn Provider,
    answered: &mut bool,
) -> Result<String, JudgeError> {
    let secret = provider.secret();
    let mut response = request
        .send()
        .await
        .map_err(|error| unsent(error, secret))?;
    let status = response.status();
    *answered = status.is_success();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_BODY => {
                // The beginning of an error body suffices, so an oversized one is truncated.
                if !status.is_success() {
                    break;
                }
                return Err(JudgeError::Malformed(format!(
                    "the reply is larger than {} MiB",
                    LARGEST_BODY >> 20
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Err(unsent(error, secret)),
        }
    }
    let body = redact_json(String::from_utf8_lossy(&body).into_owned(), secret);
    if status.is_success() {
        Ok(body)
    } else {
        Err(provider.failure(status, &headers, &body))
    }
}

/// Converts the error of an exchange that failed. The address is left out, since it may hold
/// credentials and is known from the configuration.
fn unsent(error: reqwest::Error, secret: Option<&SecretString>) -> JudgeError {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        reason.push_str(": ");
        reason.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    // The TLS library's own name of this error would not help whoever created the certificate.
    if reason.contains("CaUsedAsEndEntity") {
        reason.push_str(
            ". The server shows the certificate of an authority: sign another one with it, for the server",
        );
    }
    let reason = excerpt(&redact(reason, secret));
    if error.is_builder() {
        JudgeError::Internal(format!("the request can't be made: {reason}"))
    } else {
        JudgeError::Transport(reason)
    }
}
