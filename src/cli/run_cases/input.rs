//! Reads files of cases, one record at a time: JSON lines, CSV tables, and JSON files of limited
//! size.
//!
//! A file is read twice, first to validate all of it; except for a JSON file, neither pass holds
//! more than one record in memory. Deliberately not here: the names of fields (`forms`).

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use csv::Terminator;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use serde_json::{Map, Value};

use super::forms::{Columns, fields};
use super::item::{Item, Place};
use crate::cli::text_file::unmarked_utf_16;

/// Maximum size of one line or row, in bytes.
const LONGEST_RECORD: usize = 16 << 20;
/// Maximum size of a JSON file, in bytes; larger inputs have to be JSON lines.
const LARGEST_WHOLE: u64 = 256 << 20;
/// Size of the sample from which encoding and separator are detected, in bytes.
const SAMPLE: usize = 64 << 10;
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A record with its line number from 1 (in a JSON file its position), or the reason why it can't
/// be read.
type Record = Result<(usize, Value), String>;

type Text = BufReader<DecodeReaderBytes<File, Vec<u8>>>;

/// The detected encoding and separator of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Name of the encoding; `None` for UTF-8.
    pub encoding: Option<&'static str>,
    /// Separator of the cells; `None` unless the file is a table.
    pub separator: Option<char>,
}

/// Iterates over the items of a file.
pub(super) struct Items {
    pub written: Written,
    records: Box<dyn Iterator<Item = Record>>,
    file: String,
    /// The file's name without its folders, so that ids do not depend on the folder.
    name: String,
    columns: Columns,
    /// Name of the format of the last item that was read.
    pub form: Option<&'static str>,
}

/// Opens a file of cases.
///
/// # Errors
/// The file can't be read, or is a JSON file that is too large.
pub(super) fn items(
    path: &Path,
    columns: &Columns,
    separator: Option<u8>,
) -> Result<Items, String> {
    let file = path.display().to_string();
    let wrong = |why: String| format!("{file}: {why}");
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let (text, encoding) = open(path).map_err(wrong)?;
    let mut written = Written {
        encoding,
        separator: None,
    };
    let records: Box<dyn Iterator<Item = _>> = match &*extension {
        "csv" | "tsv" => {
            let found = match (separator, &*extension) {
                (Some(separator), _) => separator,
                (None, "tsv") => b'\t',
                (None, _) => separator_of(path).map_err(wrong)?,
            };
            written.separator = Some(char::from(found));
            Box::new(rows(text, found).map_err(wrong)?)
        }
        "json" => Box::new(whole(path, text).map_err(wrong)?.into_iter()),
        _ => Box::new(Lines { text, line: 0 }),
    };
    Ok(Items {
        written,
        records,
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        file,
        columns: columns.clone(),
        form: None,
    })
}

impl Iterator for Items {
    type Item = Result<Item, String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, record) = match self.records.next()? {
                Ok(record) => record,
                Err(why) => return Some(Err(format!("{}, {why}", self.file))),
            };
            match fields(&record, &self.columns) {
                Ok(None) => {}
                Ok(Some((fields, form))) => {
                    self.form = Some(form);
                    return Some(Ok(Item {
                        id: fields.id.unwrap_or_else(|| format!("{}:{line}", self.name)),
                        place: Place {
                            file: self.file.clone(),
                            line: Some(line),
                        },
                        source: fields.source.into(),
                        candidate: fields.candidate,
                        question: fields.question,
                        document: fields.document,
                    }));
                }
                Err(why) => return Some(Err(format!("{}, line {line}: {why}", self.file))),
            }
        }
    }
}

/// Reads JSON lines; blank lines are skipped.
struct Lines {
    text: Text,
    line: usize,
}

impl Iterator for Lines {
    type Item = Record;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.line += 1;
            let line = match read_line(&mut self.text) {
                Ok(Some(line)) => line,
                Ok(None) => return None,
                Err(why) => return Some(Err(format!("line {}: {why}", self.line))),
            };
            // Concatenated files may have a byte order mark in the midst.
            let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            if line.is_empty() {
                continue;
            }
            let read = serde_json::from_str(line);
            let at = self.line;
            return Some(match read {
                Ok(record) => Ok((at, record)),
                Err(error) => Err(format!("line {at}: it is no JSON object: {error}")),
            });
        }
    }
}

fn read_line(text: &mut impl BufRead) -> Result<Option<String>, String> {
    let mut line = Vec::new();
    let most = LONGEST_RECORD as u64 + 1;
    let read = text.take(most).read_until(b'\n', &mut line);
    match read {
        Err(error) => Err(error.to_string()),
        Ok(0) => Ok(None),
        Ok(_) if line.len() > LONGEST_RECORD => {
            Err(format!("it has more than {LONGEST_RECORD} bytes"))
        }
        // The reader has decoded the file to UTF-8 already.
        Ok(_) => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
    }
}

/// Reads the rows of a table as objects whose keys are the cells of the first row.
fn rows(mut text: Text, separator: u8) -> Result<impl Iterator<Item = Record>, String> {
    let mut start = Vec::new();
    let read = text.by_ref().take(SAMPLE as u64).read_to_end(&mut start);
    read.map_err(|error| error.to_string())?;
    // With CRLF line ends the library counts the line feed as part of the next row, so that the
    // line numbers of rows would be one too low.
    let terminator = if start.contains(&b'\n') {
        Terminator::Any(b'\n')
    } else {
        Terminator::CRLF
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .terminator(terminator)
        .flexible(true)
        .from_reader(Cursor::new(start).chain(text));
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    let row = move |read: Result<csv::StringRecord, csv::Error>| {
        let row = read.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            format!("line {line}: {error}")
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        if row.as_slice().len() > LONGEST_RECORD {
            return Err(format!(
                "line {line}: it has more than {LONGEST_RECORD} bytes"
            ));
        }
        if row.len() != names.len() {
            let (cells, columns) = (row.len(), names.len());
            return Err(format!(
                "line {line}: it has {cells} cells, the first row {columns}"
            ));
        }
        let cells = names.iter().zip(row.iter());
        let cells = cells
            .map(|(name, cell)| (name, cell.strip_suffix('\r').unwrap_or(cell)))
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name.clone(), Value::String(cell.to_owned())));
        Ok((line, Value::Object(cells.collect::<Map<_, _>>())))
    };
    // With CRLF line ends a blank line is read as a row of one cell that holds the carriage return.
    let is_blank = |read: &Result<csv::StringRecord, csv::Error>| matches!(read, Ok(row) if row.len() == 1 && row[0].trim().is_empty());
    Ok(reader
        .into_records()
        .filter(move |read| !is_blank(read))
        .map(row))
}

/// Reads a file that is one JSON value: a list, or an output file of promptfoo.
fn whole(path: &Path, text: Text) -> Result<Vec<Record>, String> {
    let size = std::fs::metadata(path)
        .map_err(|error| error.to_string())?
        .len();
    if size > LARGEST_WHOLE {
        return Err(format!(
            "it has more than {LARGEST_WHOLE} bytes; write one object a line, in a file that ends in .jsonl"
        ));
    }
    let value: Value =
        serde_json::from_reader(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let results = value.get("results");
    let nested = results.and_then(|results| results.get("results"));
    let list = [nested, results, Some(&value)];
    let list = list.into_iter().flatten().find_map(Value::as_array);
    let Some(list) = list else {
        return Err(
            "it is neither a list nor what promptfoo writes; write one object a line, in a file that ends in .jsonl"
                .to_owned(),
        );
    };
    Ok(list
        .iter()
        .cloned()
        .enumerate()
        .map(|(at, record)| Ok((at + 1, record)))
        .collect())
}

/// Opens a file for decoding while it is read, and returns the name of its encoding unless it is
/// UTF-8.
fn open(path: &Path) -> Result<(Text, Option<&'static str>), String> {
    let wrong = |error: std::io::Error| format!("it can't be read: {error}");
    let encoding = encoding_of(path).map_err(wrong)?;
    let file = File::open(path).map_err(wrong)?;
    let decoded = DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .strip_bom(true)
        .build(file);
    let named = match encoding.name() {
        "UTF-8" => None,
        "windows-1252" => Some("Windows-1252"),
        other => Some(other),
    };
    Ok((BufReader::with_capacity(SAMPLE, decoded), named))
}

fn encoding_of(path: &Path) -> std::io::Result<&'static Encoding> {
    let mut file = File::open(path)?;
    let mut sample = Vec::new();
    file.by_ref().take(SAMPLE as u64).read_to_end(&mut sample)?;
    if let Some((encoding, _)) = Encoding::for_bom(&sample) {
        return Ok(encoding);
    }
    let even = &sample[..sample.len() / 2 * 2];
    if let Some(encoding) = unmarked_utf_16(even) {
        return Ok(encoding);
    }
    let rest = sample.chain(file);
    Ok(if is_utf_8(rest)? { UTF_8 } else { WINDOWS_1252 })
}

/// Returns true if all bytes are valid UTF-8; a character may be split between two pieces.
fn is_utf_8(mut bytes: impl Read) -> std::io::Result<bool> {
    let mut piece = vec![0; SAMPLE];
    let mut kept = 0;
    loop {
        let read = bytes.read(&mut piece[kept..])?;
        if read == 0 {
            return Ok(kept == 0);
        }
        let end = kept + read;
        match std::str::from_utf8(&piece[..end]) {
            Ok(_) => kept = 0,
            // The piece ends within a character.
            Err(error) if error.error_len().is_none() => {
                piece.copy_within(error.valid_up_to()..end, 0);
                kept = end - error.valid_up_to();
            }
            Err(_) => return Ok(false),
        }
    }
}

/// Returns the separator that is most frequent in the first row, outside of quotes.
fn separator_of(path: &Path) -> Result<u8, String> {
    let (text, _) = open(path)?;
    let mut sample = Vec::new();
    let read = text.take(SAMPLE as u64).read_to_end(&mut sample);
    read.map_err(|error| error.to_string())?;
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in sample {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            other if !quoted => {
                if let Some(at) = SEPARATORS.iter().position(|one| *one == other) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    // Of several equally frequent ones the first wins.
    let mut best = 0;
    for at in 1..SEPARATORS.len() {
        if counts[at] > counts[best] {
            best = at;
        }
    }
    Ok(SEPARATORS[best])
}

#[cfg(test)]
#[path = "tests/input.rs"]
mod tests;
