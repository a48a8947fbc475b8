//! Bodies for snapshots: what is another each time has a name in place of its value.

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;

/// Milliseconds that depend on the machine.
const DURATIONS: [&str; 3] = [
    "mean_response_time_ms",
    "processing_time_ms",
    "response_time_ms",
];

/// What nobody can guess, and what is made of times and ids.
const OPAQUE: [&str; 6] = [
    "access_token",
    "csrf_token",
    "next_cursor",
    "refresh_token",
    // Of a prompt, which has marks that nobody can guess.
    "sha256",
    "token",
];

/// Digits of a fraction that are the same on every machine.
const PRECISION: f64 = 1e6;

/// The body with a line a member. The same id has the same number wherever it stands, so that a snapshot says which
/// belong together.
pub(crate) fn redacted(body: &Value) -> String {
    let mut body = body.clone();
    redact(&mut body, "", &mut Vec::new());
    format!("{body:#}")
}

fn redact(value: &mut Value, key: &str, ids: &mut Vec<Uuid>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                redact(member, key, ids);
            }
        }
        Value::Array(items) => {
            // Judges are told in the order in which they answered.
            items.sort_by_key(|item| item["judge_name"].as_str().unwrap_or_default().to_owned());
            for item in items {
                redact(item, key, ids);
            }
        }
        Value::Number(_) if DURATIONS.contains(&key) => *value = json!("[milliseconds]"),
        Value::Number(number) if number.is_f64() => {
            let rounded = (number.as_f64().unwrap() * PRECISION).round() / PRECISION;
            *value = json!(rounded);
        }
        Value::String(text) if OPAQUE.contains(&key) => *text = "[opaque]".to_owned(),
        Value::String(text) if text.starts_with("/shared/") => {
            *text = "/shared/[opaque]".to_owned();
        }
        Value::String(text) if DateTime::parse_from_rfc3339(text).is_ok() => {
            *text = "[time]".to_owned();
        }
        Value::String(text) if text.parse::<NaiveDate>().is_ok() => *text = "[day]".to_owned(),
        Value::String(text) => *text = without_ids(text, ids),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text with each id, wherever it stands in it, by the number of its first appearance.
fn without_ids(text: &str, ids: &mut Vec<Uuid>) -> String {
    const LENGTH: usize = 36;
    let (mut told, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        let id = rest.get(..LENGTH).and_then(|part| part.parse().ok());
        let Some(id) = id else {
            told.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        let number = ids.iter().position(|known| *known == id);
        let number = number.unwrap_or_else(|| {
            ids.push(id);
            ids.len() - 1
        });
        told.push_str(&format!("[id {}]", number + 1));
        rest = &rest[LENGTH..];
    }
    told
}

#[test]
fn what_is_another_each_time_is_replaced_and_the_rest_stays() {
    let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
    let body = json!({
        "a": { "id": one, "created_at": "2026-11-30T17:45:57.123Z", "day": "2026-11-30", "count": 2 },
        "b": [{ "id": other, "path": format!("/evaluations/{one}/events") }, null, true],
        "response_time_ms": 12, "score": 0.123_456_789, "next_cursor": "eyJ9", "text": "at 12:00",
    });
    let expected = json!({
        "a": { "id": "[id 1]", "created_at": "[time]", "day": "[day]", "count": 2 },
        "b": [{ "id": "[id 2]", "path": "/evaluations/[id 1]/events" }, null, true],
        "response_time_ms": "[milliseconds]", "score": 0.123_457, "next_cursor": "[opaque]", "text": "at 12:00",
    });
    assert_eq!(redacted(&body), format!("{expected:#}"));
}
