//! Values laid over the defaults of a table of settings.
//!
//! The serialised defaults say which keys there are and of which type. Each value that a source gives is
//! tried alone on them, so that a wrong one is known by its key and does not hide the others. That is why this is
//! no library: `figment` and `confique` stop at the first wrong value and know no line of the file, and serde's
//! `deny_unknown_fields` names no key that may be meant.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::declare::join;
use super::problem::{Findings, Origin};
use super::suggest::nearest;

pub(super) struct Overlay<T> {
    /// Where the table stands, such as `judges[0]`; empty for the whole file.
    place: String,
    defaults: Table,
    /// The defaults and what was laid on them.
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

    /// Takes other values as defaults.
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

    /// Lays what a variable or a flag gives.
    pub(super) fn lay_text(
        &mut self,
        key: &str,
        text: &str,
        origin: Origin,
        findings: &mut Findings,
    ) {
        findings.set_by(key, origin);
        // That a key is unknown is reported when it is laid.
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

    /// What was laid; `None` where two values exclude each other, which is reported.
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

    /// What is said of a key that does not exist: the one that is probably meant, or all that there are.
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

/// Settings as a table: each key with its value.
pub(super) fn table(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are plain data")
}

/// An empty table is a value, such as that of further headers.
fn is_section(value: &Value) -> bool {
    value.as_table().is_some_and(|table| !table.is_empty())
}

/// Paths of all keys that are no section.
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

/// Text as a value of the type that the default has; a list is separated by commas.
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

/// A parser's message in the words of people who don't write Rust, on one line.
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
