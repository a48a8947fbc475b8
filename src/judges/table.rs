//! The configured judges by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Judge, Profile};

/// All judges that evaluations may ask for; a cheap handle.
#[derive(Clone, Default)]
pub(crate) struct JudgeTable(Arc<Vec<Arc<dyn Judge>>>);

impl JudgeTable {
    /// A table in the given order; names are unique, which the configuration checks.
    pub(crate) fn new(judges: Vec<Arc<dyn Judge>>) -> Self {
        Self(Arc::new(judges))
    }

    /// The judge of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn Judge>> {
        self.0.iter().find(|judge| judge.profile().name == name)
    }

    /// What is public of each.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter().map(|judge| judge.profile())
    }

    /// All of them, in the configuration's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn Judge> {
        self.0.iter().map(|judge| &**judge)
    }

    pub(crate) fn weights(&self) -> BTreeMap<String, f64> {
        self.profiles()
            .map(|profile| (profile.name.clone(), profile.weight))
            .collect()
    }
}
