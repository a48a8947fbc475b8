//! The labelled pairs of a file.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use crate::audit::panel::Question;
use crate::domain::claim::Span;
use crate::domain::verdict::Label;
use crate::text::span::Utf16Index;

use super::super::text_file::decoded;

/// One pair with what people say of it.
#[derive(Debug)]
pub(in crate::cli) struct Pair {
    pub(in crate::cli) texts: Question,
    pub(in crate::cli) supported: bool,
    /// Which document of the file it belongs to.
    pub(in crate::cli) document: usize,
    /// The label before it was made a yes or no, where it is given.
    pub(in crate::cli) class: Option<String>,
    /// The class as one of the three labels, where each class of the file is one.
    pub(in crate::cli) label: Option<Label>,
    /// What people say of each claim, where the line says it.
    pub(in crate::cli) claims: Option<Vec<Labelled>>,
    /// What people marked as unsupported, in characters of the candidate, where that is given.
    pub(in crate::cli) spans: Option<Vec<Range<usize>>>,
}

/// A part of the candidate that people labelled.
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

/// 1 or 0; true and false, and either as a text, are taken too, since that is what many programs write.
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

/// Reads a file of one JSON object a line; blank lines and a mark at the beginning are passed over. Without
/// a `doc`, pairs with one source are one document.
///
/// # Errors
/// The file can't be read, a line is not such an object, or there is none; with the line's number.
pub(in crate::cli) fn read(path: &Path) -> Result<Vec<Pair>, String> {
    let name = path.display();
    let bytes = std::fs::read(path).map_err(|error| format!("{name} can't be read: {error}"))?;
    let text = decoded(&name.to_string(), &bytes)?;
    let mut documents = HashMap::new();
    let mut pairs = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |what: String| format!("{name}, line {}: {what}", at + 1);
        // Where files were put together, each may have had its mark.
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
    // A set that knows other classes too would be counted by some of its lines only.
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

/// The label that a class of a public set is another name of.
fn one_of_three(class: &str) -> Option<Label> {
    let name = class.trim().to_uppercase().replace([' ', '-'], "_");
    Some(match name.as_str() {
        "SUPPORTED" | "SUPPORTS" | "SUPPORT" | "ENTAILMENT" | "ENTAILED" => Label::Supported,
        "REFUTED" | "REFUTES" | "REFUTE" | "CONTRADICTION" | "CONTRADICTED" => Label::Refuted,
        "NOT_ENOUGH_INFO" | "NEI" | "NEUTRAL" => Label::NotEnoughInfo,
        _ => return None,
    })
}

/// Where each claim stands: each is letter for letter in the candidate, a repeated one at its next place.
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
