//! Which of the others has died: one whose beat stands still for as long as patience lasts.
//!
//! No clock is compared with another: a beat is a counter, and the time is the observer's own, which does not
//! jump. Whoever could not look for a while, because the database was away or the process stopped, begins to
//! observe anew: by then every other has beaten again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::ids::NodeId;

/// Looks that have to find a beat unchanged, beside the time that has to pass.
const LOOKS: u32 = 4;

#[derive(Debug, Clone, Copy)]
struct Seen {
    beat: i64,
    since: Instant,
    looks: u32,
}

/// What is known of the others' beats.
#[derive(Debug)]
pub(super) struct Pulse {
    patience: Duration,
    seen: HashMap<NodeId, Seen>,
    last_look: Option<Instant>,
}

impl Pulse {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            seen: HashMap::new(),
            last_look: None,
        }
    }

    /// Takes the beats that were read just now, and says who is dead, each with the beat at which it stands.
    pub(super) fn look(
        &mut self,
        now: Instant,
        beats: impl IntoIterator<Item = (NodeId, i64)>,
    ) -> Vec<(NodeId, i64)> {
        let gap = self
            .last_look
            .map(|last| now.saturating_duration_since(last));
        if gap.is_some_and(|gap| gap > self.patience / 2) {
            self.seen.clear();
        }
        self.last_look = Some(now);
        let mut seen = HashMap::new();
        let mut dead = Vec::new();
        for (node, beat) in beats {
            let one = match self.seen.get(&node) {
                Some(before) if before.beat == beat => Seen {
                    looks: before.looks + 1,
                    ..*before
                },
                _ => Seen {
                    beat,
                    since: now,
                    looks: 0,
                },
            };
            if one.looks >= LOOKS && now.saturating_duration_since(one.since) >= self.patience {
                dead.push((node, beat));
            }
            seen.insert(node, one);
        }
        self.seen = seen;
        dead
    }
}

#[cfg(test)]
#[path = "tests/pulse.rs"]
mod tests;
