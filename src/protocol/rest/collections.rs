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

/// The body of `POST /collections`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCollection {
    /// The collection's name, which need not be unique.
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

/// A collection of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionView {
    /// The collection's id, for `config.collection_id` of an evaluation.
    pub id: CollectionId,
    /// The collection's name.
    pub name: String,
    /// The time at which the collection was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The number of documents.
    pub documents: u64,
    /// The number of passages that the documents were split into.
    pub passages: u64,
    /// The number of characters (Unicode scalar values) of all documents.
    pub chars: u64,
}

/// A page of the user's collections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionsView {
    /// The collections, the oldest first.
    pub items: Vec<CollectionView>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<CollectionId>,
}

/// The query of `GET /collections`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CollectionsQuery {
    /// The maximum number of items on a page.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 100, default = 100)]
    pub limit: i64,
    /// The cursor of the page, which is `next_cursor` of the page before.
    pub cursor: Option<CollectionId>,
}

impl CollectionsQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        limit_fault(self.limit, 100).into_iter().collect()
    }
}

/// The body of `POST /collections/{id}/documents` as JSON.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddDocument {
    /// The name by which evidence refers to the document. It need not be unique; `source_text` is not allowed.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000]*[^\u0000\s][^\u0000]*$"
    )]
    pub name: String,
    /// The text of the document, which is stored as sent.
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

/// The query of `POST /collections/{id}/documents`, for a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadQuery {
    /// The name by which evidence refers to the document. Default: the title of the file, if it has one. It is not
    /// used with a JSON body.
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
    /// The document's id.
    pub id: DocumentId,
    /// The id of its collection.
    pub collection_id: CollectionId,
    /// The name by which evidence refers to the document.
    pub name: String,
    /// The media type of the upload.
    #[schema(example = "text/plain")]
    pub media_type: String,
    /// The number of characters (Unicode scalar values) of its text.
    pub chars: u64,
    /// The number of passages that the document was split into.
    pub passages: u64,
    /// The time at which the document was added.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
}

/// A document with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentTextView {
    /// The document's data.
    #[serde(flatten)]
    pub document: DocumentView,
    /// The text that the spans of evidence refer to: plain text as it was sent, or the text extracted from other types
    /// of file.
    pub text: String,
}

/// A page of a collection's documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentsView {
    /// The documents, the oldest first.
    pub items: Vec<DocumentView>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<DocumentId>,
}

/// The query of `GET /collections/{id}/documents`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DocumentsQuery {
    /// The maximum number of items on a page.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 100, default = 100)]
    pub limit: i64,
    /// The cursor of the page, which is `next_cursor` of the page before.
    pub cursor: Option<DocumentId>,
}

impl DocumentsQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        limit_fault(self.limit, 100).into_iter().collect()
    }
}

/// The query of `GET /collections/{id}/search`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// The words to search for, or a whole claim. Other forms of the words are found too.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[^\u0000]*$")]
    pub q: String,
    /// The maximum number of passages.
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

/// A passage that a search found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    /// The id of the document.
    pub document_id: DocumentId,
    /// The name of the document.
    pub document_name: String,
    /// The text of the document at `span`, unchanged.
    pub text: String,
    /// The position of the passage in the document.
    pub span: Span,
    /// The relevance, greater than 0; scores are comparable within one answer only.
    pub score: f64,
}

/// The result of a search.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchView {
    /// The passages found, the best first.
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
