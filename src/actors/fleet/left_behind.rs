//! Runs that this node owns and nobody works on: the answer to a start or a claim was lost, or an actor ended
//! without a word. Nobody else may touch them, so that without a look they would wait for ever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::ids::SessionId;
use crate::store::fleet::claims::Owned;

/// A run of a session, by which of its owners this node is.
type Key = (SessionId, i64);

/// The runs that have an actor here. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkedOn(Arc<Mutex<HashMap<Key, usize>>>);

impl WorkedOn {
    /// A run has an actor for as long as the answer lives.
    pub(in crate::actors) fn enter(&self, session: SessionId, fence: i64) -> AtWork {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was lost is still there when its successor comes.
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

/// The mark of a run that has an actor.
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

/// Looks that find nobody at work on a run until it is looked after: whoever has just been asked to begin it may be
/// on the way.
const PATIENT_LOOKS: u32 = 1;

/// Looks after which this node gives up on it.
const LOOKS: u32 = 4;

/// How often each run was found without anybody.
#[derive(Debug, Default)]
pub(super) struct LeftBehind(HashMap<Key, u32>);

/// What is to be done about runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Remedies {
    /// They are to be taken up.
    pub take_up: Vec<Owned>,
    /// That was tried in vain: another node may have more luck.
    pub give_up: Vec<Owned>,
}

impl LeftBehind {
    /// Takes what this node owns.
    pub(super) fn look(&mut self, owned: &[Owned], worked_on: &WorkedOn) -> Remedies {
        let mut remedies = Remedies::default();
        let mut seen = HashMap::new();
        for run in owned {
            let key = (run.session, run.fence);
            let before = self.0.get(&key).copied().unwrap_or_default();
            if worked_on.has(&key) {
                // It is remembered: one whose actor is lost again and again is not taken up for ever.
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
