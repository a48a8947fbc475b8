//! Prepares text from outside for storing and displaying.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Maximum length of a provider's explanation that is kept, in characters.
const EXPLANATION: usize = 300;

/// Returns the beginning of a provider's explanation, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clean(&line, EXPLANATION)
}

/// Returns at most `longest` characters, without control characters other than line breaks and
/// tabs: not every database can store NUL.
pub(crate) fn clean(text: &str, longest: usize) -> String {
    let mut characters = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    let mut kept: String = characters.by_ref().take(longest).collect();
    if characters.next().is_some() {
        kept.push('…');
    }
    kept
}

/// Shorter keys are not redacted: they are placeholders such as `EMPTY` for servers without
/// authentication, and redacting those words would damage the reply.
const SHORTEST_SECRET: usize = 8;

/// Replaces every occurrence of the secret. Must be called before truncation, which could leave a
/// part of it, and after decoding: see [`redact_json`].
pub(crate) fn redact(text: String, secret: Option<&SecretString>) -> String {
    match secret.map(ExposeSecret::expose_secret) {
        Some(secret) if secret.len() >= SHORTEST_SECRET && text.contains(secret) => {
            text.replace(secret, "[redacted]")
        }
        _ => text,
    }
}

/// Redacts a body that may be JSON, where the secret can be spelled with escapes.
pub(crate) fn redact_json(body: String, secret: Option<&SecretString>) -> String {
    let escaped = secret.is_some() && body.contains('\\');
    match serde_json::from_str::<Value>(&body) {
        Ok(mut value) if escaped => {
            let before = value.clone();
            blot_out(&mut value, secret);
            // Without a secret in it the body stays as it is, since re-encoding could lose digits
            // of numbers.
            let body = if value == before {
                body
            } else {
                value.to_string()
            };
            redact(body, secret)
        }
        _ => redact(body, secret),
    }
}

/// Redacts every string in a value.
pub(crate) fn blot_out(value: &mut Value, secret: Option<&SecretString>) {
    match value {
        Value::String(text) => *text = redact(std::mem::take(text), secret),
        Value::Array(values) => values.iter_mut().for_each(|value| blot_out(value, secret)),
        Value::Object(object) => object
            .values_mut()
            .for_each(|value| blot_out(value, secret)),
        _ => {}
    }
}

#[cfg(test)]
#[path = "tests/excerpt.rs"]
mod tests;
