//! Finds runs that this node owns but that have no actor, because the answer to a start
//! or a claim was lost or an actor ended silently. No other node may touch them, so that
//! they would wait forever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::ids::SessionId;
use crate::store::fleet::claims::Owned;

/// A run of a session, identified by the fence of its ownership.
type Key = (SessionId, i64);

/// The runs that have an actor in this process. Clones share the set.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkedOn(Arc<Mutex<HashMap<Key, usize>>>);

impl WorkedOn {
    /// Marks a run as having an actor until the returned guard is dropped.
    pub(in crate::actors) fn enter(&self, session: SessionId, fence: i64) -> AtWork {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A count, because the guard of a lost actor may still live when its successor starts.
        *all.entry((session, fence)).or_default() += 1;
        AtWork {
            worked_on: self.clone(),
            key: (session, fence),
        }
    }

    fn has(&self, key: &Key) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains_key(key)
    }
}

/// Marks a run as having an actor while it lives.
#[derive(Debug)]
pub(in crate::actors) struct AtWork {
    worked_on: WorkedOn,
    key: Key,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut all = self
            .worked_on
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.key);
            }
        }
    }
}

/// The number of checks that may find a run without an actor before an actor is started for it: the
/// request to start one may still be on its way.
const PATIENT_LOOKS: u32 = 1;

/// The number of checks after which the node releases the run.
const LOOKS: u32 = 4;

/// The number of checks in which each run had no actor.
#[derive(Debug, Default)]
pub(super) struct LeftBehind(HashMap<Key, u32>);

/// The runs on which a check wants something to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Remedies {
    /// Runs for which an actor is to be started.
    pub take_up: Vec<Owned>,
    /// Runs for which starting an actor has failed repeatedly; they are released for another node.
    pub give_up: Vec<Owned>,
}

impl LeftBehind {
    /// Compares the runs that this node owns with those that have an actor.
    pub(super) fn look(&mut self, owned: &[Owned], worked_on: &WorkedOn) -> Remedies {
        let mut remedies = Remedies::default();
        let mut seen = HashMap::new();
        for run in owned {
            let key = (run.session, run.fence);
            let before = self.0.get(&key).copied().unwrap_or_default();
            if worked_on.has(&key) {
                // Kept, so that a run whose actor is lost again and again is not restarted forever.
                if before > 0 {
                    seen.insert(key, before);
                }
                continue;
            }
            let looks = before + 1;
            seen.insert(key, looks);
            if looks > LOOKS {
                remedies.give_up.push(*run);
            } else if looks > PATIENT_LOOKS {
                remedies.take_up.push(*run);
            }
        }
        self.0 = seen;
        remedies
    }
}

#[cfg(test)]
#[path = "tests/left_behind.rs"]
mod tests;
