//! What one step of a run leaves behind: events for the log, and changes of the tables.

use bytestring::ByteString;
use chrono::{DateTime, Utc};

use crate::domain::ids::{RunId, SessionId};
use crate::domain::step::Change;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number within the session.
    pub seq: i64,
    /// The name on the wire.
    pub kind: &'static str,
    /// The time in its envelope.
    pub ts: DateTime<Utc>,
    /// The whole text that goes to the watchers.
    pub frame: ByteString,
}

/// What one step of a run adds.
#[derive(Debug, Clone)]
pub struct Append {
    /// The session whose log grows.
    pub session_id: SessionId,
    /// The run that the changes belong to.
    pub run_id: RunId,
    /// Of the log, as its owner knows it.
    pub epoch: String,
    /// The number of the last event before, as its owner knows it.
    pub base: i64,
    /// Which of its owners the appender is: it goes up with every change of owner.
    pub fence: i64,
    /// The highest progress that these events publish, 0..100.
    pub progress: Option<f64>,
    /// Numbered from `base + 1` without a hole.
    pub events: Vec<StoredEvent>,
    /// To be kept with them.
    pub changes: Vec<Change>,
    pub now: DateTime<Utc>,
}
