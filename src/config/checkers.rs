//! The published checkers that `preset` knows, from `checkers.toml`.

use toml::{Table, Value};

const CHECKERS: &str = include_str!("checkers.toml");

fn checkers() -> Table {
    CHECKERS.parse().expect("the list of checkers is a table")
}

/// Returns the settings of a published checker; an error if it is unknown, or if the judge is of
/// another kind.
pub(super) fn preset(name: &str, kind: &str) -> Result<Table, String> {
    let mut checkers = checkers();
    let Some(Value::Table(mut settings)) = checkers.remove(name) else {
        let known: Vec<&str> = checkers.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(format!("there is no preset `{name}`: known are {known}"));
    };
    match settings.remove("kind") {
        Some(Value::String(wanted)) if wanted != kind => Err(format!(
            "`{name}` is a preset of kind `{wanted}`, not `{kind}`"
        )),
        _ => Ok(settings),
    }
}

#[cfg(test)]
#[path = "tests/checkers.rs"]
mod tests;
