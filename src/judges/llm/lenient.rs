//! Fields of a provider's answer beside the reply itself. Servers differ in how they write them, and a
//! field that nobody needs must not discard an answer that is there: what is of another kind than
//! documented counts as absent.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// The field, or what it is where it is absent.
pub(crate) fn or_absent<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A number of tokens, also as `50.0` or `"50"`; 0 where it is none, as from servers that count nothing.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(whole(&Value::deserialize(deserializer)?).unwrap_or(0))
}

/// The entries of a list that can be read; none where it is no list. By their text, since a `Value` would
/// sort the fields of what a model wrote.
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

/// A whole number from 0, however it is written: `2`, `2.0`, `"2"`.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    /// Beyond, a float does not hold every whole number.
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
