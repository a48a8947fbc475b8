//! Detects dead nodes: a node is dead if its heartbeat counter has not changed
//! for the configured time.
//!
//! Clocks of different machines are never compared: a heartbeat is a counter, and the time is the
//! observer's monotonic clock. A node that could not observe for a while, because the database did
//! not answer or the process was suspended, starts its observation anew; by then every living node
//! has written another heartbeat.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::ids::NodeId;

/// The number of observations that must find a counter unchanged, in addition to the time.
const LOOKS: u32 = 4;

#[derive(Debug, Clone, Copy)]
struct Seen {
    beat: i64,
    since: Instant,
    looks: u32,
}

/// The last observed heartbeat counter of each other node.
#[derive(Debug)]
pub(super) struct FailureDetector {
    dead_after: Duration,
    seen: HashMap<NodeId, Seen>,
    last_look: Option<Instant>,
}

impl FailureDetector {
    pub(super) fn new(dead_after: Duration) -> Self {
        Self {
            dead_after,
            seen: HashMap::new(),
            last_look: None,
        }
    }

    /// Takes the counters just read. Returns the dead nodes, each with the counter
    /// at which it stands.
    pub(super) fn observe(
        &mut self,
        now: Instant,
        beats: impl IntoIterator<Item = (NodeId, i64)>,
    ) -> Vec<(NodeId, i64)> {
        let gap = self
            .last_look
            .map(|last| now.saturating_duration_since(last));
        if gap.is_some_and(|gap| gap > self.dead_after / 2) {
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
            if one.looks >= LOOKS && now.saturating_duration_since(one.since) >= self.dead_after {
                dead.push((node, beat));
            }
            seen.insert(node, one);
        }
        self.seen = seen;
        dead
    }
}

#[cfg(test)]
#[path = "tests/failure_detector.rs"]
mod tests;
