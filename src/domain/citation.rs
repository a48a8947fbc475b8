//! The citations of an output, and whether the cited sources support the claims.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;
use super::ids::ClaimId;
use super::issue::Issue;
use super::verdict::Label;

/// A citation of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Citation {
    /// Where the mark stands in the output.
    pub span: Span,
    /// The source that it names; null where it names none.
    pub source: Option<String>,
}

/// A citation, and what the source that it names says of the claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckedCitation {
    /// The claim that it stands at; null where it stands at none.
    pub claim_id: Option<ClaimId>,
    /// Where the mark stands in the output.
    pub span: Span,
    /// The source that it names; null where it names none.
    pub source: Option<String>,
    /// What that source alone says of the claim; null where that was not compared.
    pub label: Option<Label>,
    /// The probability of `label`, 0..1.
    pub confidence: Option<f64>,
}

/// The citations and the quotations of an output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CitationFindings {
    /// The citations in the output's order, the first thousand of them.
    pub items: Vec<CheckedCitation>,
    /// All citations.
    pub total: usize,
    /// What is wrong with them: `citation_unknown`, `citation_mismatch`, `quote_stitched`.
    pub issues: Vec<Issue>,
}
