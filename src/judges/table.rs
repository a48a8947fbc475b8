//! The table of configured judges by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Judge, Profile};

/// All judges that evaluations may use; clones share the table.
#[derive(Clone, Default)]
pub(crate) struct JudgeTable(Arc<Vec<Arc<dyn Judge>>>);

impl JudgeTable {
    /// Makes a table in the given order. Names are unique, which the configuration ensures.
    pub(crate) fn new(judges: Vec<Arc<dyn Judge>>) -> Self {
        Self(Arc::new(judges))
    }

    /// Returns the judge of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn Judge>> {
        self.0.iter().find(|judge| judge.profile().name == name)
    }

    /// Returns the public description of each judge.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter().map(|judge| judge.profile())
    }

    /// Iterates over the judges in the order of the configuration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn Judge> {
        self.0.iter().map(|judge| &**judge)
    }

    pub(crate) fn weights(&self) -> BTreeMap<String, f64> {
        self.profiles()
            .map(|profile| (profile.name.clone(), profile.weight))
            .collect()
    }
}
