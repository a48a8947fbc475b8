//! How values stand in columns: ids, times, closed lists of names, JSON, counters, free text.

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::claim::Span;
use crate::domain::ids::Id;
use crate::domain::run::Status;
use crate::store::pool::error::StoreError;

pub(crate) fn read_id<K>(text: &str) -> Result<Id<K>, StoreError> {
    text.parse()
        .map_err(|error| StoreError::Query(format!("stored id {text:?}: {error}")))
}

/// Cut to the microseconds that PostgreSQL keeps, so that both databases give back what they got.
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

/// The name on the wire of a value of a closed list.
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

/// JSON escapes NUL, so it needs no [`text()`].
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Query(error.to_string()))
}

pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Query(format!("stored JSON: {error}")))
}

/// A counter. No length, index or duration of ours comes near the limit.
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

/// Free text that somebody else wrote, such as a model. PostgreSQL has no NUL: U+FFFD takes its place,
/// which is as long in every unit that spans are counted in.
pub(crate) fn text(value: &str) -> String {
    value.replace('\0', "\u{fffd}")
}

/// A score; SQLite would silently keep NaN as null.
pub(crate) fn finite(what: &str, value: f64) -> Result<f64, StoreError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(StoreError::Query(format!("{what} is not a finite number")))
    }
}

/// The text that searching compares: every letter lowered by itself, so that a part of a text folds as
/// the whole does (`str::to_lowercase` writes a sigma differently at the end of a word).
pub(crate) fn folded(value: &str) -> String {
    if value.is_ascii() {
        return value.to_ascii_lowercase();
    }
    value
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'ς' { 'σ' } else { letter })
        .collect()
}

/// A new id, ordered by time of making (UUIDv7).
pub fn new_id<K>() -> Id<K> {
    Id::new(Uuid::now_v7())
}

#[cfg(test)]
#[path = "tests/columns.rs"]
mod tests;
