//! The envelope of a session's events. An event is encoded once; the journal and all clients get
//! the same bytes.

use bytestring::ByteString;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::event::EventBody;
use crate::domain::ids::{RunId, SessionId};

use super::timestamp;

/// The place of an event: its session, its run and its position in the log.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// The session whose log contains the event.
    pub session_id: SessionId,
    /// The run that the event is about.
    pub run_id: RunId,
    pub epoch: &'a str,
    /// Sequence number in the session's log, from 1.
    pub seq: i64,
    pub ts: DateTime<Utc>,
}

#[derive(Serialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    session_id: SessionId,
    run_id: RunId,
    epoch: &'a str,
    seq: i64,
    ts: String,
    data: Data<'a>,
}

/// The event's data without the type, which is in the envelope.
struct Data<'a>(&'a EventBody);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            EventBody::EvaluationProgress(data) => data.serialize(serializer),
            EventBody::ClaimVerdict(data) => data.serialize(serializer),
            EventBody::ClaimRevised(data) => data.serialize(serializer),
            EventBody::JudgeResult(data) => data.serialize(serializer),
            EventBody::EvaluationComplete(data) => data.serialize(serializer),
            EventBody::EvaluationError(data) => data.serialize(serializer),
            EventBody::EvaluationCancelled(data) => data.serialize(serializer),
        }
    }
}

/// Encodes one event.
///
/// # Errors
/// Fails if the body cannot be serialised, which is not expected of any of the domain's types.
pub(crate) fn encode(place: &Place<'_>, body: &EventBody) -> Result<ByteString, serde_json::Error> {
    let frame = Frame {
        kind: body.name(),
        session_id: place.session_id,
        run_id: place.run_id,
        epoch: place.epoch,
        seq: place.seq,
        ts: timestamp(place.ts),
        data: Data(body),
    };
    serde_json::to_string(&frame).map(ByteString::from)
}

/// Returns the time at which an event was made, from its encoded form.
pub(crate) fn time_of(frame: &str) -> Option<DateTime<Utc>> {
    // The first match is the envelope's: it precedes the data, and quotes within texts are escaped.
    let (_, rest) = frame.split_once("\"ts\":\"")?;
    let (time, _) = rest.split_once('"')?;
    let time = DateTime::parse_from_rfc3339(time).ok()?;
    Some(time.to_utc())
}

/// A decoded event, as clients read it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Event {
    /// The session whose log contains the event.
    pub session_id: SessionId,
    /// The run that the event is about.
    pub run_id: RunId,
    pub epoch: String,
    /// Sequence number in the session's log, from 1.
    pub seq: i64,
    #[serde(with = "super::rfc3339_millis")]
    pub ts: DateTime<Utc>,
    #[serde(flatten)]
    pub body: EventBody,
}

#[cfg(test)]
#[path = "tests/event.rs"]
mod tests;
