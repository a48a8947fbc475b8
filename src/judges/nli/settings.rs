//! Settings of a neural judge.

use std::path::PathBuf;

use super::labels::{Labels, TokenLabels};
use super::template::{Layout, Prompts};
use super::windows::Room;

/// The kind that reads evidence and claim together.
pub(crate) const KIND: &str = "nli";
/// The kind that marks unsupported spans.
pub(crate) const SPANS: &str = "spans";

/// The task of a model.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    /// Decides whether the evidence entails a claim.
    Pairs {
        /// The meaning of the outputs.
        labels: Labels,
        /// The order and format of the two texts.
        layout: Layout,
    },
    /// Decides which tokens of the output are not supported.
    Spans {
        /// The meaning of the outputs.
        labels: TokenLabels,
        /// The text around the evidence.
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

/// Settings of a neural judge.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub name: String,
    /// Weight of the judge's score under the strategy `weighted_average`.
    pub weight: f64,
    pub model: PathBuf,
    /// Path of the file `tokenizer.json`.
    pub tokenizer: PathBuf,
    pub task: Task,
    /// Minimum probability that counts: of entailment, or that a token is not supported.
    pub threshold: f64,
    /// Number of threads on which the model runs.
    pub threads: usize,
    /// Maximum number of rows in a batch.
    pub batch: usize,
    /// Maximum number of tokens in a row.
    pub window_tokens: usize,
    /// Maximum number of tokens of evidence in a row; `None` uses all that are left.
    pub evidence_tokens: Option<usize>,
    /// Maximum number of windows of evidence for one claim.
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
