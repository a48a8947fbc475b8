//! Merges values into the defaults of a table of settings.
//!
//! The serialised defaults define the keys and their types. Each given value is first tried alone
//! on the defaults, so that an invalid one is reported by its key and does not hide others. No
//! library does this: `figment` and `confique` stop at the first invalid value and do not report
//! its line, and serde's `deny_unknown_fields` suggests no similar key.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::declare::join;
use super::problem::{Findings, Origin};
use super::suggest::nearest;

pub(super) struct Overlay<T> {
    /// The table's path, such as `judges[0]`; empty for the whole file.
    place: String,
    defaults: Table,
    /// The defaults, overwritten by the values that were accepted so far.
    effective: Table,
    settings: PhantomData<T>,
}

impl<T: Default + Serialize + DeserializeOwned> Overlay<T> {
    pub(super) fn new(place: &str) -> Self {
        let defaults = table(&T::default());
        Self {
            place: place.to_owned(),
            effective: defaults.clone(),
            defaults,
            settings: PhantomData,
        }
    }

    /// Overwrites defaults with the values of a preset.
    pub(super) fn preset(&mut self, values: &Table) {
        self.effective
            .extend(values.iter().map(|(k, v)| (k.clone(), v.clone())));
    }

    pub(super) fn lay_table(&mut self, table: Table, findings: &mut Findings) {
        self.lay_section("", table, findings);
    }

    fn lay_section(&mut self, section: &str, table: Table, findings: &mut Findings) {
        for (name, value) in table {
            let key = join(section, &name);
            match value {
                Value::Table(inner) if at(&self.defaults, &key).is_some_and(is_section) => {
                    self.lay_section(&key, inner, findings);
                }
                value => self.lay(&key, value, findings),
            }
        }
    }

    /// Applies the text value of an environment variable or a flag.
    pub(super) fn lay_text(
        &mut self,
        key: &str,
        text: &str,
        origin: Origin,
        findings: &mut Findings,
    ) {
        findings.set_by(key, origin);
        // An unknown key is reported by `lay`, so its text is not parsed.
        let value = at(&self.defaults, key).map_or(Ok(text.into()), |usual| parse(text, usual));
        match value {
            Ok(value) => self.lay(key, value, findings),
            Err(what) => findings.report(key, what),
        }
    }

    fn lay(&mut self, key: &str, value: Value, findings: &mut Findings) {
        let place = join(&self.place, key);
        match at(&self.defaults, key) {
            None => return findings.report(&place, self.unknown(key)),
            Some(usual) if is_section(usual) => {
                return findings.report(&place, format!("is a section: write [{key}]"));
            }
            Some(_) => {}
        }
        let mut trial = self.defaults.clone();
        put(&mut trial, key, value.clone());
        match trial.try_into::<T>() {
            Ok(_) => put(&mut self.effective, key, value),
            Err(error) => findings.report(&place, message(&error)),
        }
    }

    /// Returns the merged settings. If they cannot be combined, reports that and returns `None`.
    pub(super) fn finish(self, findings: &mut Findings) -> Option<T> {
        let place = match &*self.place {
            "" => "configuration",
            place => place,
        };
        let settings = self.effective.try_into();
        settings
            .map_err(|error| findings.report(place, message(&error)))
            .ok()
    }

    /// Returns the message for an unknown key: it suggests the most similar key, or lists all of
    /// them.
    fn unknown(&self, key: &str) -> String {
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let siblings = match section {
            "" => Some(&self.defaults),
            section => at(&self.defaults, section).and_then(Value::as_table),
        };
        let mut all = Vec::new();
        leaves("", &self.defaults, &mut all);
        let list = |table: &Table| table.keys().cloned().collect::<Vec<_>>().join(", ");
        let Some(siblings) = siblings else {
            return match nearest(key, all.iter().map(String::as_str)) {
                Some(known) => format!("unknown key; `{known}` may be meant"),
                None => format!("unknown section; known are {}", list(&self.defaults)),
            };
        };
        let near = nearest(name, siblings.keys().map(String::as_str));
        let near = near.map(|known| join(section, known));
        let elsewhere = || {
            all.into_iter()
                .find(|key| key.rsplit('.').next() == Some(name))
        };
        match near.or_else(elsewhere) {
            Some(known) => format!("unknown key; `{known}` may be meant"),
            None => format!("unknown key; known are {}", list(siblings)),
        }
    }
}

/// Serialises settings to a TOML table.
pub(super) fn table(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are plain data")
}

/// Returns true for a nonempty table. An empty one is the default of a setting that is itself a
/// table, such as `headers`.
fn is_section(value: &Value) -> bool {
    value.as_table().is_some_and(|table| !table.is_empty())
}

/// Collects the paths of all keys that are not sections.
pub(super) fn leaves(section: &str, table: &Table, into: &mut Vec<String>) {
    for (name, value) in table {
        let key = join(section, name);
        match value {
            Value::Table(inner) if !inner.is_empty() => leaves(&key, inner, into),
            _ => into.push(key),
        }
    }
}

pub(super) fn at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, rest)) => at(table.get(section)?.as_table()?, rest),
    }
}

fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(section) {
                put(inner, rest, value);
            }
        }
    }
}

/// Parses text as a value of the same type as the default. The items of a list are separated by
/// commas.
fn parse(text: &str, usual: &Value) -> Result<Value, String> {
    let trimmed = text.trim();
    let is_not = |what: &str| format!("`{trimmed}` is {what}");
    match usual {
        Value::Integer(_) => trimmed
            .parse()
            .map(Value::Integer)
            .map_err(|_| is_not("not a whole number")),
        Value::Float(_) => trimmed
            .parse()
            .map(Value::Float)
            .map_err(|_| is_not("not a number")),
        Value::Boolean(_) => trimmed
            .parse()
            .map(Value::Boolean)
            .map_err(|_| is_not("neither true nor false")),
        Value::Array(_) => {
            let items = trimmed.split(',').map(str::trim);
            let items = items.filter(|item| !item.is_empty()).map(Value::from);
            Ok(Value::Array(items.collect()))
        }
        _ => Ok(text.into()),
    }
}

/// Returns a parser's message on one line, with names of Rust types replaced by plain words.
pub(super) fn message(error: &toml::de::Error) -> String {
    let mut text = error.message().trim().replace('\n', "; ");
    for (rust, word) in [
        ("expected u32", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected usize", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected a sequence", "expected a list"),
    ] {
        text = text.replace(rust, word);
    }
    text
}
