//! A neural judge from the operator's own files: any cross-encoder for natural language inference that
//! was exported to ONNX, run on this machine's processor.
//!
//! For each claim the model is asked of windows of the evidence; the best entailment and the worst
//! contradiction over the windows count, as SummaC-ZS takes them (Laban et al. 2022). `app` builds it.
//! Deliberately not here: any download, and any other runtime than `rten`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use super::offline::{Opinion, StopOnDrop, sum_up};
use super::{Answer, Assessing, Case, Judge, JudgeError, Outcome, Profile};
use crate::domain::claim::Claim;
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::Label;

mod labels;
mod model;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod windows;

use labels::rounded;
pub use labels::{Labels, NliLabel};
use model::CrossEncoder;
use windows::Evidence;

/// The kind's name.
pub const KIND: &str = "nli";

/// Probability from which a model's word counts.
const SURE: f64 = 0.5;

/// How a model is loaded and asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The judge's name.
    pub name: String,
    /// Its weight in `weighted_average`.
    pub weight: f64,
    /// The ONNX file.
    pub model: PathBuf,
    /// `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// What the outputs mean.
    pub labels: Labels,
    /// Threads that the model computes on.
    pub threads: usize,
    /// Pairs that are computed together.
    pub batch: usize,
    /// Tokens of a pair, at most.
    pub window_tokens: usize,
    /// Windows of evidence for one claim, at most.
    pub max_windows: usize,
}

/// Loads a model. Heavy, and reads files: at the start.
///
/// # Errors
/// Why it can't be used, with the file's name.
pub fn build(settings: Settings) -> Result<Arc<dyn Judge>, String> {
    let model = CrossEncoder::load(
        &settings.model,
        &settings.tokenizer,
        settings.labels.clone(),
        settings.threads,
    )?;
    let folder = settings
        .model
        .parent()
        .and_then(|folder| folder.file_name());
    let profile = Profile {
        name: settings.name.clone(),
        kind: KIND.to_owned(),
        model: folder.map_or_else(
            || KIND.to_owned(),
            |name| name.to_string_lossy().into_owned(),
        ),
        offline: true,
        weight: settings.weight,
    };
    Ok(Arc::new(NliJudge {
        profile,
        asked: Arc::new(Asked { model, settings }),
        turn: Arc::new(Semaphore::new(1)),
    }))
}

struct Asked {
    model: CrossEncoder,
    settings: Settings,
}

struct NliJudge {
    profile: Profile,
    asked: Arc<Asked>,
    /// One case at a time: more would only share the same threads.
    turn: Arc<Semaphore>,
}

impl Judge for NliJudge {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, case: Arc<Case>) -> Assessing {
        let (asked, turn) = (Arc::clone(&self.asked), Arc::clone(&self.turn));
        let stop = Arc::new(AtomicBool::new(false));
        let waiting = StopOnDrop::new(&stop);
        Box::pin(async move {
            let _waiting = waiting;
            let permit = match turn.acquire_owned().await {
                Ok(permit) => permit,
                Err(closed) => {
                    return Outcome::of(0, Err(JudgeError::Internal(closed.to_string())));
                }
            };
            let judging = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                judge(&asked, &case, &stop)
            });
            let internal = |why: String| {
                tracing::error!(why, "a model of kind nli failed");
                JudgeError::Internal(why)
            };
            let result = match judging.await {
                Ok(result) => result.map_err(internal),
                Err(error) => Err(internal(error.to_string())),
            };
            Outcome::of(1, result)
        })
    }
}

/// What the model makes of the claims, one after the other; stops between batches once the flag is up.
fn judge(asked: &Asked, case: &Case, stop: &AtomicBool) -> Result<Answer, String> {
    let Asked { model, settings } = asked;
    let evidence = Evidence::new(
        &case.index,
        model,
        settings.window_tokens,
        settings.max_windows,
    )?;
    let mut opinions = Vec::new();
    let mut issues = Vec::new();
    for (at, claim) in case.claims.iter().enumerate() {
        let tokens = model.tokens(&claim.text)?.len();
        let Some(windows) = evidence.windows(&claim.text, tokens) else {
            continue;
        };
        let mut found = Found::default();
        for batch in windows.chunks(settings.batch) {
            if stop.load(Ordering::Relaxed) {
                return Ok(Answer::Abstained("nobody waits for it any more".to_owned()));
            }
            let pairs: Result<Vec<_>, _> = batch
                .iter()
                .map(|text| model.pair(text, &claim.text))
                .collect();
            for opinion in model.opinions(&pairs?)? {
                found.entailed = found.entailed.max(opinion.entailed);
                found.contradicted = found.contradicted.max(opinion.contradicted);
            }
        }
        issues.extend(found.issue(claim));
        opinions.push(Opinion {
            at,
            support: found.entailed * (1.0 - found.contradicted),
            label: found.label(),
            confidence: found.confidence(),
            weight: (tokens.max(1) as f64).sqrt(),
            probability: None,
        });
    }
    let left_out = case.claims.len() - opinions.len();
    let nothing = "every claim is too long for the model";
    let mut answer = sum_up(case, &opinions, issues, "entailment", nothing);
    if let (Answer::Scored(assessment), 1..) = (&mut answer, left_out) {
        let told = format!("; {left_out} too long for the model, not judged");
        assessment.reasoning.push_str(&told);
    }
    Ok(answer)
}

/// The strongest words over all windows of a claim.
#[derive(Default)]
struct Found {
    entailed: f64,
    contradicted: f64,
}

impl Found {
    fn label(&self) -> Label {
        if self.entailed >= SURE && self.entailed >= self.contradicted {
            Label::Supported
        } else if self.contradicted >= SURE {
            Label::Refuted
        } else {
            Label::NotEnoughInfo
        }
    }

    fn confidence(&self) -> f64 {
        match self.label() {
            Label::Supported => self.entailed,
            Label::Refuted => self.contradicted,
            Label::NotEnoughInfo => rounded(1.0 - self.entailed.max(self.contradicted)),
        }
    }

    fn issue(&self, claim: &Claim) -> Option<Issue> {
        let (kind, severity, description) = match self.label() {
            Label::Supported => return None,
            Label::Refuted => (
                IssueType::FactualError,
                Severity::High,
                format!(
                    "the model reads a contradiction in the evidence ({:.2})",
                    self.contradicted
                ),
            ),
            Label::NotEnoughInfo => (
                IssueType::UnsupportedClaim,
                Severity::Medium,
                format!(
                    "the model finds nothing that entails this ({:.2})",
                    self.entailed
                ),
            ),
        };
        Some(Issue {
            kind,
            severity,
            description,
            span: Some(claim.span),
            unmatched_quote: None,
        })
    }
}
