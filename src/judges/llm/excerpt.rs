//! Other people's text, made fit to be stored and shown.

use secrecy::{ExposeSecret, SecretString};

/// How much of a provider's explanation is kept, in characters.
const EXPLANATION: usize = 300;

/// The beginning of a provider's explanation, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clean(&line, EXPLANATION)
}

/// At most `longest` characters, without control characters other than line breaks and tabs: a NUL
/// can't be stored in every database.
pub(super) fn clean(text: &str, longest: usize) -> String {
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

/// The text with every occurrence of the secret blotted out. Must come before shortening, which could
/// leave a part of it.
pub(super) fn redact(text: String, secret: Option<&SecretString>) -> String {
    match secret.map(ExposeSecret::expose_secret) {
        Some(secret) if !secret.is_empty() && text.contains(secret) => {
            text.replace(secret, "[redacted]")
        }
        _ => text,
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
