//! The source of an evaluation: one text, or several named ones.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::texts::text_fault;
use crate::domain::claim::Span;
use crate::domain::source::{BETWEEN_SOURCES, NamedSource};
use crate::domain::verdict::SOURCE_TEXT;
use crate::protocol::error::FieldError;

/// Maximum length of a source, and of all sources together, in characters (Unicode scalar values).
pub(crate) const MAX_SOURCE_CHARS: usize = 200_000;
/// Maximum number of sources of one evaluation.
pub(crate) const MAX_SOURCES: usize = 50;
/// Maximum length of a source's name, in characters.
pub(crate) const MAX_NAME_CHARS: usize = 100;

/// One of several sources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceText {
    /// The name by which evidence and citations refer to the source, such as a title, a file name or an address. It is
    /// unique; `source_text` is not allowed.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\u0000]*[^\u0000\s][^\u0000]*$"
    )]
    pub name: String,
    /// The text of the source, which is stored as sent.
    #[schema(min_length = 1, max_length = 200_000, pattern = r"^[^\u0000]*$")]
    pub text: String,
}

/// Returns every value that is not allowed, of the text or of the sources, whichever is given.
pub(crate) fn source_faults(source_text: &str, sources: &[SourceText]) -> Vec<FieldError> {
    if sources.is_empty() {
        let fault = text_fault("/source_text", source_text, 1, MAX_SOURCE_CHARS);
        return fault.into_iter().collect();
    }
    let mut faults = Vec::new();
    if !source_text.is_empty() {
        let detail = "is given beside source_text: leave one of them out";
        faults.push(FieldError::new("/sources", detail));
    }
    if sources.len() > MAX_SOURCES {
        let detail = format!("has more than {MAX_SOURCES} sources");
        return vec![FieldError::new("/sources", detail)];
    }
    let mut names = HashSet::new();
    let mut left = MAX_SOURCE_CHARS;
    for (at, source) in sources.iter().enumerate() {
        let name = format!("/sources/{at}/name");
        if source.name.trim() == SOURCE_TEXT {
            let detail = "is what evidence of a source without a name is called";
            faults.push(FieldError::new(name, detail));
        } else if source.name.trim().is_empty() {
            faults.push(FieldError::new(name, "must not be blank"));
        } else if !names.insert(source.name.as_str()) {
            faults.push(FieldError::new(name, "is the name of another source too"));
        } else {
            faults.extend(text_fault(&name, &source.name, 1, MAX_NAME_CHARS));
        }
        let text = format!("/sources/{at}/text");
        faults.extend(text_fault(&text, &source.text, 1, MAX_SOURCE_CHARS));
        let length = source.text.chars().count();
        if length <= MAX_SOURCE_CHARS && length > left {
            let detail =
                format!("all sources together have more than {MAX_SOURCE_CHARS} characters");
            faults.push(FieldError::new("/sources", detail));
            break;
        }
        left = left.saturating_sub(length);
    }
    faults
}

/// Concatenates the sources, and returns the text with the span of each source.
pub(crate) fn joined(source_text: String, sources: Vec<SourceText>) -> (String, Vec<NamedSource>) {
    if sources.is_empty() {
        return (source_text, Vec::new());
    }
    let (mut text, mut unit) = (String::new(), 0);
    let mut named = Vec::with_capacity(sources.len());
    for source in sources {
        if !text.is_empty() {
            text.push_str(BETWEEN_SOURCES);
            unit += BETWEEN_SOURCES.len();
        }
        let end = unit + source.text.encode_utf16().count();
        text.push_str(&source.text);
        named.push(NamedSource {
            name: source.name,
            span: Span { start: unit, end },
        });
        unit = end;
    }
    (text, named)
}

#[cfg(test)]
#[path = "tests/sources.rs"]
mod tests;
