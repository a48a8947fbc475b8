//! How a model is loaded and asked.

use std::path::PathBuf;

use super::labels::{Labels, TokenLabels};
use super::template::{Layout, Prompts};
use super::windows::Room;

/// The name of the kind that reads evidence and claim.
pub(crate) const KIND: &str = "nli";
/// The name of the kind that marks spans.
pub(crate) const SPANS: &str = "spans";

/// What is asked of a model, and how.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    /// Whether the evidence entails a claim.
    Pairs {
        /// What the outputs mean.
        labels: Labels,
        /// How the two texts are put.
        layout: Layout,
    },
    /// Which tokens of the output are not supported.
    Spans {
        /// What the outputs mean.
        labels: TokenLabels,
        /// How the evidence is put.
        prompts: Prompts,
    },
}

impl Task {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Pairs { .. } => KIND,
            Self::Spans { .. } => SPANS,
        }
    }
}

/// How a model is loaded and asked.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub name: String,
    /// Its weight in `weighted_average`.
    pub weight: f64,
    pub model: PathBuf,
    /// `tokenizer.json`.
    pub tokenizer: PathBuf,
    pub task: Task,
    /// Probability from which the model's word counts: of entailment, or of a token that is not supported.
    pub threshold: f64,
    /// Threads that the model computes on.
    pub threads: usize,
    /// Rows that are computed together, at most.
    pub batch: usize,
    /// Tokens of a row, at most.
    pub window_tokens: usize,
    /// Tokens of evidence in a row, at most; none: what the rest leaves.
    pub evidence_tokens: Option<usize>,
    /// Windows of evidence for one claim, at most.
    pub max_windows: usize,
}

impl Settings {
    pub(super) fn room(&self, around: usize) -> Room {
        Room {
            row: self.window_tokens,
            around,
            evidence: self.evidence_tokens.unwrap_or(usize::MAX),
            windows: self.max_windows,
        }
    }
}
