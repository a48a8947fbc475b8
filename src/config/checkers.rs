//! The published checkers that `preset` knows, from `checkers.toml`.

use toml::{Table, Value};

const CHECKERS: &str = include_str!("checkers.toml");

fn checkers() -> Table {
    CHECKERS.parse().expect("the list of checkers is a table")
}

/// The settings of a published checker, for a judge of that kind.
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
mod tests {
    use super::*;

    #[test]
    fn the_page_of_checkers_has_every_preset() {
        let page = include_str!("../../docs/how-to/checkers.md");
        let checkers = checkers();
        for name in checkers.keys() {
            let named = format!("preset = \"{name}\"");
            assert!(page.contains(&named), "{named} is not on the page");
        }
        assert_eq!(page.matches("\npreset = \"").count(), checkers.len());
    }
}
