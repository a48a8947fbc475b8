//! Reads the configuration file, with the line number of each key.

use std::path::Path;

use toml::Table;
use toml::de::{DeTable, DeValue};

use super::declare::join;
use super::overlay::message;
use super::problem::{Findings, Origin};

/// Reads the file as a table, and records the line of each key in `findings`. An error is a pair of
/// the place and the message.
pub(super) fn read(path: &Path, findings: &mut Findings) -> Result<Table, (String, String)> {
    let place = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| (place.to_string(), format!("can't be read: {error}")))?;
    let line_of = |offset: usize| 1 + text[..offset].matches('\n').count();
    let syntax = |error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        (format!("{place}:{line}"), message(&error))
    };
    let table: Table = toml::from_str(&text).map_err(syntax)?;
    let spanned = DeTable::parse(&text).map_err(syntax)?;
    note_lines("", spanned.get_ref(), &mut |key, offset| {
        let origin = Origin::File {
            path: path.to_owned(),
            line: line_of(offset),
        };
        findings.set_by(key, origin);
    });
    Ok(table)
}

fn note_lines(section: &str, table: &DeTable<'_>, note: &mut impl FnMut(&str, usize)) {
    for (key, value) in table {
        let path = join(section, key.get_ref());
        note(&path, key.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => note_lines(&path, inner, note),
            DeValue::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        let path = format!("{path}[{i}]");
                        note(&path, item.span().start);
                        note_lines(&path, inner, note);
                    }
                }
            }
            _ => {}
        }
    }
}
