//! Passages of the texts that try to influence the judges.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;

/// The kind of sign by which a suspicious passage was found.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SignKind {
    /// The text tells the judge what to do or what to answer.
    InstructionToEvaluator,
    /// The text claims an authority, or presses for a score.
    Persuasion,
    /// The text pretends that the data has ended, or that the verdict has been given.
    FakeCompletion,
    /// The text contains fields of the answer that the judge is to write.
    OurSchema,
    /// The text contains marks by which models tell who is speaking.
    RoleTags,
    /// The text contains characters that a reader cannot see.
    HiddenText,
    /// The text contains a passage in an encoding that only a machine reads.
    EncodedRun,
    /// The text contains one of these phrases with its letters replaced or spaced out.
    Disguised,
}

impl SignKind {
    /// Describes the kind for a reader.
    pub const fn words(self) -> &'static str {
        match self {
            Self::InstructionToEvaluator => "an instruction to whoever judges it",
            Self::Persuasion => "pressure on whoever judges it",
            Self::FakeCompletion => "a pretended end of the data, or a verdict of its own",
            Self::OurSchema => "fields of the judge's own answer",
            Self::RoleTags => "marks of who is speaking",
            Self::HiddenText => "text that a reader can't see",
            Self::EncodedRun => "text in an encoding",
            Self::Disguised => "a disguised instruction",
        }
    }
}

/// The text that a passage was found in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The model's output.
    Candidate,
    /// The source that the output is checked against.
    Source,
    /// The question that the output answers.
    Question,
    /// A document of a collection, from which passages were retrieved.
    Document,
}

impl Place {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Source => "source",
            Self::Question => "question",
            Self::Document => "document",
        }
    }
}

/// One suspicious passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InjectionSign {
    /// The text that the passage was found in.
    pub place: Place,
    /// The kind of sign by which it was found.
    pub kind: SignKind,
    /// The position of the passage in that text, in UTF-16 code units.
    pub span: Span,
    /// The passage itself, at most 100 characters; invisible characters are left out or spelt out.
    pub excerpt: String,
    /// The name of the document; absent unless the passage is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// The passages in the texts of a run that address the judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InjectionFindings {
    /// The first 50 passages, in the order candidate, source, question, and within a text in its order.
    pub signs: Vec<InjectionSign>,
    /// The number of all passages found.
    pub total: usize,
}

/// The language models' scores compared with those of the offline judges, which instructions in the texts cannot
/// influence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OfflineComparison {
    /// The mean score of the offline judges, 0..100.
    pub offline_mean: f64,
    /// The mean score of the language models that completed, 0..100.
    pub model_mean: f64,
    /// `model_mean` minus `offline_mean`.
    pub gap: f64,
    /// True if the gap is at least 30 points, in either direction.
    pub large: bool,
    /// The number of offline judges in the comparison.
    pub offline_judges: usize,
    /// True if the offline judges were run for this comparison only and count in no other figure.
    pub run_for_comparison: bool,
    /// The comparison in words; absent unless the gap is large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
