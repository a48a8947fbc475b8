//! Problems of a configuration, each with the line, variable or flag that set the value.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use toml::Table;

use super::declare::{Key, join};

/// One problem of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The key and what set it, such as `limits.commands_burst (auditor.toml:12)`.
    pub place: String,
    /// The message, which continues a sentence that begins with the key.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// All problems of a configuration; never empty.
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

/// The source that set a value.
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

/// Collects problems. It also records the source of each key, so that a check needs to name only
/// the key.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    origins: BTreeMap<String, Origin>,
    /// The path of each judge's table in the file, by the judge's name.
    judges: BTreeMap<String, String>,
}

impl Findings {
    pub(super) fn set_by(&mut self, key: &str, origin: Origin) {
        self.origins.insert(key.to_owned(), origin);
    }

    pub(super) fn judge_at(&mut self, name: &str, prefix: &str) {
        self.judges.insert(name.to_owned(), prefix.to_owned());
    }

    /// Returns the path of a judge's table, such as `judges[2]`.
    pub(super) fn judge_prefix(&self, name: &str) -> String {
        self.judges
            .get(name)
            .cloned()
            .unwrap_or_else(|| format!("judges.{name}"))
    }

    /// Adds a problem of a key, or of a file or variable in its place.
    pub(super) fn report(&mut self, key: &str, what: impl Into<String>) {
        // A missing key has no place of its own, so the place of its table is reported.
        let table = || self.origins.get(key.rsplit_once('.')?.0);
        let place = match self.origins.get(key).or_else(table) {
            Some(origin) => format!("{key} ({origin})"),
            None => key.to_owned(),
        };
        let what = what.into();
        self.problems.push(Problem { place, what });
    }

    /// Returns what reports the problems of one table, such as `judges[2]`.
    pub(super) fn of<'a>(&'a mut self, table: &'a str) -> TableFindings<'a> {
        TableFindings {
            findings: self,
            table,
        }
    }
}

/// Collects the problems of one table.
pub(super) struct TableFindings<'a> {
    findings: &'a mut Findings,
    /// The table's path.
    table: &'a str,
}

impl TableFindings<'_> {
    /// Adds a problem of a key of the table; of the table itself, if the key is empty.
    pub(super) fn report(&mut self, key: &str, what: impl Into<String>) {
        self.findings.report(&join(self.table, key), what);
    }

    /// Reports each number that is outside of its range.
    pub(super) fn ranges<'k>(&mut self, keys: impl IntoIterator<Item = &'k Key>, values: &Table) {
        for key in keys {
            if let Some(what) = values.get(key.name).and_then(|value| key.fault(value)) {
                self.report(key.name, what);
            }
        }
    }
}
