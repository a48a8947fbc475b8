//! The results of items in the file of `--out`, one JSON object a line, which a later run resumes
//! from or compares with.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::item::Item;
use crate::domain::claim::Span;
use crate::domain::panel::PanelStamp;
use crate::domain::verdict::{Evidence, Label, Probabilities};
use crate::protocol::rest::CheckedJudge;

/// Version of the format of a line; lines of other versions are rejected.
pub(super) const FORMAT: u32 = 1;
/// Maximum size of one line, in bytes: the texts, and a verdict with its evidence for each claim.
const LONGEST: u64 = 64 << 20;
/// The start of each line, by which the rest of an interrupted write is told from a text of
/// somebody else's, which must not be cut off.
const START: &[u8] = b"{\"format\":";

/// The outcome of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Passed,
    NothingToCheck,
    Failed,
    /// There is no result, because a judge did not answer.
    Errored,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NothingToCheck => "nothing to check",
            Self::Failed => "failed",
            Self::Errored => "errored",
        }
    }
}

/// One claim with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ClaimRecord {
    pub text: String,
    /// In UTF-16 code units of the output.
    pub span: Span,
    pub label: Label,
    pub confidence: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probabilities>,
    pub reasoning: String,
    pub evidence: Vec<Evidence>,
}

/// The result of one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub format: u32,
    pub id: String,
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Position from 1 in a JSON list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Digest of the texts, as of `Item::digest`.
    pub digest: String,
    pub outcome: Outcome,
    /// The probability that the source supports all claims, 0 to 1.
    pub probability: Option<f64>,
    pub threshold: f64,
    pub claims: Vec<ClaimRecord>,
    pub judges: Vec<CheckedJudge>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The reason why there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The panel that judged the item; `None` if no answer arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<PanelStamp>,
    pub took_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    pub candidate: String,
    pub source: String,
}

impl Record {
    /// Creates the record of an item without a result.
    pub(super) fn errored(item: &Item, threshold: f64, why: String) -> Self {
        Self {
            format: FORMAT,
            id: item.id.clone(),
            file: item.place.file.clone(),
            line: item.place.line,
            item: item.place.item,
            doc: item.document.clone(),
            digest: item.digest(),
            outcome: Outcome::Errored,
            probability: None,
            threshold,
            claims: Vec::new(),
            judges: Vec::new(),
            missing: Vec::new(),
            error: Some(why),
            panel: None,
            took_ms: 0,
            question: item.question.clone(),
            candidate: item.candidate.clone(),
            source: item.source.to_string(),
        }
    }

    /// Returns the name of the document; items without one are grouped by their source.
    pub(super) fn document(&self) -> &str {
        self.doc.as_deref().unwrap_or(&self.source)
    }
}

/// Reads the records of a file, one at a time. An incomplete last line, which a killed process
/// leaves, is skipped.
pub(super) fn records(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Record, String>> + use<>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name} can't be read: {error}"))?;
    let mut lines = BufReader::new(file);
    let mut at = 0;
    Ok(std::iter::from_fn(move || {
        loop {
            at += 1;
            let mut line = Vec::new();
            let read = (&mut lines).take(LONGEST).read_until(b'\n', &mut line);
            let wrong = |why: String| Some(Err(format!("{name}, line {at}: {why}")));
            match read {
                Err(error) => return wrong(error.to_string()),
                Ok(0) => return None,
                Ok(_) if line.last() != Some(&b'\n') && line.len() as u64 == LONGEST => {
                    return wrong(format!("it has more than {LONGEST} bytes"));
                }
                Ok(_) => {}
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let record = serde_json::from_slice::<Record>(&line);
            return match record {
                Ok(record) if record.format == FORMAT => Some(Ok(record)),
                Ok(record) => wrong(format!(
                    "it has format {}, and this version reads format {FORMAT}",
                    record.format
                )),
                Err(_) if is_torn(&line) => None,
                Err(error) => wrong(format!("it is no line of --out: {error}")),
            };
        }
    }))
}

/// The file of results, to which each record is appended as soon as it is complete. It is locked for
/// as long as it is open: two runs would write into each other's lines.
pub(super) struct Out {
    file: File,
    name: String,
}

impl Out {
    /// Opens a file for appending after its last complete line. The start of a record behind it is
    /// cut off; a complete record that only lacks its line end is kept.
    ///
    /// # Errors
    /// The file can't be written, is being written by another run, or ends with something that is no
    /// part of a record.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let wrong = |error: std::io::Error| format!("--out {name} can't be written: {error}");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(wrong)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if file.metadata().is_ok_and(|held| held.is_file()) => {
                return Err(format!(
                    "--out {name} is being written by another run: wait for its end, or name another file"
                ));
            }
            // Not every network file system has locks, and a device is nobody's alone.
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        let end = whole_lines(&mut file).map_err(wrong)?;
        file.seek(SeekFrom::Start(end)).map_err(wrong)?;
        let mut tail = Vec::new();
        (&mut file)
            .take(LONGEST)
            .read_to_end(&mut tail)
            .map_err(wrong)?;
        if serde_json::from_slice::<Record>(&tail).is_ok() {
            file.seek(SeekFrom::End(0)).map_err(wrong)?;
            file.write_all(b"\n").map_err(wrong)?;
        } else if tail.iter().all(u8::is_ascii_whitespace) || is_torn(&tail) {
            file.set_len(end).map_err(wrong)?;
            file.seek(SeekFrom::Start(end)).map_err(wrong)?;
        } else {
            return Err(format!(
                "--out {name} is not what --out has written, and is left as it is: name another file"
            ));
        }
        Ok(Self { file, name })
    }

    /// # Errors
    /// The file can't be written, such as on a full disk.
    pub(super) fn write(&mut self, record: &Record) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(|error| anyhow::anyhow!("--out {} can't be written: {error}", self.name))
    }
}

/// Returns true if a line without an end is the start of a record, as a killed process leaves it.
fn is_torn(line: &[u8]) -> bool {
    line.last() != Some(&b'\n') && (line.starts_with(START) || START.starts_with(line))
}

/// Returns the position after the last complete line, in bytes.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    const PIECE: u64 = 64 << 10;
    let mut end = file.seek(SeekFrom::End(0))?;
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        let mut piece = vec![0; usize::try_from(end - start).unwrap_or(0)];
        file.read_exact(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
#[path = "tests/record.rs"]
pub(super) mod tests;
