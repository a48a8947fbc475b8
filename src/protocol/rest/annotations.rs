//! Annotations that an owner adds to an evaluation: a name, tags and notes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
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

/// Body of `PATCH /evaluations/{id}`. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annotate {
    /// What to call it, in lists and reports; null: it has no name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    pub name: Option<Option<String>>,
    /// All its tags: up to 20 of up to 50 characters.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub tags: Option<Vec<String>>,
    /// In words; null: there are none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10_000, pattern = r"^[^\u0000]*$")]
    pub notes: Option<Option<String>>,
}

impl Annotate {
    /// Returns every value that is not allowed.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if let Some(Some(name)) = &self.name {
            faults.extend(fault("/name", name, MAX_NAME_CHARS));
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
                faults.extend(fault(&format!("/tags/{place}"), tag, MAX_TAG_CHARS));
            }
        }
        faults
    }
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

/// What an owner has added to an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnnotationsView {
    /// What to call it.
    pub name: Option<String>,
    /// Sorted.
    pub tags: BTreeSet<String>,
    /// In words.
    pub notes: Option<String>,
}

/// A tag of a user's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagView {
    /// As given.
    pub tag: String,
    /// How many evaluations have it.
    pub evaluations: i64,
}

/// The user's tags.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagsView {
    /// Sorted; the first 1,000.
    pub items: Vec<TagView>,
}

#[cfg(test)]
#[path = "tests/annotations.rs"]
mod tests;
