//! The newest events of a log in memory, for members that are a little behind.

use std::collections::VecDeque;

use crate::actors::messages::Frame;

const MAX_FRAMES: usize = 1024;
const MAX_BYTES: usize = 2 << 20;

/// A gapless run of frames up to the newest.
#[derive(Debug, Default)]
pub(super) struct Ring {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Ring {
    /// Adds the newest frame; the oldest make way.
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

    /// The frames from `seq` on, at least one, at most so many and so large; none where the ring does
    /// not reach back to `seq`.
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
mod tests {
    use super::*;

    fn frame(seq: i64, len: usize) -> Frame {
        Frame {
            seq,
            text: "x".repeat(len).into(),
        }
    }

    fn seqs(frames: Option<Vec<Frame>>) -> Option<Vec<i64>> {
        frames.map(|frames| frames.into_iter().map(|frame| frame.seq).collect())
    }

    #[test]
    fn serves_what_it_has_and_says_when_it_has_not() {
        let mut ring = Ring::default();
        assert_eq!(ring.from(1, 10, 100), None);
        for seq in 5..=9 {
            ring.push(frame(seq, 10));
        }
        assert_eq!(ring.from(4, 10, 100), None);
        assert_eq!(ring.from(10, 10, 100), None);
        assert_eq!(seqs(ring.from(7, 10, 100)), Some(vec![7, 8, 9]));
        assert_eq!(seqs(ring.from(5, 2, 100)), Some(vec![5, 6]));
        assert_eq!(seqs(ring.from(5, 9, 25)), Some(vec![5, 6]));
        assert_eq!(seqs(ring.from(5, 9, 1)), Some(vec![5]), "one always passes");
    }

    #[test]
    fn stays_within_its_bounds_and_never_holds_a_gap() {
        let mut ring = Ring::default();
        for seq in 1..=3000 {
            ring.push(frame(seq, 1));
        }
        assert_eq!(ring.frames.len(), MAX_FRAMES);
        ring.push(frame(3001, MAX_BYTES + 1));
        assert_eq!(ring.frames.len(), 1);
        ring.push(frame(4000, 1));
        assert_eq!(seqs(ring.from(4000, 9, 9)), Some(vec![4000]));
        assert_eq!(ring.from(3001, 9, 9), None);
    }
}
