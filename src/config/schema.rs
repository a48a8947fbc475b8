//! The serialised defaults as a schema: which keys there are, and of which type.

use toml::{Table, Value};

use super::Config;
use super::judge::{JudgeKind, JudgeSettings};

/// The defaults as a table: each key that there is, with a value of its type.
pub(super) fn schema() -> Table {
    Table::try_from(Config::default()).expect("defaults are plain data")
}

/// The same for one judge.
pub(super) fn judge_schema() -> Table {
    Table::try_from(JudgeSettings::new("", JudgeKind::Lexical)).expect("defaults are plain data")
}

/// Paths of all keys that are no section.
pub(super) fn leaves(prefix: &str, table: &Table, into: &mut Vec<String>) {
    for (name, value) in table {
        let key = join(prefix, name);
        match value {
            Value::Table(inner) => leaves(&key, inner, into),
            _ => into.push(key),
        }
    }
}

pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

pub(super) fn at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, rest)) => at(table.get(section)?.as_table()?, rest),
    }
}

pub(super) fn put(table: &mut Table, key: &str, value: Value) {
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
pub(super) fn parse(text: &str, default: &Value) -> Result<Value, String> {
    let trimmed = text.trim();
    match default {
        Value::Integer(_) => trimmed
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("`{trimmed}` is not a whole number")),
        Value::Float(_) => trimmed
            .parse()
            .map(Value::Float)
            .map_err(|_| format!("`{trimmed}` is not a number")),
        Value::Boolean(_) => trimmed
            .parse()
            .map(Value::Boolean)
            .map_err(|_| format!("`{trimmed}` is neither true nor false")),
        Value::Array(_) => Ok(trimmed
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| Value::String(item.to_owned()))
            .collect::<Vec<_>>()
            .into()),
        _ => Ok(Value::String(text.to_owned())),
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
