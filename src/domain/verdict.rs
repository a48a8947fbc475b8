//! The decision about a claim and its evidence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::{Claim, Span};
use super::ids::{ClaimId, CollectionId, DocumentId};

/// The verdict on a claim; the names are those of the FEVER task.
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
    /// All labels, in the order in which figures list them.
    pub const ALL: [Self; 3] = [Self::Supported, Self::Refuted, Self::NotEnoughInfo];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "SUPPORTED",
            Self::Refuted => "REFUTED",
            Self::NotEnoughInfo => "NOT_ENOUGH_INFO",
        }
    }
}

/// The minimum probability of the label SUPPORTED.
pub(crate) const SUPPORTED_FROM: f64 = 0.4;
/// The minimum probability of the label REFUTED.
pub(crate) const REFUTED_FROM: f64 = 0.54;
/// If NOT_ENOUGH_INFO is less probable than the likelier of the other labels times this
/// factor, it means that nothing is decided, rather than that the evidence is silent. Giving
/// the likelier label instead would be right more often, but would call a quarter of the
/// true claims refuted (docs/explanation/accuracy.md).
const UNLIKELY: f64 = 0.5;

/// The probability of each label; the three sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Probabilities {
    /// The probability that the evidence supports the claim, 0..1.
    pub supported: f64,
    /// The probability that the evidence contradicts the claim, 0..1.
    pub refuted: f64,
    /// The probability that the evidence does neither, 0..1.
    pub not_enough_info: f64,
}

impl Probabilities {
    /// Scales three finite, non-negative values to the sum 1; equal thirds if all are zero.
    pub fn normalised(supported: f64, refuted: f64, not_enough_info: f64) -> Self {
        let sum = supported + refuted + not_enough_info;
        if sum.is_finite() && sum > 0.0 {
            Self {
                supported: supported / sum,
                refuted: refuted / sum,
                not_enough_info: not_enough_info / sum,
            }
        } else {
            Self::normalised(1.0, 1.0, 1.0)
        }
    }

    /// Converts a label with a confidence: the label gets the confidence, and the other two share
    /// the rest equally. A confidence so low that another label would follow is raised to the
    /// lowest that keeps this one.
    pub fn from_label(label: Label, confidence: f64) -> Self {
        let own = confidence.clamp(SUPPORTED_FROM.max(REFUTED_FROM), 1.0);
        let rest = (1.0 - own) / 2.0;
        let of = |other: Label| if other == label { own } else { rest };
        Self {
            supported: of(Label::Supported),
            refuted: of(Label::Refuted),
            not_enough_info: of(Label::NotEnoughInfo),
        }
    }

    pub const fn of(self, label: Label) -> f64 {
        match label {
            Label::Supported => self.supported,
            Label::Refuted => self.refuted,
            Label::NotEnoughInfo => self.not_enough_info,
        }
    }

    /// Returns the likeliest label if it reaches its minimum probability, otherwise
    /// NOT_ENOUGH_INFO. Of two equally likely labels the less favourable one is returned.
    pub fn label(self) -> Label {
        if self.supported >= SUPPORTED_FROM
            && self.supported > self.refuted
            && self.supported > self.not_enough_info
        {
            Label::Supported
        } else if self.refuted >= REFUTED_FROM && self.refuted > self.not_enough_info {
            Label::Refuted
        } else {
            Label::NotEnoughInfo
        }
    }

    /// Returns true if the evidence probably decides the claim, but neither way is probable enough.
    pub(crate) fn is_undecided(self) -> bool {
        let most = self.supported.max(self.refuted);
        self.label() == Label::NotEnoughInfo && self.not_enough_info < UNLIKELY * most
    }

    /// The probability of the label that [`Self::label`] returns.
    pub fn confidence(self) -> f64 {
        self.of(self.label())
    }

    /// Returns true if each is within 0 and 1 and their sum is 1, except for rounding.
    pub fn is_valid(self) -> bool {
        let all = [self.supported, self.refuted, self.not_enough_info];
        all.iter().all(|value| (0.0..=1.0).contains(value))
            && (all.iter().sum::<f64>() - 1.0).abs() < 1e-6
    }
}

/// The value of [`Evidence::source`] for the evaluation's own source; no document
/// may have this name.
pub(crate) const SOURCE_TEXT: &str = "source_text";

/// A document of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentPlace {
    /// The id of the collection.
    pub collection_id: CollectionId,
    /// The id of the document.
    pub document_id: DocumentId,
}

/// A passage on which a verdict is based.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// The text at `span`, unchanged.
    pub text: String,
    /// The position of the passage in the text that `source` names.
    pub span: Span,
    /// `source_text` for the evaluation's own source, otherwise the name of one of several sources or of a document.
    pub source: String,
    /// The document that the passage is from; absent unless it is from a collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentPlace>,
}

/// The verifier's decision on one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(from = "StoredVerdict")]
pub struct Verdict {
    /// The claim that was decided.
    pub claim: Claim,
    /// The verdict, derived from `probability`.
    pub label: Label,
    /// The probability of `label`, 0..1.
    pub confidence: f64,
    /// The probability of each label.
    pub probability: Probabilities,
    /// The passages that the verdict is based on, the best first; empty if the source does not cover the subject.
    pub evidence: Vec<Evidence>,
    /// The reasons for the verdict in words: what is missing, contradicted or confirmed.
    pub reasoning: String,
}

/// A verdict as it was stored. Logs of the first release have no probabilities.
#[derive(Deserialize)]
struct StoredVerdict {
    claim: Claim,
    label: Label,
    confidence: f64,
    #[serde(default)]
    probability: Option<Probabilities>,
    evidence: Vec<Evidence>,
    reasoning: String,
}

impl From<StoredVerdict> for Verdict {
    fn from(stored: StoredVerdict) -> Self {
        Self {
            claim: stored.claim,
            label: stored.label,
            confidence: stored.confidence,
            probability: stored
                .probability
                .unwrap_or_else(|| Probabilities::from_label(stored.label, stored.confidence)),
            evidence: stored.evidence,
            reasoning: stored.reasoning,
        }
    }
}

/// A judge's own label for one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClaimLabel {
    /// The id of the claim.
    pub claim_id: ClaimId,
    /// The judge's label.
    pub label: Label,
    /// The judge's confidence in its label, 0..1.
    pub confidence: f64,
    /// The judge's probability of each label; absent if the judge gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probabilities>,
}

impl ClaimLabel {
    /// The judge's probability of each label: as stated, or derived from its label and confidence.
    pub fn probabilities(&self) -> Probabilities {
        self.probability
            .unwrap_or_else(|| Probabilities::from_label(self.label, self.confidence))
    }
}

/// The panel's decision on one claim: the verifier's and the judges' labels combined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// The id of the claim.
    pub claim_id: ClaimId,
    /// The final label.
    pub label: Label,
    /// The probability of `label`, 0..1.
    pub confidence: f64,
    /// The probability of each label.
    pub probability: Probabilities,
}

impl Decision {
    /// Derives label and confidence from the probabilities.
    pub fn of(claim_id: ClaimId, probability: Probabilities) -> Self {
        Self {
            claim_id,
            label: probability.label(),
            confidence: probability.confidence(),
            probability,
        }
    }
}

/// The label of one judge for one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JudgeOpinion {
    /// The judge's configured name.
    pub judge_name: String,
    /// The judge's label.
    pub label: Label,
    /// The judge's confidence in its label, 0..1.
    pub confidence: f64,
    /// The judge's probability of each label; absent if the judge gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probabilities>,
}

#[cfg(test)]
#[path = "tests/verdict.rs"]
mod tests;
