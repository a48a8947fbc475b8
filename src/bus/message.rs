//! A signal as NATS carries it: one message, with what was stored where that is small enough.
//!
//! The first line has the version and who tells it; the second is the signal's. Events follow below a line with
//! their epoch and the number of the first, each on a line of its own, which a frame never breaks.

use bytes::Bytes;
use bytestring::ByteString;

use super::signal::{Events, Signal, VERSION};

/// Bytes of events that one message carries; of more it is only told how far the log has got. The server takes up to
/// a MiB.
pub(super) const LARGEST: usize = 128 << 10;

/// What the line above events begins with.
const EVENTS: &str = "events";

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// This node has told it.
    Own,
    Told(Signal),
    /// It is of another release, or no message at all.
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

/// The number of the first, if they can be written: without a gap, and none with a line break.
fn first_of(events: &Events) -> Option<i64> {
    let &(first, _) = events.frames.first()?;
    let is_whole = (first..)
        .zip(&events.frames)
        .all(|(seq, (is, frame))| seq == *is && !frame.contains('\n'));
    let is_named = !events.epoch.is_empty() && !events.epoch.contains(char::is_whitespace);
    (is_whole && is_named && events.bytes() <= LARGEST).then_some(first)
}

/// What a message says; its frames are parts of it, and not copied.
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
        // What else there may be is a later release's: how far the log has got is understood.
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
