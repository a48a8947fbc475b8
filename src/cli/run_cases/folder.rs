//! Reads cases from folders: each file that a pattern matches is an output, and the files of the
//! source's folder are its source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use super::item::{Item, Place};
use super::lines::{Lines, Region};
use crate::cli::text_file::decoded;
use crate::documents::{self, MediaType};
use crate::domain::claim::Span;
use crate::protocol::rest::{MAX_CANDIDATE_CHARS, MAX_SOURCE_CHARS};

/// Maximum number of files that are visited in one folder and its subfolders.
const MOST_FILES: usize = 100_000;
/// Maximum depth of nested folders.
const DEEPEST: usize = 64;
/// Maximum size of a file, in bytes.
const LARGEST: u64 = 64 << 20;
/// Separator between two files of a source.
const BETWEEN: &str = "\n\n";

/// The concatenated files of a source, and the span of each file.
pub(super) struct Sources {
    pub text: Arc<str>,
    files: Vec<SourceFile>,
}

struct SourceFile {
    path: String,
    /// Span in the concatenated text, in UTF-16 code units.
    span: Span,
    /// `None` if the text was extracted, as from a PDF file, so that lines of the file are unknown.
    lines: Option<Lines>,
}

impl Sources {
    /// Reads a file, or every text, Markdown, HTML and PDF file of a folder.
    ///
    /// # Errors
    /// There is no such file, one can't be read, or together they are too long.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let mut found = BTreeSet::new();
        if path.is_dir() {
            walk(path, 0, &mut |file| {
                if kind(file).is_some() {
                    found.insert(file.to_owned());
                }
            })?;
            if found.is_empty() {
                return Err(format!(
                    "--source {}: there is no text, Markdown, HTML or PDF file in it",
                    path.display()
                ));
            }
        } else {
            found.insert(path.to_owned());
        }
        let mut text = String::new();
        let mut files = Vec::new();
        let (mut units, mut characters) = (0, 0);
        for file in found {
            let (own, is_files_own) = text_of(&file)?;
            if !text.is_empty() {
                text.push_str(BETWEEN);
                units += BETWEEN.len();
                characters += BETWEEN.len();
            }
            characters += own.chars().count();
            if characters > MAX_SOURCE_CHARS {
                return Err(format!(
                    "--source {}: there are more than {MAX_SOURCE_CHARS} characters, which is the most that one \
                     source may have; name a part of it",
                    path.display()
                ));
            }
            let start = units;
            units += own.encode_utf16().count();
            files.push(SourceFile {
                path: file.display().to_string(),
                span: Span { start, end: units },
                lines: is_files_own.then(|| Lines::of(&own)),
            });
            text.push_str(&own);
        }
        Ok(Self {
            text: text.into(),
            files,
        })
    }

    /// Iterates over the names of the files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.path)
    }

    /// Returns the file of a passage, and its lines there if they are known.
    pub(super) fn place(&self, span: Span) -> Option<(&str, Option<Region>)> {
        let file = self
            .files
            .iter()
            .find(|file| file.span.start <= span.start && span.start < file.span.end)?;
        let own = Span {
            start: span.start - file.span.start,
            end: span.end.min(file.span.end) - file.span.start,
        };
        Some((
            &file.path,
            file.lines.as_ref().map(|lines| lines.region(own)),
        ))
    }
}

/// Returns the files that the patterns match, sorted by name.
///
/// # Errors
/// A pattern is invalid, or matches no file.
pub(super) fn candidates(patterns: &[String]) -> Result<Vec<PathBuf>, String> {
    let mut found = BTreeSet::new();
    for pattern in patterns {
        let wrong = |why: String| format!("--candidate {pattern}: {why}");
        let mut cleaned = pattern.strip_prefix("./").unwrap_or(pattern).to_owned();
        while cleaned.contains("//") {
            cleaned = cleaned.replace("//", "/");
        }
        let glob = GlobBuilder::new(&cleaned)
            .literal_separator(true)
            .build()
            .map_err(|error| wrong(error.to_string()))?
            .compile_matcher();
        let matched = matching(&cleaned, &glob).map_err(wrong)?;
        if matched.is_empty() {
            return Err(wrong("it names no file".to_owned()));
        }
        // Another pattern may have named the same files.
        found.extend(matched);
    }
    Ok(found.into_iter().collect())
}

/// Walks the folder that the literal prefix of a pattern names.
fn matching(pattern: &str, glob: &GlobMatcher) -> Result<Vec<PathBuf>, String> {
    let literal: PathBuf = Path::new(pattern)
        .components()
        .take_while(|part| match part {
            Component::Normal(name) => !name.to_string_lossy().contains(['*', '?', '[', '{', '\\']),
            _ => true,
        })
        .collect();
    if literal.is_file() {
        return Ok(vec![literal]);
    }
    let mut found = Vec::new();
    let start = if literal.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        literal
    };
    walk(&start, 0, &mut |file| {
        let named = file.strip_prefix(".").unwrap_or(file);
        if glob.is_match(named) {
            found.push(named.to_owned());
        }
    })?;
    Ok(found)
}

/// Reads one output as an item, with the whole source. A blank file can't be judged, and is no
/// reason to leave the others out.
///
/// # Errors
/// The file can't be read, or is too long.
pub(super) fn item(file: &Path, source: &Arc<str>) -> Result<Item, String> {
    let name = file.display().to_string();
    let bytes = read_bounded(file)?;
    let text = decoded(&name, &bytes)?.into_owned();
    let is_blank = text.trim().is_empty();
    if text.chars().nth(MAX_CANDIDATE_CHARS).is_some() {
        return Err(format!(
            "{name} has more than {MAX_CANDIDATE_CHARS} characters, which is the most that one output may have"
        ));
    }
    Ok(Item {
        id: name.replace('\\', "/"),
        place: Place {
            file: name.clone(),
            line: None,
            item: None,
        },
        source: Arc::clone(source),
        candidate: text,
        question: None,
        // Outputs with the same source are still separate documents.
        document: Some(name),
        error: is_blank.then(|| "the file holds nothing but white space".to_owned()),
    })
}

/// Returns a file's text, and whether it is identical to the file's contents.
fn text_of(file: &Path) -> Result<(String, bool), String> {
    let name = file.display().to_string();
    let bytes = read_bounded(file)?;
    match kind(file) {
        Some(kind @ (MediaType::Html | MediaType::Pdf)) => {
            let extracted = documents::extract(kind, &bytes, MAX_SOURCE_CHARS);
            let extracted = extracted.map_err(|error| format!("{name}: {error}"))?;
            Ok((extracted.text, false))
        }
        _ => Ok((decoded(&name, &bytes)?.into_owned(), true)),
    }
}

fn read_bounded(file: &Path) -> Result<Vec<u8>, String> {
    let wrong = |error: std::io::Error| format!("{} can't be read: {error}", file.display());
    let size = fs::metadata(file).map_err(wrong)?.len();
    if size > LARGEST {
        return Err(format!("{} has more than {LARGEST} bytes", file.display()));
    }
    fs::read(file).map_err(wrong)
}

fn kind(file: &Path) -> Option<MediaType> {
    let extension = file.extension()?.to_str()?.to_ascii_lowercase();
    Some(match &*extension {
        "txt" | "text" => MediaType::Plain,
        "md" | "markdown" => MediaType::Markdown,
        "html" | "htm" => MediaType::Html,
        "pdf" => MediaType::Pdf,
        _ => return None,
    })
}

/// Visits every file below a folder, except hidden ones, without following links.
fn walk(folder: &Path, depth: usize, each: &mut impl FnMut(&Path)) -> Result<(), String> {
    let mut left = MOST_FILES;
    walk_bounded(folder, depth, &mut left, each)
}

fn walk_bounded(
    folder: &Path,
    depth: usize,
    left: &mut usize,
    each: &mut impl FnMut(&Path),
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("{} lies too deep", folder.display()));
    }
    let wrong = |error: std::io::Error| format!("{} can't be read: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        *left = left
            .checked_sub(1)
            .ok_or_else(|| format!("there are more than {MOST_FILES} files"))?;
        let kind = entry.file_type().map_err(wrong)?;
        if kind.is_dir() {
            walk_bounded(&entry.path(), depth + 1, left, each)?;
        } else if kind.is_file() {
            each(&entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "tests/folder.rs"]
mod tests;
