//! Bodies of the requests and responses on collections, users' own documents for retrieval.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::texts::text_fault;
use crate::domain::claim::Span;
use crate::domain::ids::{CollectionId, DocumentId};
use crate::domain::verdict::SOURCE_TEXT;
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

/// Maximum length of a collection's name, in characters.
const MAX_COLLECTION_NAME: usize = 100;
/// Maximum length of a document's name, in characters.
const MAX_DOCUMENT_NAME: usize = 200;
/// Maximum length of a document's text, in characters (Unicode scalar values).
pub(crate) const MAX_DOCUMENT_CHARS: usize = 1_000_000;
/// Maximum length of a search, in characters.
const MAX_SEARCH_CHARS: usize = 1_000;

/// Body of `POST /collections`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCollection {
    /// For people; need not be unique.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\u0000]*[^\u0000\s][^\u0000]*$"
    )]
    pub name: String,
}

impl CreateCollection {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        name_fault(&self.name, MAX_COLLECTION_NAME)
            .into_iter()
            .collect()
    }
}

/// A collection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionView {
    /// Its id; an evaluation's `config.collection_id`.
    pub id: CollectionId,
    /// As sent.
    pub name: String,
    /// When it was made.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// Its documents.
    pub documents: u64,
    /// The passages that they were cut into.
    pub passages: u64,
    /// Characters of all documents.
    pub chars: u64,
}

/// A page of the user's collections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionsView {
    /// The oldest first.
    pub items: Vec<CollectionView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<CollectionId>,
}

/// Query of `GET /collections`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CollectionsQuery {
    /// Items a page.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 100, default = 100)]
    pub limit: i64,
    /// From the page before.
    pub cursor: Option<CollectionId>,
}

impl CollectionsQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        limit_fault(self.limit, 100).into_iter().collect()
    }
}

/// A document as JSON, of `POST /collections/{id}/documents`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddDocument {
    /// What evidence calls it; need not be unique, but is not `source_text`.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000]*[^\u0000\s][^\u0000]*$"
    )]
    pub name: String,
    /// Plain text, kept as sent.
    #[schema(min_length = 1, max_length = 1_000_000, pattern = r"^[^\u0000]*$")]
    pub text: String,
}

impl AddDocument {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let text = text_fault("/text", &self.text, 1, MAX_DOCUMENT_CHARS);
        document_name_fault(&self.name)
            .into_iter()
            .chain(text)
            .collect()
    }
}

/// Query of `POST /collections/{id}/documents`, for a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadQuery {
    /// What evidence calls the file. Left out: its title, if it has one. With a JSON body it is not used.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000]*[^\u0000\s][^\u0000]*$"
    )]
    pub name: Option<String>,
}

/// Checks the name of a document. `source_text` is reserved for the evaluation's own source.
pub(crate) fn document_name_fault(name: &str) -> Option<FieldError> {
    if name.trim() == SOURCE_TEXT {
        let detail = "is what evidence of the evaluation's own source is called";
        return Some(FieldError::new("/name", detail));
    }
    name_fault(name, MAX_DOCUMENT_NAME)
}

/// A document without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentView {
    /// Its id.
    pub id: DocumentId,
    /// Where it is.
    pub collection_id: CollectionId,
    /// What evidence calls it.
    pub name: String,
    /// What it was sent as.
    #[schema(example = "text/plain")]
    pub media_type: String,
    /// Characters (Unicode scalar values) of its text.
    pub chars: u64,
    /// The passages that it was cut into.
    pub passages: u64,
    /// When it was added.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
}

/// A document with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentTextView {
    /// The document.
    #[serde(flatten)]
    pub document: DocumentView,
    /// What spans of its evidence point into: plain text as sent, of other kinds what was read out of them.
    pub text: String,
}

/// A page of a collection's documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentsView {
    /// The oldest first.
    pub items: Vec<DocumentView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<DocumentId>,
}

/// Query of `GET /collections/{id}/documents`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentsQuery {
    /// Items a page.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 100, default = 100)]
    pub limit: i64,
    /// From the page before.
    pub cursor: Option<DocumentId>,
}

impl DocumentsQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        limit_fault(self.limit, 100).into_iter().collect()
    }
}

/// Query of `GET /collections/{id}/search`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// What to look for: words, or a whole claim. Their forms count as the words themselves.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[^\u0000]*$")]
    pub q: String,
    /// Passages at most.
    #[serde(default = "ten")]
    #[param(minimum = 1, maximum = 50, default = 10)]
    pub limit: i64,
}

impl SearchQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let q = text_fault("/q", &self.q, 1, MAX_SEARCH_CHARS);
        q.into_iter().chain(limit_fault(self.limit, 50)).collect()
    }
}

/// A passage that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    /// Its document.
    pub document_id: DocumentId,
    /// The document's name.
    pub document_name: String,
    /// Exactly the document's text at `span`.
    pub text: String,
    /// Where it stands in the document.
    pub span: Span,
    /// Over 0; compares only within one answer.
    pub score: f64,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchView {
    /// The best first.
    pub items: Vec<HitView>,
}

fn name_fault(name: &str, max: usize) -> Option<FieldError> {
    let blank = || FieldError::new("/name", "must not be blank");
    text_fault("/name", name, 1, max).or_else(|| name.trim().is_empty().then(blank))
}

fn limit_fault(limit: i64, max: i64) -> Option<FieldError> {
    let fault = || FieldError::new("/limit", format!("must be 1 to {max}"));
    (!(1..=max).contains(&limit)).then(fault)
}

const fn hundred() -> i64 {
    100
}

const fn ten() -> i64 {
    10
}

#[cfg(test)]
#[path = "tests/collections.rs"]
mod tests;
