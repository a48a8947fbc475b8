//! Other people's text, made fit to be stored and shown.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// How much of a provider's explanation is kept, in characters.
const EXPLANATION: usize = 300;

/// The beginning of a provider's explanation, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clean(&line, EXPLANATION)
}

/// At most `longest` characters, without control characters other than line breaks and tabs: a NUL
/// can't be stored in every database.
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

/// Shorter keys are words that a server of one's own ignores, such as `EMPTY`: blotting them out would
/// spoil the reply.
const SHORTEST_SECRET: usize = 8;

/// The text with every occurrence of the secret blotted out. Must come before shortening, which could
/// leave a part of it, and after decoding: see [`redact_json`].
pub(crate) fn redact(text: String, secret: Option<&SecretString>) -> String {
    match secret.map(ExposeSecret::expose_secret) {
        Some(secret) if secret.len() >= SHORTEST_SECRET && text.contains(secret) => {
            text.replace(secret, "[redacted]")
        }
        _ => text,
    }
}

/// The same for a body that may be JSON, where the secret can be spelled with escapes.
pub(crate) fn redact_json(body: String, secret: Option<&SecretString>) -> String {
    let escaped = secret.is_some() && body.contains('\\');
    match serde_json::from_str::<Value>(&body) {
        Ok(mut value) if escaped => {
            let before = value.clone();
            blot_out(&mut value, secret);
            // Else as it came: a number may have more digits than ours.
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

/// The same for every text in a value.
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
mod tests {
    use super::*;

    #[test]
    fn explanations_are_one_short_line() {
        assert_eq!(excerpt("  no such\r\n model\u{0} "), "no such model");
        let long = excerpt(&"ä".repeat(500));
        assert_eq!(long.chars().count(), EXPLANATION + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_secret_goes_however_it_is_escaped() {
        let key = SecretString::from("sk-KEY/abc+def=xyz");
        for body in [
            r#"{"error":{"message":"no sk\u002dKEY\u002fabc\u002bdef\u003dxyz"}}"#,
            r#"{"error":{"message":["no sk-KEY\/abc+def=xyz"]}}"#,
            "no sk-KEY/abc+def=xyz \\",
        ] {
            let shown = redact_json(body.to_owned(), Some(&key));
            let text = shown.replace('\\', "");
            assert!(
                shown.contains("[redacted]") && !text.contains("abc"),
                "{shown}"
            );
        }
        let plain = r#"{"n":1.00000000000000000001,"a":"\n"}"#;
        assert_eq!(redact_json(plain.to_owned(), Some(&key)), plain);
    }

    #[test]
    fn a_word_in_place_of_a_key_spoils_nothing() {
        let key = SecretString::from("content");
        let body = r#"{"content":"content"}"#;
        assert_eq!(redact_json(body.to_owned(), Some(&key)), body);
    }

    #[test]
    fn a_secret_goes_and_an_empty_one_changes_nothing() {
        let key = SecretString::from("sk-12345");
        let text = "bad key sk-12345, really: sk-12345".to_owned();
        assert_eq!(
            redact(text, Some(&key)),
            "bad key [redacted], really: [redacted]"
        );
        let empty = SecretString::from("");
        assert_eq!(redact("abc".into(), Some(&empty)), "abc");
        assert_eq!(redact("abc".into(), None), "abc");
    }
}
