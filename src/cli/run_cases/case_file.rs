//! Reads files of cases, one record at a time: JSON lines, CSV tables, and JSON files of limited
//! size.
//!
//! A file is read twice, first to validate all of it; except for a JSON file, neither pass holds
//! more than one record in memory. Deliberately not here: the names of fields (`forms`).

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

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

/// A record with its line number from 1 (in a JSON list its position), or the reason why it can't
/// be read.
type Record = Result<(usize, Value), String>;

type Text = BufReader<DecodeReaderBytes<File, Vec<u8>>>;

/// The detected encoding and separator of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Name of the encoding; `None` for UTF-8.
    pub encoding: Option<&'static str>,
    /// True if the file is marked as UTF-8 and has bytes that are not, which are replaced.
    pub broken: bool,
    /// Separator of the cells; `None` unless the file is a table.
    pub separator: Option<char>,
}

/// Iterates over the items of a file.
pub(super) struct Items {
    pub written: Written,
    records: Box<dyn Iterator<Item = Record>>,
    /// True if records are counted by their position in a JSON list, and not by their lines.
    is_list: bool,
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
    let (text, encoding, broken) = open(path).map_err(wrong)?;
    let mut written = Written {
        encoding,
        broken,
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
        is_list: extension == "json",
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
                            line: (!self.is_list).then_some(line),
                            item: self.is_list.then_some(line),
                        },
                        source: fields.source.into(),
                        candidate: fields.candidate,
                        question: fields.question,
                        document: fields.document,
                        error: fields.error,
                    }));
                }
                Err(why) => {
                    let what = if self.is_list { "item" } else { "line" };
                    return Some(Err(format!("{}, {what} {line}: {why}", self.file)));
                }
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
                Err(error) => Err(format!(
                    "line {at}: it is no JSON object: {}",
                    in_line(&error)
                )),
            });
        }
    }
}

/// Returns a parser's message about a text of one line: its own number of the line is always 1, and
/// would be taken for the file's.
fn in_line(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.replace(&format!(" at line {} column ", error.line()), " at column ")
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
    let unclosed = Rc::new(Cell::new(None));
    let text = Quotes {
        text: Cursor::new(start).chain(text),
        separator,
        line_end: match terminator {
            Terminator::Any(end) => end,
            _ => b'\r',
        },
        state: Quoting::Start,
        line: 1,
        began: 1,
        record: 0,
        unclosed: Rc::clone(&unclosed),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .terminator(terminator)
        .flexible(true)
        .from_reader(text);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    if let Some(line) = unclosed.get() {
        return Err(never_closed(line));
    }
    let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    let row = move |read: Result<csv::StringRecord, csv::Error>| {
        let row = read.map_err(|error| match error.kind() {
            // Either the file can't be read any more, or `Quotes` says what is wrong and where.
            csv::ErrorKind::Io(why) => why.to_string(),
            _ => {
                let line = error.position().map_or(0, csv::Position::line);
                format!("line {line}: {error}")
            }
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        // The end of the file is only seen while its last row is read, which is the one that the
        // quote is in.
        if let Some(line) = unclosed.get() {
            return Err(never_closed(line));
        }
        if row.len() != names.len() {
            let (cells, columns) = (row.len(), names.len());
            return Err(format!(
                "line {line}: it has {cells} cells, the first row {columns}"
            ));
        }
        let mut cells = Map::new();
        for (name, cell) in names.iter().zip(row.iter()) {
            let cell = cell.strip_suffix('\r').unwrap_or(cell);
            if cell.is_empty() {
                continue;
            }
            let before = cells.insert(name.clone(), Value::from(cell));
            // Columns without a name are never asked for.
            if before.is_some_and(|before| before != cell) && !name.is_empty() {
                return Err(format!(
                    "line {line}: two columns are called {name}, and their cells differ"
                ));
            }
        }
        Ok((line, Value::Object(cells)))
    };
    // With CRLF line ends a blank line is read as a row of one cell that holds the carriage return.
    let is_blank = |read: &Result<csv::StringRecord, csv::Error>| matches!(read, Ok(row) if row.len() == 1 && row[0].trim().is_empty());
    Ok(reader
        .into_records()
        .filter(move |read| !is_blank(read))
        .map(row))
}

fn never_closed(line: u64) -> String {
    format!("line {line}: the quote that begins there is never closed")
}

/// Where a table is, as far as quotes are concerned.
#[derive(Clone, Copy)]
enum Quoting {
    /// At the start of a cell, the only place where a quote opens.
    Start,
    Bare,
    Quoted,
    /// Behind a quote within quotes, which closes them unless a second one follows.
    Closing,
}

/// Passes on the text of a table, and notes whether it ends within quotes: the library takes the
/// end of the file as their end, so that the rows behind the quote would be lost without a word. It
/// also ends a record that is too long, which the library would hold whole: a quote that is never
/// closed makes one of the rest of the file.
struct Quotes<R> {
    text: R,
    separator: u8,
    line_end: u8,
    state: Quoting,
    line: u64,
    /// The line at which the last quote was opened.
    began: u64,
    /// Size of the record so far, in bytes.
    record: usize,
    /// At the end of the text: the line at which a quote was opened that is not closed.
    unclosed: Rc<Cell<Option<u64>>>,
}

impl<R> Quotes<R> {
    fn too_long(&self) -> String {
        let Self { line, began, .. } = *self;
        match self.state {
            Quoting::Quoted if began < line => format!(
                "line {began}: the quote that begins there is not closed within {LONGEST_RECORD} bytes"
            ),
            _ => format!("line {line}: it has more than {LONGEST_RECORD} bytes"),
        }
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, piece: &mut [u8]) -> std::io::Result<usize> {
        let read = self.text.read(piece)?;
        for byte in piece.iter().take(read).copied() {
            let ends_cell = byte == self.separator || byte == self.line_end;
            self.state = match self.state {
                Quoting::Start if byte == b'"' => {
                    self.began = self.line;
                    Quoting::Quoted
                }
                Quoting::Closing if byte == b'"' => Quoting::Quoted,
                Quoting::Quoted if byte == b'"' => Quoting::Closing,
                Quoting::Quoted => Quoting::Quoted,
                Quoting::Start | Quoting::Bare | Quoting::Closing if ends_cell => Quoting::Start,
                Quoting::Start | Quoting::Bare | Quoting::Closing => Quoting::Bare,
            };
            self.line += u64::from(byte == self.line_end);
            let ends_record = byte == self.line_end && matches!(self.state, Quoting::Start);
            self.record = if ends_record { 0 } else { self.record + 1 };
            if self.record > LONGEST_RECORD {
                return Err(std::io::Error::other(self.too_long()));
            }
        }
        if read == 0 && !piece.is_empty() && matches!(self.state, Quoting::Quoted) {
            self.unclosed.set(Some(self.began));
        }
        Ok(read)
    }
}

/// Reads a file that is one JSON value: a list, an output file of promptfoo or DeepEval, or a list
/// as the API of OpenAI answers it.
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
    // DeepEval names its list in either of two ways, and keeps its latest run one level further down.
    let run = value.get("testRunData").unwrap_or(&value);
    let cases = run.get("testCases").or_else(|| run.get("test_cases"));
    let answered = value.get("data").filter(|_| value["object"] == "list");
    if answered.is_some() && value["has_more"] == true {
        return Err(
            "it is one page of a longer list (\"has_more\" is true); write the items of all pages into one list"
                .to_owned(),
        );
    }
    let list = [nested, results, cases, answered, Some(&value)];
    let list = list.into_iter().flatten().find_map(Value::as_array);
    let Some(list) = list else {
        return Err(
            "it is neither a list nor what promptfoo, DeepEval or OpenAI writes; write one object a line, in a file that ends in .jsonl"
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
/// UTF-8, and whether it is marked as UTF-8 and is not.
fn open(path: &Path) -> Result<(Text, Option<&'static str>, bool), String> {
    let wrong = |error: std::io::Error| format!("it can't be read: {error}");
    let (encoding, broken) = encoding_of(path).map_err(wrong)?;
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
    Ok((BufReader::with_capacity(SAMPLE, decoded), named, broken))
}

/// Returns the encoding of a file, and whether it is marked as UTF-8 and has bytes that are not.
fn encoding_of(path: &Path) -> std::io::Result<(&'static Encoding, bool)> {
    let mut file = File::open(path)?;
    let mut sample = Vec::new();
    file.by_ref().take(SAMPLE as u64).read_to_end(&mut sample)?;
    if let Some((encoding, _)) = Encoding::for_bom(&sample) {
        // The mark decides, so that what is not valid can only be replaced.
        let broken = encoding == UTF_8 && !is_utf_8(sample.chain(file))?;
        return Ok((encoding, broken));
    }
    let even = &sample[..sample.len() / 2 * 2];
    if let Some(encoding) = unmarked_utf_16(even) {
        return Ok((encoding, false));
    }
    let rest = sample.chain(file);
    let encoding = if is_utf_8(rest)? { UTF_8 } else { WINDOWS_1252 };
    Ok((encoding, false))
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
    let (text, ..) = open(path)?;
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
#[path = "tests/case_file.rs"]
mod tests;
