//! The names of several sources of one evaluation, and their spans in the concatenated text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;

/// Separator between two sources in `source_text`; it also ends a sentence.
pub(crate) const BETWEEN_SOURCES: &str = "\n\n";

/// One of several sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedSource {
    /// What evidence and citations call it; unique in its evaluation.
    pub name: String,
    /// Where it stands in `source_text`.
    pub span: Span,
}
