//! Several sources of one evaluation: what each is called, and where it stands in the one text that they make.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;

/// What stands between two sources in `source_text`: no sentence goes on beyond it.
pub(crate) const BETWEEN_SOURCES: &str = "\n\n";

/// One of several sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedSource {
    /// What evidence and citations call it; unique in its evaluation.
    pub name: String,
    /// Where it stands in `source_text`.
    pub span: Span,
}
