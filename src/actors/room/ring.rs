//! Keeps the newest events of a log in memory, for members that are only slightly behind.

use std::collections::VecDeque;

use crate::actors::messages::Frame;

const MAX_FRAMES: usize = 1024;
const MAX_BYTES: usize = 2 << 20;

/// A contiguous sequence of events up to the newest, limited in number and bytes.
#[derive(Debug, Default)]
pub(super) struct Ring {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Ring {
    /// Appends the newest frame and drops the oldest ones beyond the limits.
    pub(super) fn push(&mut self, frame: Frame) {
        if self
            .frames
            .back()
            .is_some_and(|last| last.seq + 1 != frame.seq)
        {
            self.frames.clear();
            self.bytes = 0;
        }
        self.bytes += frame.text.len();
        self.frames.push_back(frame);
        while self.frames.len() > MAX_FRAMES || (self.bytes > MAX_BYTES && self.frames.len() > 1) {
            if let Some(oldest) = self.frames.pop_front() {
                self.bytes -= oldest.text.len();
            }
        }
    }

    /// Returns the frames from `seq` on, at least one, limited in number and bytes. Returns `None`
    /// if the ring does not reach back to `seq`.
    pub(super) fn from(&self, seq: i64, frames: usize, bytes: usize) -> Option<Vec<Frame>> {
        let first = self.frames.front()?.seq;
        let skip = usize::try_from(seq - first).ok()?;
        if skip >= self.frames.len() {
            return None;
        }
        let mut size = 0;
        let batch = self
            .frames
            .iter()
            .skip(skip)
            .take(frames)
            .take_while(|frame| {
                let fits = size == 0 || size + frame.text.len() <= bytes;
                size += frame.text.len();
                fits
            });
        Some(batch.cloned().collect())
    }
}

#[cfg(test)]
#[path = "tests/ring.rs"]
mod tests;
