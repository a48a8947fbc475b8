//! Server-sent events (`text/event-stream`): the same messages as on the socket, each with an event
//! name, and those of the log with an id.

use std::borrow::Cow;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;

use super::command::Position;
use super::error::{FieldError, Refusal};

/// A buffer of events that are sent together.
#[derive(Debug, Default)]
pub(crate) struct Lines(BytesMut);

impl Lines {
    /// Adds the time that a client waits before it reconnects.
    pub(crate) fn retry(&mut self, millis: u64) {
        self.put(&["retry: ", &millis.to_string(), "\n\n"]);
    }

    /// Adds an event of the log, with the bytes that are stored.
    pub(crate) fn event(&mut self, epoch: &str, seq: i64, frame: &str) {
        self.put(&["id: ", epoch, ":", &seq.to_string(), "\n"]);
        self.control(frame);
    }

    /// Adds a message that is not in the log. It has no id, so the client's position stays the
    /// same.
    pub(crate) fn control(&mut self, frame: &str) {
        // Encoded JSON contains no line breaks, which would end the `data` field.
        self.put(&["event: ", &kind(frame), "\ndata: ", frame, "\n\n"]);
    }

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
    // Every message has a type; `message` is the default event name of SSE.
    serde_json::from_str::<Typed<'_>>(frame).map_or(Cow::Borrowed("message"), |typed| typed.kind)
}

/// Parses the id of the last event that a client has received.
///
/// # Errors
/// Returns `validation` if the text is not of the form `<epoch>:<seq>`.
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
