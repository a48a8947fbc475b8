//! The output of one step of a run: events for the log, and changes of the tables.

use bytestring::ByteString;
use chrono::{DateTime, Utc};

use crate::domain::ids::{RunId, SessionId};
use crate::domain::step::Change;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The sequence number within the session.
    pub seq: i64,
    /// The type of the event on the wire.
    pub kind: &'static str,
    /// The time in the event's envelope.
    pub ts: DateTime<Utc>,
    /// The encoded event, as it is sent to members.
    pub frame: ByteString,
}

/// The events and changes that one step of a run adds.
#[derive(Debug, Clone)]
pub struct Append {
    pub session_id: SessionId,
    pub run_id: RunId,
    /// The epoch of the log, as the owner knows it.
    pub epoch: String,
    /// The sequence number of the preceding event, as the owner knows it.
    pub base: i64,
    /// The fencing token of the owner, which increases with every change of owner.
    pub fence: i64,
    /// The highest progress that these events publish, 0..100.
    pub progress: Option<f64>,
    /// Numbered consecutively from `base + 1`.
    pub events: Vec<StoredEvent>,
    /// Changes of the tables, which are written in the same transaction.
    pub changes: Vec<Change>,
    pub now: DateTime<Utc>,
}
