//! The sessions to which this node has to subscribe, compared with those to which it has.

use std::collections::HashSet;

use crate::domain::ids::SessionId;

/// The sessions that this node follows, and those that it has subscribed to.
#[derive(Default)]
pub(super) struct Followed {
    pub(super) wanted: HashSet<SessionId>,
    pub(super) subscribed: HashSet<SessionId>,
    /// The sessions in which the two sets differ.
    pub(super) changed: HashSet<SessionId>,
}

impl Followed {
    pub(super) fn set(&mut self, session: SessionId, is_wanted: bool) {
        if is_wanted {
            self.wanted.insert(session);
        } else {
            self.wanted.remove(&session);
        }
        if is_wanted == self.subscribed.contains(&session) {
            self.changed.remove(&session);
        } else {
            self.changed.insert(session);
        }
    }

    /// Returns the sessions to subscribe to (true) and to unsubscribe from (false), and records
    /// them as done.
    pub(super) fn take(&mut self) -> Vec<(SessionId, bool)> {
        let changed = std::mem::take(&mut self.changed);
        let one = |session| {
            let is_wanted = self.wanted.contains(&session);
            if is_wanted {
                self.subscribed.insert(session);
            } else {
                self.subscribed.remove(&session);
            }
            (session, is_wanted)
        };
        changed.into_iter().map(one).collect()
    }
}

#[cfg(test)]
#[path = "tests/followed.rs"]
mod tests;
