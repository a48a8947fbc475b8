//! Passages of the texts that try to influence the judges.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Span;

/// What gives a passage away.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SignKind {
    /// Tells the judge what to do or to answer.
    InstructionToEvaluator,
    /// Claims an authority, or presses for a score.
    Persuasion,
    /// Pretends that the data has ended, or that the verdict is there already.
    FakeCompletion,
    /// Fields of the answer that the judge is to write.
    OurSchema,
    /// Marks by which models tell who is speaking.
    RoleTags,
    /// Characters that a reader can't see.
    HiddenText,
    /// Text in an encoding that only a machine reads.
    EncodedRun,
    /// One of these phrases with its letters replaced or pulled apart.
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

/// Which text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The model's output.
    Candidate,
    /// What it is checked against.
    Source,
    /// What it answers.
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
    /// Which text.
    pub place: Place,
    /// What gives it away.
    pub kind: SignKind,
    /// Where in that text, in UTF-16 code units.
    pub span: Span,
    /// What stands there: at most 100 characters, those that can't be seen left out or spelt out.
    pub excerpt: String,
    /// The document's name, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// What speaks to the judges in the texts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InjectionFindings {
    /// In the order candidate, source, question, and there from the beginning; the first 50.
    pub signs: Vec<InjectionSign>,
    /// All that were found.
    pub total: usize,
}

/// The language models beside the offline judges, which can't be talked to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OfflineComparison {
    /// Mean score of the offline judges, 0..100.
    pub offline_mean: f64,
    /// Mean score of the language models that completed, 0..100.
    pub model_mean: f64,
    /// `model_mean` less `offline_mean`.
    pub gap: f64,
    /// True from 30 points on, in either direction.
    pub large: bool,
    /// How many offline judges it rests on.
    pub offline_judges: usize,
    /// True where they were run for the comparison alone, and count in no other figure.
    pub run_for_comparison: bool,
    /// The same in words, where the gap is large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
