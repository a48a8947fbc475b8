//! Reading the file, and on which line each key stands.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Table;

use super::problem::Origin;
use super::schema::{join, message};

/// A key's path and the line where it stands.
pub(super) type Lines = BTreeMap<String, usize>;

pub(super) struct FileSource<'a> {
    pub(super) path: &'a Path,
    pub(super) lines: &'a Lines,
}

impl FileSource<'_> {
    pub(super) fn origin(&self, key: &str) -> Origin {
        Origin::File {
            path: self.path.to_owned(),
            line: self.lines.get(key).copied().unwrap_or(1),
        }
    }
}

/// The file as a table, or where it is wrong and how.
pub(super) fn read_file(path: &Path) -> Result<(Table, Lines), (String, String)> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        (
            path.display().to_string(),
            format!("can't be read: {error}"),
        )
    })?;
    let line_of = |offset: usize| {
        1 + text
            .bytes()
            .take(offset)
            .filter(|&byte| byte == b'\n')
            .count()
    };
    let syntax = |error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        (format!("{}:{line}", path.display()), message(&error))
    };
    let table: Table = toml::from_str(&text).map_err(syntax)?;
    let spanned = toml::de::DeTable::parse(&text).map_err(syntax)?;
    let mut lines = Lines::new();
    note_lines("", spanned.get_ref(), &line_of, &mut lines);
    Ok((table, lines))
}

fn note_lines(
    prefix: &str,
    table: &toml::de::DeTable<'_>,
    line_of: &impl Fn(usize) -> usize,
    lines: &mut Lines,
) {
    use toml::de::DeValue;

    for (key, value) in table {
        let path = join(prefix, key.get_ref());
        lines.insert(path.clone(), line_of(key.span().start));
        match value.get_ref() {
            DeValue::Table(inner) => note_lines(&path, inner, line_of, lines),
            DeValue::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        let path = format!("{path}[{i}]");
                        lines.insert(path.clone(), line_of(item.span().start));
                        note_lines(&path, inner, line_of, lines);
                    }
                }
            }
            _ => {}
        }
    }
}
