//! Neural judges from the operator's own ONNX files, run on this machine's processor: kind `nli`, a
//! cross-encoder that reads evidence and claim together, and kind `spans`, a token classifier that
//! marks unsupported parts of the output.
//!
//! A cross-encoder evaluates each claim against windows of the evidence; the maximum entailment and
//! the maximum contradiction over the windows count, as in SummaC-ZS (Laban et al. 2022). `app`
//! builds both. Deliberately not here: any download, any other runtime than `rten`, and the
//! requirements of published checkers (`config::checkers`).

use std::sync::Arc;

use super::{Answer, Assessing, Case, Judge, JudgeError, Outcome, Profile};
use crate::computing::{self, Cores};

mod labels;
mod model;
mod pairs;
mod settings;
mod spans;
mod template;
mod tokens;
mod windows;

pub(crate) use labels::{Labels, TokenLabels};
use pairs::CrossEncoder;
pub(crate) use settings::{KIND, SPANS, Settings, Task};
use spans::TokenClassifier;
pub(crate) use template::{Layout, Prompts, Slot, Template};

/// Loads a model. Expensive, and reads files, so it is called at the start.
///
/// # Errors
/// Returns the reason why the model cannot be used, with the file's name.
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
    /// Runs one case at a time, since more would only share the same threads.
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

#[cfg(test)]
mod tests;
