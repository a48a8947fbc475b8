//! Passages of a user's documents, which count as evidence beside an evaluation's source.

use super::claim::Span;
use super::verdict::DocumentPlace;

/// A passage of a document, found for the claims of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieved {
    pub place: DocumentPlace,
    pub name: String,
    /// The document's text at `span`, unchanged.
    pub text: String,
    /// The position in the document.
    pub span: Span,
}
