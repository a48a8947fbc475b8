//! What was decided about a claim, and on which evidence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::{Claim, Span};
use super::ids::{ClaimId, CollectionId, DocumentId};

/// The three verdicts of claim verification (the names are those of the FEVER task).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Label {
    /// Entailed by the evidence.
    Supported,
    /// Contradicted by the evidence.
    Refuted,
    /// Neither entailed nor contradicted.
    NotEnoughInfo,
}

impl Label {
    /// Every label, in the order in which figures list them.
    pub const ALL: [Self; 3] = [Self::Supported, Self::Refuted, Self::NotEnoughInfo];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "SUPPORTED",
            Self::Refuted => "REFUTED",
            Self::NotEnoughInfo => "NOT_ENOUGH_INFO",
        }
    }
}

/// What [`Evidence::source`] says of the evaluation's own source; no document may have this name.
pub const SOURCE_TEXT: &str = "source_text";

/// A document of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentPlace {
    /// The collection.
    pub collection_id: CollectionId,
    /// The document.
    pub document_id: DocumentId,
}

/// A passage that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Exactly the text at `span`.
    pub text: String,
    /// Where it stands in the text that `source` names.
    pub span: Span,
    /// [`SOURCE_TEXT`], or the name of the document it came from.
    pub source: String,
    /// The document, where it came from a collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentPlace>,
}

/// The verifier's decision on one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The claim that was decided.
    pub claim: Claim,
    /// What was decided.
    pub label: Label,
    /// 0..1.
    pub confidence: f64,
    /// Best first; empty where the source holds nothing on the subject.
    pub evidence: Vec<Evidence>,
    /// What is missing, contradicted or matched, in words.
    pub reasoning: String,
}

/// A judge's own label for one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimLabel {
    /// The claim.
    pub claim_id: ClaimId,
    /// The judge's label.
    pub label: Label,
    /// 0..1.
    pub confidence: f64,
}
