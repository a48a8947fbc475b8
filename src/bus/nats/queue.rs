//! The signals that wait to be published, limited in number and in bytes.

use std::collections::VecDeque;

use crate::bus::message::LARGEST;
use crate::bus::signal::Signal;

/// Maximum number of signals that wait to be published.
const QUEUE: usize = 4096;

/// Maximum size of the events in the queue, in bytes; a signal beyond it is queued without its
/// events.
const QUEUE_BYTES: usize = 8 << 20;

#[derive(Default)]
pub(super) struct Queue {
    signals: VecDeque<Signal>,
    bytes: usize,
    /// True if nothing more will be put in: the bus ends once the queue is empty.
    pub(super) ended: bool,
}

impl Queue {
    /// Returns false if the queue is full.
    pub(super) fn put(&mut self, signal: Signal) -> bool {
        if self.signals.len() >= QUEUE {
            return false;
        }
        let bytes = signal.bytes();
        if bytes > LARGEST || self.bytes + bytes > QUEUE_BYTES {
            self.signals.push_back(signal.without_events());
        } else {
            self.bytes += bytes;
            self.signals.push_back(signal);
        }
        true
    }

    pub(super) fn take(&mut self) -> Option<Signal> {
        let signal = self.signals.pop_front()?;
        self.bytes -= signal.bytes();
        Some(signal)
    }
}

#[cfg(test)]
#[path = "tests/queue.rs"]
mod tests;
