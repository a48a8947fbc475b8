//! Annotations that an owner adds to an evaluation: a name, tags and notes.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::evaluations::present;
use crate::protocol::error::FieldError;

/// Maximum length of a name, in characters.
const MAX_NAME_CHARS: usize = 200;
/// Maximum number of tags of one evaluation.
const MAX_TAGS: usize = 20;
/// Maximum length of a tag, in characters.
pub(crate) const MAX_TAG_CHARS: usize = 50;
/// Maximum length of the notes, in characters.
const MAX_NOTES_CHARS: usize = 10_000;

/// The body of `PATCH /evaluations/{id}`. Fields that are left out are not changed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annotate {
    /// The evaluation's name in lists and reports, on one line; null removes the name.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = Option<String>,
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*[^\s\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"
    )]
    pub name: Option<Option<String>>,
    /// All tags of the evaluation: up to 20 of up to 50 characters, each on one line. White space around a tag is
    /// removed, and equal tags are stored once.
    #[serde(default, deserialize_with = "trimmed")]
    #[schema(value_type = Vec<String>, max_items = 20)]
    pub tags: Option<Vec<String>>,
    /// Notes in free text; null removes the notes.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10_000, pattern = r"^[^\u0000]*$")]
    pub notes: Option<Option<String>>,
}

impl Annotate {
    /// Returns every value that is not allowed.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if let Some(Some(name)) = &self.name {
            faults.extend(line_fault("/name", name, MAX_NAME_CHARS));
        }
        if let Some(Some(notes)) = &self.notes {
            faults.extend(fault("/notes", notes, MAX_NOTES_CHARS));
        }
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MAX_TAGS {
            let detail = format!("has more than {MAX_TAGS} tags");
            faults.push(FieldError::new("/tags", detail));
        } else {
            for (place, tag) in tags.iter().enumerate() {
                faults.extend(line_fault(&format!("/tags/{place}"), tag, MAX_TAG_CHARS));
            }
        }
        faults
    }
}

/// Deserializes tags without the white space around them. A missing member is `None` by its default;
/// null is refused, since it could mean both no change and no tags.
fn trimmed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let tags = Vec::<String>::deserialize(deserializer)?;
    let tags = tags.into_iter().map(|tag| tag.trim().to_owned());
    Ok(Some(tags.collect()))
}

/// Returns the reason why a text can't be a name or a tag. Lists and reports show those on one line,
/// where a line end or a change of the writing direction could disguise what stands beside them.
fn line_fault(pointer: &str, text: &str, most: usize) -> Option<FieldError> {
    if let Some(fault) = fault(pointer, text, most) {
        return Some(fault);
    }
    if text.trim().is_empty() {
        return Some(FieldError::new(pointer, "must not be blank"));
    }
    text.chars().any(disguises).then(|| {
        let detail =
            "must not hold line ends, control characters or marks that change the writing direction";
        FieldError::new(pointer, detail)
    })
}

/// True for control characters, line separators, and marks that embed, override or isolate a writing
/// direction. The marks for single characters (U+200E, U+200F) are ordinary in Hebrew and Arabic.
fn disguises(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Returns the reason why a text can't be stored: it needs 1 to `most` characters and no NUL.
pub(crate) fn fault(pointer: &str, text: &str, most: usize) -> Option<FieldError> {
    if text.contains('\0') {
        return Some(FieldError::new(
            pointer,
            "must not hold the character U+0000",
        ));
    }
    let length = text.chars().count();
    let fits = (1..=most).contains(&length);
    (!fits).then(|| {
        let detail = format!("must have 1 to {most} characters, has {length}");
        FieldError::new(pointer, detail)
    })
}

/// The name, the tags and the notes that the owner gave an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnnotationsView {
    /// The evaluation's name.
    pub name: Option<String>,
    /// The tags, sorted.
    pub tags: BTreeSet<String>,
    /// Notes in free text.
    pub notes: Option<String>,
}

/// A tag that a user has given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagView {
    /// The tag, as given.
    pub tag: String,
    /// The number of evaluations with this tag.
    pub evaluations: i64,
}

/// All tags that the user has given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagsView {
    /// The first 1,000 tags, sorted.
    pub items: Vec<TagView>,
}

#[cfg(test)]
#[path = "tests/annotations.rs"]
mod tests;
