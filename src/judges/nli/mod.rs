//! Neural judges from the operator's own files, exported to ONNX and run on this machine's processor:
//! kind `nli`, a cross-encoder that reads evidence and claim together, and kind `spans`, a token
//! classifier that marks what the source does not support.
//!
//! For each claim a cross-encoder is asked of windows of the evidence; the best entailment and the worst
//! contradiction over the windows count, as SummaC-ZS takes them (Laban et al. 2022). `app` builds both.
//! Deliberately not here: any download, any other runtime than `rten`, and what the published checkers
//! want (`config::checkers`).

use std::path::PathBuf;
use std::sync::Arc;

use super::{Answer, Assessing, Case, Judge, JudgeError, Outcome, Profile};
use crate::computing::{self, Cores};
use crate::domain::verdict::Probabilities;

mod labels;
mod model;
mod pairs;
mod spans;
mod template;
mod tokens;
mod windows;

pub(crate) use labels::{Labels, TokenLabels};
use pairs::CrossEncoder;
pub(crate) use spans::Prompts;
use spans::TokenClassifier;
pub(crate) use template::{Layout, Slot, Template};
use tokens::Row;
use windows::Room;

/// The name of the kind that reads evidence and claim.
pub(crate) const KIND: &str = "nli";
/// The name of the kind that marks spans.
pub(crate) const SPANS: &str = "spans";

/// Tokens of a usual row: a batch of longer ones has fewer of them, so that it takes about as much memory.
const USUAL_ROW: usize = 512;

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
    const fn kind(&self) -> &'static str {
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
    fn room(&self, around: usize) -> Room {
        Room {
            row: self.window_tokens,
            around,
            evidence: self.evidence_tokens.unwrap_or(usize::MAX),
            windows: self.max_windows,
        }
    }
}

/// Loads a model. Heavy, and reads files: at the start.
///
/// # Errors
/// Why it can't be used, with the file's name.
pub(crate) fn build(settings: Settings) -> Result<Arc<dyn Judge>, String> {
    let checker = match settings.task.clone() {
        Task::Pairs { labels, layout } => {
            Checker::Pairs(CrossEncoder::load(&settings, labels, layout)?)
        }
        Task::Spans { labels, prompts } => {
            Checker::Spans(TokenClassifier::load(&settings, labels, prompts)?)
        }
    };
    let kind = settings.task.kind();
    let folder = settings
        .model
        .parent()
        .and_then(|folder| folder.file_name());
    let profile = Profile {
        name: settings.name,
        kind: kind.to_owned(),
        model: folder.map_or_else(
            || kind.to_owned(),
            |name| name.to_string_lossy().into_owned(),
        ),
        offline: true,
        weight: settings.weight,
    };
    Ok(Arc::new(NeuralJudge {
        profile,
        checker: Arc::new(checker),
        turn: Cores::one_at_a_time(),
    }))
}

enum Checker {
    Pairs(CrossEncoder),
    Spans(TokenClassifier),
}

impl Checker {
    fn judge(&self, case: &Case) -> Result<Answer, String> {
        match self {
            Self::Pairs(model) => model.judge(case),
            Self::Spans(model) => model.judge(case),
        }
    }
}

struct NeuralJudge {
    profile: Profile,
    checker: Arc<Checker>,
    /// One case at a time: more would only share the same threads.
    turn: Cores,
}

impl Judge for NeuralJudge {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, case: Arc<Case>) -> Assessing {
        let (checker, turn) = (Arc::clone(&self.checker), self.turn.clone());
        let kind = self.profile.kind.clone();
        Box::pin(async move {
            let task = computing::Task::of(case.user);
            let judged = turn.compute(&task, move || checker.judge(&case)).await;
            let result = judged.map_err(|why| why.to_string()).flatten();
            let internal = |why: String| {
                tracing::error!(why, kind, "a model of one's own failed");
                JudgeError::Internal(why)
            };
            Outcome::of(1, result.map_err(internal))
        })
    }
}

/// The probabilities of a model that tells support from everything else, and nothing more.
fn both_ways(supported: f64) -> Probabilities {
    let rest = (1.0 - supported) / 2.0;
    Probabilities {
        supported,
        refuted: rest,
        not_enough_info: rest,
    }
}

/// Neighbouring rows together, at most so many, and fewer of long ones.
fn batches(rows: &[Row], most: usize) -> impl Iterator<Item = &[Row]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut longest = 0;
        let fits = |(before, row): (usize, &Row)| {
            longest = row.ids.len().max(longest);
            before == 0 || before < most && (before + 1) * longest <= most * USUAL_ROW
        };
        let count = rest
            .iter()
            .enumerate()
            .map(fits)
            .take_while(|it| *it)
            .count();
        let (batch, left) = rest.split_at(count);
        rest = left;
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests;
