//! The names of several sources of one evaluation, and their spans in the concatenated text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;

/// Separator between two sources in `source_text`; it also ends a sentence.
pub(crate) const BETWEEN_SOURCES: &str = "\n\n";

/// One of several sources of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedSource {
    /// The name by which evidence and citations refer to the source; unique in its evaluation.
    pub name: String,
    /// The position of the source in `source_text`.
    pub span: Span,
}
