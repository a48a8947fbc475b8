//! Documents of a user's own, which count beside an evaluation's source.

use super::claim::Span;
use super::verdict::DocumentPlace;

/// A passage of a document, found for the claims of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieved {
    pub place: DocumentPlace,
    pub name: String,
    /// Exactly the document's text at `span`.
    pub text: String,
    /// Where it stands in the document.
    pub span: Span,
}
