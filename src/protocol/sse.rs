//! Events as SSE (`text/event-stream`): the frames of the socket, each with a name, those of the log
//! with an id.

use std::borrow::Cow;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;

use super::command::Position;
use super::error::{FieldError, Refusal};

/// Several events in one piece, as they go out together.
#[derive(Debug, Default)]
pub(crate) struct Lines(BytesMut);

impl Lines {
    /// How long a client waits before it comes back.
    pub(crate) fn retry(&mut self, millis: u64) {
        self.put(&["retry: ", &millis.to_string(), "\n\n"]);
    }

    /// An event of the log, its frame as it is stored.
    pub(crate) fn event(&mut self, epoch: &str, seq: i64, frame: &str) {
        self.put(&["id: ", epoch, ":", &seq.to_string(), "\n"]);
        self.control(frame);
    }

    /// A frame that is not in the log: without an id, so the client's position stays.
    pub(crate) fn control(&mut self, frame: &str) {
        // JSON as it is written here has no line break outside of an escape.
        self.put(&["event: ", &kind(frame), "\ndata: ", frame, "\n\n"]);
    }

    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.0.freeze()
    }

    fn put(&mut self, parts: &[&str]) {
        self.0.reserve(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.0.put_slice(part.as_bytes());
        }
    }
}

fn kind(frame: &str) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(rename = "type", borrow)]
        kind: Cow<'a, str>,
    }
    // Every frame has a type; `message` is what a client takes an event without a name for.
    serde_json::from_str::<Typed<'_>>(frame).map_or(Cow::Borrowed("message"), |typed| typed.kind)
}

/// Where a client stands, by the id of the last event that it had.
///
/// # Errors
/// `validation`: it is not an id that this server gives.
pub(crate) fn position(last_event_id: &str) -> Result<Position, Refusal> {
    let parts = last_event_id.rsplit_once(':');
    let position = parts.and_then(|(epoch, seq)| {
        let digits = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        let last_seq = seq.parse().ok().filter(|_| digits)?;
        (!epoch.is_empty()).then(|| Position {
            epoch: Some(epoch.to_owned()),
            last_seq,
        })
    });
    position.ok_or_else(|| {
        let detail = "must be `<epoch>:<seq>`, the id of an event";
        Refusal::invalid(vec![FieldError::new("/Last-Event-ID", detail)])
    })
}

#[cfg(test)]
#[path = "tests/sse.rs"]
mod tests;
