//! The run's state machine: an input comes in, a [`Step`] comes out.
//!
//! Pure: the run actor feeds it and carries out what it says. Everything that a restart needs is in
//! the facts that each step hands out, so [`RunState::resume`] continues where the last commit stood.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::claim::Claim;
use super::event::{
    CancelReason, Cancelled, ClaimDecided, Completed, ErrorType, EventBody, Progress, RunError,
    Stage,
};
use super::ids::ClaimId;
use super::report::{JudgeReport, JudgeStatus};
use super::result::AuditResult;
use super::verdict::Verdict;

/// Where an evaluation stands; a run has the same states without `Pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Created, never started.
    Pending,
    /// A run is at work or waits for its turn.
    InProgress,
    /// The last run ended with a result.
    Completed,
    /// The last run ended with a fatal error.
    Failed,
    /// The last run was cancelled.
    Cancelled,
}

impl Status {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::InProgress,
            Self::Completed,
            Self::Failed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|status| status.as_str() == name)
    }
}

/// Something to keep, written in the same transaction as the events of its step.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The claims of the run, before any of them is decided.
    Claims(Vec<Claim>),
    /// A claim was decided.
    Verdict(Box<Verdict>),
    /// A judge was heard.
    Report(Box<JudgeReport>),
    /// The run is over.
    Ended(Box<Ending>),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Completed, failed or cancelled.
    pub status: Status,
    /// All figures, if it completed.
    pub result: Option<AuditResult>,
    /// What ended it, if it failed.
    pub error: Option<RunError>,
}

/// What happened to a run.
#[derive(Debug)]
pub enum Input {
    /// It was launched, for the first time or again after a restart.
    Launched,
    /// Its turn has come.
    Admitted,
    /// The candidate was cut.
    ClaimsExtracted(Vec<Claim>),
    /// Passages were chosen; how many characters of how many.
    Retrieved {
        /// Characters in the chosen passages.
        kept: usize,
        /// Characters in the source.
        of: usize,
    },
    /// Passages could not be chosen: the judges get the whole source.
    RetrievalFailed(String),
    /// The verifier decided a claim.
    ClaimDecided(Box<Verdict>),
    /// The verifier gave up.
    VerificationFailed(String),
    /// A judge answered, abstained or failed.
    JudgeAnswered(Box<JudgeReport>),
    /// The figures are there; none where no judge completed.
    Aggregated {
        /// All figures.
        result: Option<Box<AuditResult>>,
        /// From the start of the run to now.
        processing_time_ms: u64,
    },
    /// It has to end.
    Cancel(CancelReason),
    /// It can't go on.
    Broken(ErrorType, String),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Wait for a free slot, then say [`Input::Admitted`].
    Admit,
    /// Cut the candidate.
    ExtractClaims,
    /// Choose passages.
    Retrieve,
    /// Decide these claims, in this order.
    Verify(Vec<Claim>),
    /// Ask these judges, all at once.
    Ask(Vec<String>),
    /// Compute the figures from what [`RunState`] holds.
    Aggregate,
    /// Stop everything once the step is stored and published.
    End,
}

/// What follows from one input.
#[derive(Debug, Default, PartialEq)]
pub struct Step {
    /// To be published, in order, after they are stored.
    pub events: Vec<EventBody>,
    /// To be stored with them.
    pub facts: Vec<Fact>,
    /// To be carried out.
    pub effects: Vec<Effect>,
}

/// What a run was asked to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Judges to ask.
    pub judges: Vec<String>,
    /// Whether to choose passages.
    pub retrieval: bool,
}

/// What was stored of a run before a restart.
#[derive(Debug, Clone, Default)]
pub struct Progressed {
    /// Its claims, if they were extracted.
    pub claims: Option<Vec<Claim>>,
    /// The verdicts so far.
    pub verdicts: Vec<Verdict>,
    /// The judges heard so far.
    pub reports: Vec<JudgeReport>,
    /// The highest progress that was published; none before the first event.
    pub progress: Option<f64>,
}

/// A run.
#[derive(Debug)]
pub struct RunState {
    plan: Plan,
    stage: Stage,
    claims: Option<Vec<Claim>>,
    verdicts: Vec<Verdict>,
    decided: HashSet<ClaimId>,
    reports: Vec<JudgeReport>,
    verification_failed: bool,
    progress: f64,
    announced: bool,
    ended: bool,
}

impl RunState {
    /// A run as it stood at its last commit; a new one has [`Progressed::default`].
    pub fn resume(plan: Plan, past: Progressed) -> Self {
        Self {
            plan,
            stage: Stage::Queued,
            claims: past.claims,
            decided: past
                .verdicts
                .iter()
                .map(|verdict| verdict.claim.id)
                .collect(),
            verdicts: past.verdicts,
            reports: past.reports,
            verification_failed: false,
            progress: past.progress.unwrap_or(0.0),
            announced: past.progress.is_some(),
            ended: false,
        }
    }

    /// The claims, once extracted.
    pub fn claims(&self) -> &[Claim] {
        self.claims.as_deref().unwrap_or_default()
    }

    /// The verdicts so far, in the order in which they were decided.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The judges heard so far.
    pub fn reports(&self) -> &[JudgeReport] {
        &self.reports
    }

    /// Whether the run's last event has been handed out.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Takes one input. An input that comes too late (a judge that answers after a cancel, a claim
    /// decided twice) changes nothing.
    pub fn apply(&mut self, input: Input) -> Step {
        let mut step = Step::default();
        if self.ended {
            return step;
        }
        match input {
            Input::Launched => {
                if !self.announced {
                    self.announced = true;
                    self.report_progress(&mut step, 0.0, "waiting for its turn".into());
                }
                step.effects.push(Effect::Admit);
            }
            Input::Admitted if self.stage == Stage::Queued => self.enter_extraction(&mut step),
            Input::ClaimsExtracted(claims) if self.stage == Stage::ClaimExtraction => {
                let message = format!("{} found", count(claims.len(), "claim"));
                step.facts.push(Fact::Claims(claims.clone()));
                self.claims = Some(claims);
                self.report_progress(&mut step, 100.0, message);
                self.enter_retrieval(&mut step);
            }
            Input::Retrieved { kept, of } if self.stage == Stage::Retrieval => {
                self.report_progress(
                    &mut step,
                    100.0,
                    format!("{kept} of {of} characters of the source chosen"),
                );
                self.enter_verification(&mut step);
            }
            Input::RetrievalFailed(why) if self.stage == Stage::Retrieval => {
                step.events.push(warning(
                    ErrorType::RetrievalError,
                    why,
                    &["the judges see the whole source instead"],
                ));
                self.enter_verification(&mut step);
            }
            Input::ClaimDecided(verdict) if self.stage == Stage::Verification => {
                self.decide(&mut step, *verdict)
            }
            Input::VerificationFailed(why) if self.stage == Stage::Verification => {
                self.verification_failed = true;
                step.events.push(warning(
                    ErrorType::VerificationError,
                    why,
                    &["the judges are asked all the same; start the evaluation again for the missing verdicts"],
                ));
                self.enter_judging(&mut step);
            }
            Input::JudgeAnswered(report) if self.stage == Stage::Judging => {
                self.hear(&mut step, *report)
            }
            Input::Aggregated {
                result,
                processing_time_ms,
            } if self.stage == Stage::Aggregation => {
                self.finish(&mut step, result, processing_time_ms);
            }
            Input::Cancel(reason) => self.end(
                &mut step,
                EventBody::EvaluationCancelled(Cancelled { reason }),
                Ending {
                    status: Status::Cancelled,
                    result: None,
                    error: None,
                },
            ),
            Input::Broken(error_type, message) => {
                let error = RunError {
                    fatal: true,
                    error_type,
                    message,
                    recovery_suggestions: vec!["start the evaluation again".into()],
                    details: None,
                };
                self.fail(&mut step, error);
            }
            Input::Admitted
            | Input::ClaimsExtracted(_)
            | Input::Retrieved { .. }
            | Input::RetrievalFailed(_)
            | Input::ClaimDecided(_)
            | Input::VerificationFailed(_)
            | Input::JudgeAnswered(_)
            | Input::Aggregated { .. } => {}
        }
        step
    }

    fn enter_extraction(&mut self, step: &mut Step) {
        if self.claims.is_some() {
            return self.enter_retrieval(step);
        }
        self.stage = Stage::ClaimExtraction;
        self.report_progress(step, 0.0, "cutting the output into claims".into());
        step.effects.push(Effect::ExtractClaims);
    }

    fn enter_retrieval(&mut self, step: &mut Step) {
        if !self.plan.retrieval || self.claims().is_empty() {
            return self.enter_verification(step);
        }
        self.stage = Stage::Retrieval;
        self.report_progress(step, 0.0, "choosing passages of the source".into());
        step.effects.push(Effect::Retrieve);
    }

    fn enter_verification(&mut self, step: &mut Step) {
        let open: Vec<Claim> = self
            .claims()
            .iter()
            .filter(|claim| !self.decided.contains(&claim.id))
            .cloned()
            .collect();
        if open.is_empty() {
            return self.enter_judging(step);
        }
        self.stage = Stage::Verification;
        let message = format!("checking {} against the source", count(open.len(), "claim"));
        let done = share(self.verdicts.len(), self.claims().len());
        self.report_progress(step, done, message);
        step.effects.push(Effect::Verify(open));
    }

    fn decide(&mut self, step: &mut Step, verdict: Verdict) {
        let total = self.claims().len();
        if !self.decided.insert(verdict.claim.id) {
            return;
        }
        let before = share(self.verdicts.len(), total);
        self.verdicts.push(verdict.clone());
        let completed = self.verdicts.len();
        step.facts.push(Fact::Verdict(Box::new(verdict.clone())));
        step.events
            .push(EventBody::ClaimVerdict(Box::new(ClaimDecided {
                verdict,
                completed,
                total,
            })));
        let after = share(completed, total);
        // A candidate may hold hundreds of claims: progress is told in steps of a tenth.
        if (after / 10.0).floor() > (before / 10.0).floor() {
            self.report_progress(
                step,
                after,
                format!("{completed} of {total} claims checked"),
            );
        }
        if completed == total {
            self.enter_judging(step);
        }
    }

    fn enter_judging(&mut self, step: &mut Step) {
        self.stage = Stage::Judging;
        let open = self.unheard();
        if open.is_empty() {
            return self.enter_aggregation(step);
        }
        let done = share(self.reports.len(), self.plan.judges.len());
        self.report_progress(step, done, format!("asking {}", count(open.len(), "judge")));
        step.effects.push(Effect::Ask(open));
    }

    fn unheard(&self) -> Vec<String> {
        let heard: HashSet<&str> = self
            .reports
            .iter()
            .map(|report| report.judge_name.as_str())
            .collect();
        self.plan
            .judges
            .iter()
            .filter(|name| !heard.contains(name.as_str()))
            .cloned()
            .collect()
    }

    fn hear(&mut self, step: &mut Step, report: JudgeReport) {
        if !self.unheard().contains(&report.judge_name) {
            return;
        }
        step.facts.push(Fact::Report(Box::new(report.clone())));
        step.events
            .push(EventBody::JudgeResult(Box::new(report.clone())));
        if report.status.is_failure() {
            step.events
                .push(EventBody::EvaluationError(Box::new(judge_failure(&report))));
        }
        self.reports.push(report);
        let (heard, asked) = (self.reports.len(), self.plan.judges.len());
        self.report_progress(
            step,
            share(heard, asked),
            format!("{heard} of {asked} judges heard"),
        );
        if heard == asked {
            self.enter_aggregation(step);
        }
    }

    fn enter_aggregation(&mut self, step: &mut Step) {
        self.stage = Stage::Aggregation;
        self.report_progress(step, 0.0, "computing the figures".into());
        step.effects.push(Effect::Aggregate);
    }

    fn finish(
        &mut self,
        step: &mut Step,
        result: Option<Box<AuditResult>>,
        processing_time_ms: u64,
    ) {
        let Some(result) = result else {
            let error = self.nobody_scored();
            return self.fail(step, error);
        };
        self.report_progress(step, 100.0, "done".into());
        let degraded = self.verification_failed
            || self.reports.iter().any(|report| report.status.is_failure());
        let ending = Ending {
            status: Status::Completed,
            result: Some((*result).clone()),
            error: None,
        };
        let event = Completed {
            result: *result,
            degraded,
            processing_time_ms,
        };
        self.end(step, EventBody::EvaluationComplete(Box::new(event)), ending);
    }

    fn nobody_scored(&self) -> RunError {
        let abstained = self
            .reports
            .iter()
            .filter(|report| report.status == JudgeStatus::Abstained)
            .count();
        let failed = self
            .reports
            .iter()
            .filter(|report| report.status.is_failure())
            .count();
        let mut suggestions = Vec::new();
        if failed > 0 {
            suggestions.push("see each judge's error, then start the evaluation again".to_owned());
            suggestions.push("add an offline judge, which needs no provider".to_owned());
        }
        if abstained > 0 {
            suggestions.push(
                "give an output that states something that the source can support or contradict"
                    .to_owned(),
            );
        }
        RunError {
            fatal: true,
            error_type: ErrorType::AllJudgesFailed,
            message: format!("no judge gave a score: {failed} failed, {abstained} abstained"),
            recovery_suggestions: suggestions,
            details: Some(serde_json::json!({ "failed": failed, "abstained": abstained })),
        }
    }

    fn fail(&mut self, step: &mut Step, error: RunError) {
        let ending = Ending {
            status: Status::Failed,
            result: None,
            error: Some(error.clone()),
        };
        self.end(step, EventBody::EvaluationError(Box::new(error)), ending);
    }

    fn end(&mut self, step: &mut Step, event: EventBody, ending: Ending) {
        self.ended = true;
        step.events.push(event);
        step.facts.push(Fact::Ended(Box::new(ending)));
        step.effects.push(Effect::End);
    }

    fn report_progress(&mut self, step: &mut Step, stage_progress: f64, message: String) {
        let (from, to) = extent(self.stage);
        let here = from + (to - from) * stage_progress / 100.0;
        // After a restart a stage may begin again; what was shown before stays the floor.
        self.progress = self.progress.max(here);
        step.events.push(EventBody::EvaluationProgress(Progress {
            stage: self.stage,
            progress: round_tenth(self.progress),
            stage_progress: round_tenth(stage_progress),
            message,
        }));
    }
}

/// Which part of the whole run's 0..100 a stage covers.
const fn extent(stage: Stage) -> (f64, f64) {
    match stage {
        Stage::Queued => (0.0, 0.0),
        Stage::ClaimExtraction => (0.0, 5.0),
        Stage::Retrieval => (5.0, 10.0),
        Stage::Verification => (10.0, 50.0),
        Stage::Judging => (50.0, 95.0),
        Stage::Aggregation => (95.0, 100.0),
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        100.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

fn round_tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

fn warning(error_type: ErrorType, message: String, suggestions: &[&str]) -> EventBody {
    EventBody::EvaluationError(Box::new(RunError {
        fatal: false,
        error_type,
        message,
        recovery_suggestions: suggestions.iter().map(|&text| text.to_owned()).collect(),
        details: None,
    }))
}

fn judge_failure(report: &JudgeReport) -> RunError {
    let (error_type, suggestion) = match report.status {
        JudgeStatus::Timeout => (
            ErrorType::JudgeTimeout,
            "raise the judge's timeout_ms, or use a faster model",
        ),
        JudgeStatus::RateLimited => (
            ErrorType::JudgeRateLimited,
            "wait and start again, or lower the judge's max_concurrency",
        ),
        JudgeStatus::Unavailable => (
            ErrorType::JudgeError,
            "check the judge's base_url and that its server runs",
        ),
        JudgeStatus::Failed | JudgeStatus::Completed | JudgeStatus::Abstained => (
            ErrorType::JudgeError,
            "check the judge's model, key and base_url",
        ),
    };
    RunError {
        fatal: false,
        error_type,
        message: format!(
            "judge {} gave no score: {}",
            report.judge_name,
            report.error.as_deref().unwrap_or("no reason given")
        ),
        recovery_suggestions: vec![
            suggestion.to_owned(),
            "the figures rest on the other judges; start the evaluation again to ask this one once more".to_owned(),
        ],
        details: Some(serde_json::json!({ "judge_name": report.judge_name, "status": report.status, "attempts": report.attempts })),
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
