//! Audits the items of a run, by judges in this process or by a server.

use std::time::Duration;

use anyhow::{Context as _, Error, Result};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::baseline::Ruler;
use super::item::Item;
use super::record::{ClaimRecord, FORMAT, Outcome, Record};
use super::unusable::Unusable;
use crate::audit::guard::{Answer, Checked, Guard};
use crate::audit::panel::Question;
use crate::cli::client::Remote;
use crate::domain::claim::Span;
use crate::domain::guard::{GuardReason, GuardVerdict};
use crate::domain::panel::{PanelStamp, StampedJudge};
use crate::domain::result::Faithfulness;
use crate::domain::verdict::{Evidence, Label, Probabilities, Verdict};
use crate::protocol::rest::CheckedJudge;

/// Number of concurrent items for each core: enough to keep the core busy, few enough to hold
/// little memory.
const AT_ONCE: usize = 2;
/// Number of concurrent requests to a server.
const SERVER_AT_ONCE: usize = 8;
/// Time limit for one item in this process. The timeouts of judges that call a remote model are
/// shorter.
const LONGEST: Duration = Duration::from_secs(600);
/// Time limit that a server is asked for, in milliseconds.
const SERVER_BUDGET_MS: u64 = 60_000;

pub(super) enum Engine {
    Here(Box<Guard>),
    There(Remote),
}

/// The judges to ask, and the threshold below which an output is flagged.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Names of judges; empty leaves the choice to the server.
    pub judges: Vec<String>,
    pub threshold: Option<f64>,
}

/// The body of a server's answer to a check.
#[derive(Deserialize)]
struct Answered {
    verdict: GuardVerdict,
    reasons: Vec<GuardReason>,
    faithfulness: Option<Faithfulness>,
    threshold: f64,
    claims: Vec<AnsweredClaim>,
    judges: Vec<CheckedJudge>,
    missing: Vec<String>,
    panel: PanelStamp,
    took_ms: u64,
}

#[derive(Deserialize)]
struct AnsweredClaim {
    text: String,
    span: Span,
    label: Option<Label>,
    confidence: Option<f64>,
    probability: Option<Probabilities>,
    evidence: Vec<Evidence>,
    reasoning: Option<String>,
}

#[derive(Deserialize)]
struct ServerJudges {
    items: Vec<ServerJudge>,
}

#[derive(Deserialize)]
struct ServerJudge {
    name: String,
    kind: String,
    model: String,
}

impl Engine {
    /// Returns the judges as they are configured, before any has answered; empty for a server that
    /// chooses the judges itself.
    pub(super) async fn configured(&self, asked: &Asked) -> Result<Vec<StampedJudge>> {
        match self {
            Self::Here(guard) => Ok(guard.stamp(&asked.judges, &[]).judges),
            Self::There(server) => {
                let judges: Result<ServerJudges> = server.get("/judges").await;
                let judges = judges.map_err(unusable_if_refused)?;
                for name in &asked.judges {
                    if judges.items.iter().all(|judge| judge.name != *name) {
                        let known: Vec<&str> =
                            judges.items.iter().map(|judge| &*judge.name).collect();
                        let why = format!(
                            "--judge {name}: the server has no judge of that name; there are {}",
                            known.join(", ")
                        );
                        return Err(Unusable(why).into());
                    }
                }
                let meant = |judge: &ServerJudge| asked.judges.contains(&judge.name);
                let stamped = |judge: ServerJudge| StampedJudge {
                    name: judge.name,
                    kind: judge.kind,
                    model: judge.model,
                    answered_by: None,
                    rubric: None,
                };
                Ok(judges
                    .items
                    .into_iter()
                    .filter(meant)
                    .map(stamped)
                    .collect())
            }
        }
    }

    /// Returns the number of items to audit concurrently.
    pub(super) fn at_once(&self) -> usize {
        match self {
            Self::Here(_) => AT_ONCE * std::thread::available_parallelism().map_or(1, usize::from),
            Self::There(_) => SERVER_AT_ONCE,
        }
    }

    /// Returns true if a stored result is by the panel that would be asked now, as far as this is
    /// known in advance.
    pub(super) fn goes_on(&self, stamp: &PanelStamp, asked: &Asked, now: &[StampedJudge]) -> bool {
        match self {
            Self::Here(guard) => Ruler::goes_on(stamp, &guard.stamp(&asked.judges, &[])),
            // A server sends its settings with each answer; only its judges are known in advance.
            Self::There(_) => now.is_empty() || Ruler::same_judges(&stamp.judges, now),
        }
    }

    /// Describes how the panel that would be asked now differs from that of a baseline, as far as
    /// this is known in advance.
    pub(super) fn differences(
        &self,
        before: &Ruler,
        asked: &Asked,
        now: &[StampedJudge],
    ) -> Vec<String> {
        match self {
            Self::Here(guard) => before.differences_in_advance(&guard.stamp(&asked.judges, &[])),
            Self::There(_) if now.is_empty() => Vec::new(),
            Self::There(_) => before.differences_of_judges(now),
        }
    }

    /// Audits one item. A failure becomes part of the record.
    ///
    /// # Errors
    /// The server refuses the key, which it would do for every other item too.
    pub(super) async fn audit(&self, item: Item, asked: &Asked) -> Result<Record> {
        if let Some(why) = &item.error {
            let threshold = asked.threshold.unwrap_or_default();
            return Ok(Record::errored(&item, threshold, why.clone()));
        }
        let began = Instant::now();
        let mut record = match self {
            Self::Here(guard) => here(guard, &item, asked).await,
            Self::There(server) => match there(server, &item, asked).await {
                Ok(record) => record,
                Err(error) if is_refused(&error) => return Err(unusable_if_refused(error)),
                Err(error) => {
                    let threshold = asked.threshold.unwrap_or_default();
                    Record::errored(&item, threshold, format!("{error:#}"))
                }
            },
        };
        record.took_ms = began.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        Ok(record)
    }
}

/// Returns true if the server has refused the key, or has it without the scope that is needed.
fn is_refused(error: &Error) -> bool {
    // The client names the path and the status before anything that the server says.
    let text = error.to_string();
    ["/check", "/judges"].iter().any(|path| {
        let status = text.strip_prefix(&format!("{path}: the server answered "));
        status.is_some_and(|status| status.starts_with("401") || status.starts_with("403"))
    })
}

fn unusable_if_refused(error: Error) -> Error {
    if is_refused(&error) {
        Unusable(format!("--server: {error:#}")).into()
    } else {
        error
    }
}

async fn here(guard: &Guard, item: &Item, asked: &Asked) -> Record {
    let texts = Question {
        source: item.source.to_string(),
        candidate: item.candidate.clone(),
        question: item.question.clone(),
    };
    let answer = Answer::of_nobody(texts, asked.judges.clone(), asked.threshold);
    let (_, nothing_elsewhere) = mpsc::channel(1);
    let checked = guard
        .check(answer, Instant::now() + LONGEST, nothing_elsewhere)
        .await;
    let panel = guard.stamp(&asked.judges, &checked.reports);
    let judges: Vec<CheckedJudge> = checked
        .reports
        .iter()
        .map(|report| CheckedJudge {
            name: report.judge_name.clone(),
            status: report.status,
            score: report.score,
            response_time_ms: report.response_time_ms,
            error: report.error.clone(),
        })
        .collect();
    let outcome = outcome(checked.verdict, &checked.reasons);
    Record {
        outcome,
        error: (outcome == Outcome::Errored).then(|| why(&judges)),
        probability: checked
            .faithfulness
            .as_ref()
            .map(|figure| figure.probability),
        claims: claims(&checked),
        judges,
        missing: checked.missing,
        panel: Some(panel),
        ..Record::errored(item, checked.threshold, String::new())
    }
}

fn claims(checked: &Checked) -> Vec<ClaimRecord> {
    let verdicts = checked.verdicts.iter();
    let claim = |verdict: &Verdict| ClaimRecord {
        text: verdict.claim.text.clone(),
        span: verdict.claim.span,
        label: verdict.label,
        confidence: verdict.confidence,
        probability: Some(verdict.probability),
        reasoning: verdict.reasoning.clone(),
        evidence: verdict.evidence.clone(),
    };
    verdicts.map(claim).collect()
}

async fn there(server: &Remote, item: &Item, asked: &Asked) -> Result<Record> {
    let mut body = serde_json::json!({
        "source_text": &*item.source,
        "candidate_output": item.candidate,
        "budget_ms": SERVER_BUDGET_MS,
    });
    if let Some(question) = &item.question {
        body["question"] = question.as_str().into();
    }
    if !asked.judges.is_empty() {
        body["judges"] = serde_json::json!(asked.judges);
    }
    if let Some(threshold) = asked.threshold {
        body["threshold"] = threshold.into();
    }
    let answered: Answered = server.post("/check", &body).await?;
    let claims = answered.claims.into_iter().map(|claim| {
        Ok(ClaimRecord {
            text: claim.text,
            span: claim.span,
            label: claim
                .label
                .context("the server answered a claim without a label")?,
            confidence: claim.confidence.unwrap_or_default(),
            probability: claim.probability,
            reasoning: claim.reasoning.unwrap_or_default(),
            evidence: claim.evidence,
        })
    });
    let claims = claims.collect::<Result<Vec<_>>>()?;
    let outcome = outcome(answered.verdict, &answered.reasons);
    Ok(Record {
        format: FORMAT,
        outcome,
        error: (outcome == Outcome::Errored).then(|| why(&answered.judges)),
        probability: answered.faithfulness.map(|figure| figure.probability),
        claims,
        judges: answered.judges,
        missing: answered.missing,
        panel: Some(answered.panel),
        took_ms: answered.took_ms,
        ..Record::errored(item, answered.threshold, String::new())
    })
}

/// Maps a verdict to an outcome. If a judge did not answer, the panel is a different one, so that
/// the item counts as errored.
fn outcome(verdict: GuardVerdict, reasons: &[GuardReason]) -> Outcome {
    let is_incomplete = reasons
        .iter()
        .any(|reason| matches!(reason, GuardReason::NotHeard | GuardReason::NoScore));
    match verdict {
        GuardVerdict::Pass => Outcome::Passed,
        GuardVerdict::NothingToCheck => Outcome::NothingToCheck,
        GuardVerdict::Flag if is_incomplete => Outcome::Errored,
        GuardVerdict::Flag => Outcome::Failed,
    }
}

/// Returns the judges that did not answer, with their errors.
fn why(judges: &[CheckedJudge]) -> String {
    let unheard: Vec<String> = judges
        .iter()
        .filter(|judge| judge.status.is_failure())
        .map(|judge| {
            let error = judge.error.as_deref().unwrap_or("it gave no answer");
            format!("{}: {error}", judge.name)
        })
        .collect();
    if unheard.is_empty() {
        "no judge gave a score".to_owned()
    } else {
        unheard.join("; ")
    }
}

#[cfg(test)]
#[path = "tests/engine.rs"]
mod tests;
