//! Conversions between values and columns: ids, times, closed lists of names, JSON, counters, free
//! text.

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::claim::Span;
use crate::domain::ids::Id;
use crate::domain::run::Status;
use crate::store::pool::error::StoreError;

/// The texts of an evaluation: the source, the output, and the names and spans of several sources
/// as JSON.
pub(super) type TextsRow = (String, String, Option<String>);

pub(crate) fn read_id<K>(text: &str) -> Result<Id<K>, StoreError> {
    text.parse()
        .map_err(|error| StoreError::Query(format!("stored id {text:?}: {error}")))
}

/// Truncates a time to microseconds, which is PostgreSQL's precision, so that both databases return
/// the same value.
pub(crate) fn time(at: DateTime<Utc>) -> NaiveDateTime {
    at.duration_trunc(TimeDelta::microseconds(1))
        .unwrap_or(at)
        .naive_utc()
}

pub(crate) fn read_time(at: NaiveDateTime) -> DateTime<Utc> {
    at.and_utc()
}

pub(crate) fn read_status(name: &str) -> Result<Status, StoreError> {
    Status::parse(name).ok_or_else(|| StoreError::Query(format!("stored status {name:?}")))
}

/// Returns the name on the wire of a value of a closed list.
pub(crate) fn name<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        Ok(other) => Err(StoreError::Query(format!("{other} is no name"))),
        Err(error) => Err(StoreError::Query(error.to_string())),
    }
}

pub(crate) fn read_name<'de, T: Deserialize<'de>>(name: &'de str) -> Result<T, StoreError> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(name))
        .map_err(|error| StoreError::Query(format!("stored name {name:?}: {error}")))
}

/// Encodes a value as JSON. JSON escapes NUL, so it does not need [`text()`].
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Query(error.to_string()))
}

pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Query(format!("stored JSON: {error}")))
}

/// Converts a counter. No length, index or duration of this program comes near the limit.
pub(crate) fn counter(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

pub(crate) fn read_counter<T: TryFrom<i64>>(value: i64) -> Result<T, StoreError> {
    T::try_from(value)
        .map_err(|_| StoreError::Query(format!("stored counter {value} is out of range")))
}

pub(crate) fn read_span(start: i64, end: i64) -> Result<Span, StoreError> {
    Ok(Span {
        start: read_counter(start)?,
        end: read_counter(end)?,
    })
}

/// Prepares free text from outside, such as that of a model. PostgreSQL cannot store NUL, which is
/// replaced by U+FFFD; that has the same length in every unit in which spans are counted.
pub(crate) fn text(value: &str) -> String {
    value.replace('\0', "\u{fffd}")
}

/// Rejects a score that is not finite; SQLite would silently store NaN as null.
pub(crate) fn finite(what: &str, value: f64) -> Result<f64, StoreError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(StoreError::Query(format!("{what} is not a finite number")))
    }
}

/// Generates an id that sorts by its time of creation (UUIDv7).
pub fn new_id<K>() -> Id<K> {
    Id::new(Uuid::now_v7())
}

#[cfg(test)]
#[path = "tests/columns.rs"]
mod tests;
