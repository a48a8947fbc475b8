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
    /// The position of the citation's mark in the output.
    pub span: Span,
    /// The name of the cited source; null if the mark names none of the sources.
    pub source: Option<String>,
}

/// A citation, and the verdict on its claim by the cited source alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckedCitation {
    /// The claim that the citation belongs to; null if it belongs to none.
    pub claim_id: Option<ClaimId>,
    /// The position of the citation's mark in the output.
    pub span: Span,
    /// The name of the cited source; null if the mark names none of the sources.
    pub source: Option<String>,
    /// The verdict on the claim by that source alone; null if the two were not compared.
    pub label: Option<Label>,
    /// The probability of `label`, 0..1.
    pub confidence: Option<f64>,
}

/// The citations and the quotations of an output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CitationFindings {
    /// The first 1,000 citations, in the order of the output.
    pub items: Vec<CheckedCitation>,
    /// The number of all citations, those beyond the first 1,000 included.
    pub total: usize,
    /// The faults found in citations and quotations: `citation_unknown`, `citation_mismatch` or `quote_stitched`.
    pub issues: Vec<Issue>,
}
