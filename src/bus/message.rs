//! The encoding of a signal as a NATS message, with the stored events where they are small enough.
//!
//! The first line has the version and the sender's id; the second is the signal. Events follow
//! after a line with their epoch and the sequence number of the first, one event a line: a frame
//! contains no line break.

use bytes::Bytes;
use bytestring::ByteString;

use super::signal::{Events, Signal, VERSION};

/// Maximum size of the events in one message, in bytes. A signal with more tells only the last
/// sequence number. The server's default limit of a message is 1 MiB.
pub(super) const LARGEST: usize = 128 << 10;

/// The first word of the line before the events.
const EVENTS: &str = "events";

/// A decoded message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// The message is this node's own.
    Own,
    Told(Signal),
    /// The message is of another release, or malformed.
    Unknown,
}

pub(super) fn write(signal: &Signal, sender: &str) -> Bytes {
    let mut text = format!("{VERSION} {sender}\n{}", signal.line());
    if let Signal::Stored {
        events: Some(events),
        ..
    } = signal
        && let Some(first) = first_of(events)
    {
        text.reserve(events.bytes() + events.frames.len() + 64);
        text.push_str(&format!("\n{EVENTS} {} {first}", events.epoch));
        for (_, frame) in &events.frames {
            text.push('\n');
            text.push_str(frame);
        }
    }
    text.into()
}

/// Returns the sequence number of the first event if the events can be written: without a gap,
/// without line breaks, and within `LARGEST`.
fn first_of(events: &Events) -> Option<i64> {
    let &(first, _) = events.frames.first()?;
    let is_whole = (first..)
        .zip(&events.frames)
        .all(|(seq, (is, frame))| seq == *is && !frame.contains('\n'));
    let is_named = !events.epoch.is_empty() && !events.epoch.contains(char::is_whitespace);
    (is_whole && is_named && events.bytes() <= LARGEST).then_some(first)
}

/// Decodes a message. Its frames share the payload's memory.
pub(super) fn read(payload: Bytes, own: &str) -> Message {
    let Ok(text) = ByteString::try_from(payload) else {
        return Message::Unknown;
    };
    let mut lines = text.split('\n');
    let sender = lines.next().and_then(|line| line.strip_prefix(VERSION));
    let Some(sender) = sender.and_then(|rest| rest.strip_prefix(' ')) else {
        return Message::Unknown;
    };
    if sender == own {
        return Message::Own;
    }
    let Some(mut signal) = lines.next().and_then(Signal::of_line) else {
        return Message::Unknown;
    };
    if let Signal::Stored { events, .. } = &mut signal
        && let Some(head) = lines.next()
    {
        // A line that is not understood is from a later release; the sequence number in the signal
        // still is.
        *events = read_events(&text, head, lines);
    }
    Message::Told(signal)
}

fn read_events<'t>(
    text: &ByteString,
    head: &str,
    frames: impl Iterator<Item = &'t str>,
) -> Option<Events> {
    let words: Vec<&str> = head.split(' ').collect();
    let [EVENTS, epoch, first] = words[..] else {
        return None;
    };
    let first: i64 = first.parse().ok()?;
    let frames: Option<Vec<(i64, ByteString)>> = (0..)
        .zip(frames)
        .map(|(place, frame)| Some((first.checked_add(place)?, text.slice_ref(frame))))
        .collect();
    Some(Events {
        epoch: epoch.to_owned(),
        frames: frames.filter(|frames| !frames.is_empty())?,
    })
}

#[cfg(test)]
#[path = "tests/message.rs"]
mod tests;
