//! One HTTP exchange: a request goes out, a bounded body or a typed error comes back.

use std::error::Error as _;

use secrecy::SecretString;

use crate::judges::JudgeError;
use crate::judges::llm::excerpt::{excerpt, redact, redact_json};
use crate::judges::llm::providers::Provider;

/// The largest body that is read. A reply of the most tokens that models write is below 1 MiB.
pub(crate) const LARGEST_BODY: usize = 4 << 20;

/// Sends a request and reads the body of a success, without the secret. Has no timeout of its own
/// beyond the client's for connecting: the caller bounds the attempt. Says in `answered` whether a
/// success came back, be it that its body can't be had.
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
                // What a failure says is in its beginning.
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

/// The error of an exchange that did not come to an end. The address is left out: it may hold
/// credentials, and the configuration has it.
fn unsent(error: reqwest::Error, secret: Option<&SecretString>) -> JudgeError {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        reason.push_str(": ");
        reason.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    // The TLS library's own word for it says nothing to whoever made the certificate.
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
