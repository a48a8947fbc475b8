//! Reads the labelled pairs of a JSON Lines file.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use crate::audit::panel::Question;
use crate::domain::claim::Span;
use crate::domain::verdict::Label;
use crate::text::span::Utf16Index;

use super::super::text_file::decoded;

/// A source and a candidate with the labels that people gave.
#[derive(Debug)]
pub(in crate::cli) struct Pair {
    pub(in crate::cli) texts: Question,
    pub(in crate::cli) supported: bool,
    /// Index of the source document within the file; pairs of one document are resampled together.
    pub(in crate::cli) document: usize,
    /// The class of `label_detail`, from which the binary label was made; `None` if the line has
    /// none.
    pub(in crate::cli) class: Option<String>,
    /// The class as one of the three labels; `None` unless every pair of the file has such a class.
    pub(in crate::cli) label: Option<Label>,
    /// The labelled claims; `None` if the line labels only the whole candidate.
    pub(in crate::cli) claims: Option<Vec<Labelled>>,
    /// The passages marked as unsupported, in characters of the candidate; `None` if the line has
    /// no spans.
    pub(in crate::cli) spans: Option<Vec<Range<usize>>>,
}

/// A claim that people labelled, by its place in the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Labelled {
    pub(in crate::cli) span: Span,
    pub(in crate::cli) label: Label,
}

#[derive(Deserialize)]
struct Line {
    source: String,
    candidate: String,
    label: Option<serde_json::Value>,
    question: Option<String>,
    doc: Option<serde_json::Value>,
    label_detail: Option<Detail>,
    claims: Option<Vec<Claim>>,
}

/// Parses a label that is 1 or 0. True and false, and either as a string, are accepted too, since
/// many programs write them.
fn yes_or_no(label: &serde_json::Value) -> Result<bool, String> {
    use serde_json::Value;
    let number = match label {
        Value::Bool(truth) => return Ok(*truth),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some(1.0),
            "false" => Some(0.0),
            other => other.parse().ok(),
        },
        _ => None,
    };
    match number {
        Some(1.0) => Ok(true),
        Some(0.0) => Ok(false),
        _ => Err(format!("label is {label}; give 1 for supported, 0 for not")),
    }
}

#[derive(Deserialize)]
struct Claim {
    text: String,
    label: Label,
}

#[derive(Deserialize)]
struct Detail {
    class: Option<serde_json::Value>,
    spans: Option<Vec<Marked>>,
}

#[derive(Deserialize)]
struct Marked {
    start: usize,
    end: usize,
}

/// Reads a file of one JSON object per line, and skips blank lines and byte order marks. Pairs
/// without a `doc` belong to one document if they have the same source.
///
/// # Errors
/// Fails if the file cannot be read or holds no pair, or at the first invalid line, with its
/// number.
pub(in crate::cli) fn read(path: &Path) -> Result<Vec<Pair>, String> {
    let name = path.display();
    let bytes = std::fs::read(path).map_err(|error| format!("{name} can't be read: {error}"))?;
    let text = decoded(&name.to_string(), &bytes)?;
    let mut documents = HashMap::new();
    let mut pairs = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |what: String| format!("{name}, line {}: {what}", at + 1);
        // Concatenated files may have a byte order mark at the beginning of any line.
        let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if line.is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        if line.source.trim().is_empty() || line.candidate.trim().is_empty() {
            return Err(wrong(
                "source and candidate must not be empty, nor white space alone".into(),
            ));
        }
        pairs.push(pair(line, &mut documents).map_err(wrong)?);
    }
    if pairs.is_empty() {
        return Err(format!("{name} holds no pair"));
    }
    // If a file has other classes too, figures by label would cover only some of its lines.
    if pairs.iter().any(|pair| pair.label.is_none()) {
        for pair in &mut pairs {
            pair.label = None;
        }
    }
    Ok(pairs)
}

fn pair(line: Line, documents: &mut HashMap<String, usize>) -> Result<Pair, String> {
    let document = match line.doc {
        None | Some(serde_json::Value::Null) => line.source.clone(),
        Some(doc) => doc.to_string(),
    };
    let claims = match line.claims {
        Some(claims) => Some(places(&line.candidate, &claims)?),
        None => None,
    };
    let all_hold = |claims: &Vec<Labelled>| claims.iter().all(|c| c.label == Label::Supported);
    let supported = match (line.label, &claims) {
        (Some(label), _) => yes_or_no(&label)?,
        (None, Some(claims)) => all_hold(claims),
        (None, None) => return Err("missing field `label`, or `claims`".into()),
    };
    let next = documents.len();
    let detail = line.label_detail;
    let (class, spans) = detail.map_or((None, None), |detail| (detail.class, detail.spans));
    let class = class.and_then(|class| class.as_str().map(str::to_owned));
    Ok(Pair {
        supported,
        document: *documents.entry(document).or_insert(next),
        label: class.as_deref().and_then(one_of_three),
        class,
        claims,
        spans: spans.map(|spans| spans.iter().map(|span| span.start..span.end).collect()),
        texts: Question {
            source: line.source,
            candidate: line.candidate,
            question: line.question,
        },
    })
}

/// Maps the class names of public data sets to one of the three labels; `None` for any other name.
fn one_of_three(class: &str) -> Option<Label> {
    let name = class.trim().to_uppercase().replace([' ', '-'], "_");
    Some(match name.as_str() {
        "SUPPORTED" | "SUPPORTS" | "SUPPORT" | "ENTAILMENT" | "ENTAILED" => Label::Supported,
        "REFUTED" | "REFUTES" | "REFUTE" | "CONTRADICTION" | "CONTRADICTED" => Label::Refuted,
        "NOT_ENOUGH_INFO" | "NEI" | "NEUTRAL" => Label::NotEnoughInfo,
        _ => return None,
    })
}

/// Locates each claim in the candidate by its exact text; a repeated claim is located at its next
/// occurrence.
fn places(candidate: &str, claims: &[Claim]) -> Result<Vec<Labelled>, String> {
    let units = Utf16Index::new(candidate);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::with_capacity(claims.len());
    for Claim { text, label } in claims {
        let after = seen.get(text.as_str()).copied().unwrap_or(0);
        let start = candidate[after..]
            .find(text.as_str())
            .map(|at| after + at)
            .or_else(|| candidate.find(text.as_str()))
            .filter(|_| !text.is_empty())
            .ok_or_else(|| format!("the candidate does not have the claim {text:?}"))?;
        seen.insert(text, start + text.len());
        found.push(Labelled {
            span: units.span(start..start + text.len()),
            label: *label,
        });
    }
    Ok(found)
}

#[cfg(test)]
#[path = "tests/lines.rs"]
mod tests;
