//! What is wrong with a configuration, and which line, variable or flag said so.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use toml::Table;

use super::declare::{Key, join};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The key and what set it, such as `limits.commands_burst (auditor.toml:12)`.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Everything that is wrong; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "{count} {noun} in the configuration")?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    File { path: PathBuf, line: usize },
    Environment(String),
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "from {name}"),
            Self::Flag => f.write_str("from the command line"),
        }
    }
}

/// Collects problems; knows what set each key, so that a check needs to name the key only.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    origins: BTreeMap<String, Origin>,
    /// Where each judge of the file stands in it, by name.
    judges: BTreeMap<String, String>,
}

impl Findings {
    pub(super) fn set_by(&mut self, key: &str, origin: Origin) {
        self.origins.insert(key.to_owned(), origin);
    }

    pub(super) fn judge_at(&mut self, name: &str, prefix: &str) {
        self.judges.insert(name.to_owned(), prefix.to_owned());
    }

    /// The path of a judge's table, such as `judges[2]`.
    pub(super) fn judge_prefix(&self, name: &str) -> String {
        self.judges
            .get(name)
            .cloned()
            .unwrap_or_else(|| format!("judges.{name}"))
    }

    /// Reports what is wrong with a key, or with what is no key: a file, a variable.
    pub(super) fn report(&mut self, key: &str, what: impl Into<String>) {
        // A key that is absent is reported where its table stands.
        let table = || self.origins.get(key.rsplit_once('.')?.0);
        let place = match self.origins.get(key).or_else(table) {
            Some(origin) => format!("{key} ({origin})"),
            None => key.to_owned(),
        };
        let what = what.into();
        self.problems.push(Problem { place, what });
    }

    /// Reports the numbers of a table that are out of their ranges.
    pub(super) fn ranges<'a>(
        &mut self,
        place: &str,
        keys: impl IntoIterator<Item = &'a Key>,
        table: &Table,
    ) {
        for key in keys {
            if let Some(what) = table.get(key.name).and_then(|value| key.fault(value)) {
                self.report(&join(place, key.name), what);
            }
        }
    }
}
