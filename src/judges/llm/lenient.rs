//! Lenient deserialization of fields of a provider's response beside the reply itself. Servers
//! differ in these, and an unimportant field must not invalidate a response: a value of an
//! undocumented type counts as missing.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Deserializes a field, or returns its default if it is missing or of another type.
pub(crate) fn or_absent<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Deserializes a number of tokens, also from `50.0` or `"50"`; 0 if it is none, as from servers
/// that do not count.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(whole(&Value::deserialize(deserializer)?).unwrap_or(0))
}

/// Deserializes the readable elements of a list; empty if it is no list. Works on the raw text,
/// since a `Value` would sort the fields of the model's output.
pub(crate) fn readable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let whole = Box::<RawValue>::deserialize(deserializer)?;
    let entries: Vec<Box<RawValue>> = serde_json::from_str(whole.get()).unwrap_or_default();
    let read = entries
        .iter()
        .map(|entry| serde_json::from_str(entry.get()));
    Ok(read.filter_map(Result::ok).collect())
}

/// Returns a non-negative integer, written as `2`, `2.0` or `"2"`.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    /// Above this, a float cannot represent every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = |number: f64| {
        let is_whole = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
        is_whole.then_some(number as u64)
    };
    match value {
        Value::Number(number) => number.as_u64().or_else(|| exact(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| exact(text.parse().ok()?))
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "tests/lenient.rs"]
mod tests;
