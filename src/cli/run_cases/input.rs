//! The input of a run: files of cases, or a folder of sources and outputs.
//!
//! It is read twice, first to validate all of it. Deliberately not here: how one file is read
//! (`case_file`, `folder`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::case_file;
use super::folder::{self, Sources};
use super::forms::{self, Columns};
use super::item::{Item, number};
use super::unusable::Unusable;
use crate::cli::complaint::complain;
use crate::protocol::rest::{MAX_CANDIDATE_CHARS, MAX_QUESTION_CHARS, MAX_SOURCE_CHARS};

/// Maximum number of faults in the input that one message lists.
const FAULTS: usize = 20;

/// The source of the items.
pub(super) enum Input {
    Files {
        files: Vec<PathBuf>,
        columns: Columns,
        separator: Option<u8>,
    },
    Folder {
        sources: Sources,
        candidates: Vec<PathBuf>,
    },
}

impl Input {
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Unusable> {
        if let Some(source) = &arguments.source {
            return Ok(Self::Folder {
                candidates: folder::candidates(&arguments.candidates)?,
                sources: Sources::read(source)?,
            });
        }
        if arguments.files.is_empty() {
            let why = "name files of cases, or --source and --candidate";
            return Err(Unusable(why.to_owned()));
        }
        for path in &arguments.files {
            // Standard input and pipes are empty the second time.
            let is_stream = path.exists() && !path.is_file() && !path.is_dir();
            if path == Path::new("-") || is_stream {
                return Err(Unusable(format!(
                    "{}: files are read twice, which standard input and pipes can't be; write the cases to a file",
                    path.display()
                )));
            }
        }
        Ok(Self::Files {
            files: arguments.files.clone(),
            columns: Columns {
                source: arguments.source_field.clone(),
                candidate: arguments.candidate_field.clone(),
                question: arguments.question_field.clone(),
                id: arguments.id_field.clone(),
                document: arguments.doc_field.clone(),
            },
            separator: arguments.delimiter,
        })
    }

    pub(super) const fn sources(&self) -> Option<&Sources> {
        match self {
            Self::Files { .. } => None,
            Self::Folder { sources, .. } => Some(sources),
        }
    }

    /// Returns the files that are read.
    pub(super) fn paths(&self) -> Box<dyn Iterator<Item = PathBuf> + '_> {
        match self {
            Self::Files { files, .. } => Box::new(files.iter().cloned()),
            Self::Folder {
                sources,
                candidates,
            } => Box::new(
                candidates
                    .iter()
                    .cloned()
                    .chain(sources.paths().map(PathBuf::from)),
            ),
        }
    }

    /// Iterates over the items in the order of the input.
    pub(super) fn items(&self) -> Box<dyn Iterator<Item = Result<Item, String>> + '_> {
        match self {
            Self::Files {
                files,
                columns,
                separator,
            } => Box::new(files.iter().flat_map(move |path| {
                let items: Box<dyn Iterator<Item = _>> =
                    match case_file::items(path, columns, *separator) {
                        Ok(items) => Box::new(items),
                        Err(why) => Box::new(std::iter::once(Err(why))),
                    };
                items
            })),
            Self::Folder {
                sources,
                candidates,
            } => Box::new(
                candidates
                    .iter()
                    .map(|path| folder::item(path, &sources.text)),
            ),
        }
    }

    /// Validates all of the input, reports encodings and formats, and returns the hashes of
    /// the items' ids.
    pub(super) fn check(&self) -> Result<HashSet<u64>, Unusable> {
        let mut ids = HashSet::new();
        let mut faults = Vec::new();
        let mut see = |item: Result<Item, String>| {
            let fault = match item {
                Err(why) => Some(why),
                Ok(item) => fault(&item).or_else(|| {
                    let again = !ids.insert(number(&item.id));
                    again.then(|| {
                        format!(
                            "{}: there is another case of the id {:?}",
                            whereabouts(&item),
                            item.id
                        )
                    })
                }),
            };
            faults.extend(fault);
            faults.len() < FAULTS
        };
        match self {
            Self::Folder { .. } => {
                let _ = self.items().all(&mut see);
            }
            Self::Files {
                files,
                columns,
                separator,
            } => {
                for path in files {
                    let mut items = match case_file::items(path, columns, *separator) {
                        Ok(items) => items,
                        Err(why) => {
                            see(Err(why));
                            continue;
                        }
                    };
                    let go_on = items.by_ref().all(&mut see);
                    say_how(path, &items);
                    if !go_on {
                        break;
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(Unusable(faults.join("\njudge-auditor: ")));
        }
        if ids.is_empty() {
            return Err(Unusable("there is no case in the input".to_owned()));
        }
        Ok(ids)
    }
}

fn say_how(path: &Path, items: &case_file::Items) {
    let name = path.display();
    if let Some(encoding) = items.written.encoding {
        complain(&format!(
            "judge-auditor: {name} is not UTF-8; it was read as {encoding}"
        ));
    }
    if items.written.broken {
        complain(&format!(
            "judge-auditor: {name} is marked as UTF-8 and holds bytes that are not; U+FFFD stands for each"
        ));
    }
    if let Some(form) = items.form.filter(|form| *form != forms::FORMS[0].name) {
        complain(&format!(
            "judge-auditor: {name} was read as {form} writes it"
        ));
    }
    if let Some(separator) = items
        .written
        .separator
        .filter(|separator| *separator != ',')
    {
        complain(&format!(
            "judge-auditor: {name}: cells are parted by {separator:?}"
        ));
    }
}

fn whereabouts(item: &Item) -> String {
    match (item.place.line, item.place.item) {
        (Some(line), _) => format!("{}, line {line}", item.place.file),
        (None, Some(at)) => format!("{}, item {at}", item.place.file),
        (None, None) => item.place.file.clone(),
    }
}

/// Returns the reason why an item exceeds the limits of an audit, if it does.
fn fault(item: &Item) -> Option<String> {
    let question = item.question.as_deref().unwrap_or_default();
    let texts = [
        ("the source", &*item.source, MAX_SOURCE_CHARS),
        ("the output", &*item.candidate, MAX_CANDIDATE_CHARS),
        ("the question", question, MAX_QUESTION_CHARS),
    ];
    let long = texts
        .iter()
        .find(|(_, text, most)| text.chars().nth(*most).is_some());
    long.map(|(what, _, most)| {
        format!(
            "{}: {what} has more than {most} characters",
            whereabouts(item)
        )
    })
}

#[cfg(test)]
#[path = "tests/input.rs"]
mod tests;
