//! A fault that a judge flags in the candidate.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;

/// The kind of a fault in the output.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IssueType {
    /// A statement of fact that the source contradicts.
    FactualError,
    /// A statement of fact about something that the source does not mention.
    Hallucination,
    /// A claim that the source neither contradicts nor supports.
    UnsupportedClaim,
    /// A wrong date or order in time.
    TemporalInconsistency,
    /// A wrong number, amount or unit.
    NumericalError,
    /// Wording that is slanted beyond the source.
    Bias,
    /// Text that addresses the judges: instructions, fake answers, hidden text.
    InjectionSuspected,
    /// A citation that names none of the sources.
    CitationUnknown,
    /// A citation that names a source which does not say it, where another source does.
    CitationMismatch,
    /// A quotation that joins words of several places as if they stood together.
    QuoteStitched,
}

impl IssueType {
    /// Returns true for kinds that only rules may report, not judges.
    pub(crate) const fn is_found_by_rules(self) -> bool {
        matches!(
            self,
            Self::InjectionSuspected
                | Self::CitationUnknown
                | Self::CitationMismatch
                | Self::QuoteStitched
        )
    }

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FactualError => "factual_error",
            Self::Hallucination => "hallucination",
            Self::UnsupportedClaim => "unsupported_claim",
            Self::TemporalInconsistency => "temporal_inconsistency",
            Self::NumericalError => "numerical_error",
            Self::Bias => "bias",
            Self::InjectionSuspected => "injection_suspected",
            Self::CitationUnknown => "citation_unknown",
            Self::CitationMismatch => "citation_mismatch",
            Self::QuoteStitched => "quote_stitched",
        }
    }
}

/// How serious a fault is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A matter of wording.
    Low,
    /// A reader could be misled on a detail.
    Medium,
    /// A reader would be misled.
    High,
    /// The statement is the opposite of the source, or dangerous.
    Critical,
}

impl Severity {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One flagged fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issue {
    /// The kind of fault.
    #[serde(rename = "type")]
    pub kind: IssueType,
    /// How serious the fault is.
    pub severity: Severity,
    /// The fault in words.
    pub description: String,
    /// The position of the fault in the output, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The passage that the judge quoted, if the output does not contain it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmatched_quote: Option<String>,
}
