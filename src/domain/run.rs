//! The state machine of a run: each input results in a [`Step`].
//!
//! It is pure; the run actor passes inputs to it and carries out the steps. The changes
//! of each step contain all that a restart needs, so that [`RunState::resume`] continues
//! from the last commit.

use std::collections::{HashMap, HashSet};

use super::claim::Claim;
use super::event::{
    CancelReason, Cancelled, ClaimDecided, ClaimRevised, Completed, ErrorType, EventBody, Progress,
    RunError, Stage,
};
use super::ids::ClaimId;
use super::progress::{count, extent, round_tenth, share};
use super::report::{JudgeReport, JudgeStatus, views};
use super::result::{AuditResult, Outcome};
use super::verdict::{Decision, Verdict};
use super::warning::{judge_failure, too_few_scores, warning};

pub(crate) use super::step::{Change, Effect, Ending, Input, Plan, Progressed, Status, Step};

#[derive(Debug)]
pub(crate) struct RunState {
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
    /// Restores a run as of its last commit; a new run has [`Progressed::default`].
    pub(crate) fn resume(plan: Plan, past: Progressed) -> Self {
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

    /// The claims; empty until they are extracted.
    pub(crate) fn claims(&self) -> &[Claim] {
        self.claims.as_deref().unwrap_or_default()
    }

    /// The verdicts so far, in the order in which they were decided.
    pub(crate) fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The reports of the judges so far.
    pub(crate) fn reports(&self) -> &[JudgeReport] {
        &self.reports
    }

    /// Returns true if the run's last event was returned.
    pub(crate) const fn ended(&self) -> bool {
        self.ended
    }

    /// Reverts the run's end after the step with it could not be stored.
    pub(crate) const fn reopen(&mut self) {
        self.ended = false;
    }

    /// Applies one input. An input that comes too late changes nothing, such as a judge's answer
    /// after a cancellation, or a second verdict on a claim.
    pub(crate) fn apply(&mut self, input: Input) -> Step {
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
                step.changes.push(Change::Claims(claims.clone()));
                self.claims = Some(claims);
                self.report_progress(&mut step, 100.0, message);
                self.enter_retrieval(&mut step);
            }
            Input::Searched(done) if self.stage == Stage::Retrieval => {
                let total = self.claims().len();
                let message = format!("{done} of {total} claims looked for in the collection");
                // The selection of passages follows in the same stage.
                self.report_progress(&mut step, share(done, total) * 0.9, message);
            }
            Input::Retrieved {
                from_collection,
                kept,
                of,
            } if self.stage == Stage::Retrieval => {
                let message = match from_collection.map(|found| count(found, "passage")) {
                    None => format!("{kept} of {of} characters of the source chosen"),
                    Some(found) => format!(
                        "{found} of the collection beside the source, {kept} of {of} characters chosen"
                    ),
                };
                self.report_progress(&mut step, 100.0, message);
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
                decisions,
                processing_time_ms,
            } if self.stage == Stage::Aggregation => {
                self.finish(&mut step, result, decisions, processing_time_ms);
            }
            Input::Cancel(reason, under_way) => self.cancel(&mut step, reason, under_way),
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
            | Input::Searched(_)
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
        step.changes
            .push(Change::Verdict(Box::new(verdict.clone())));
        step.events
            .push(EventBody::ClaimVerdict(Box::new(ClaimDecided {
                verdict,
                completed,
                total,
            })));
        let after = share(completed, total);
        // A candidate may have hundreds of claims, so progress is only reported in
        // steps of ten percent.
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
        let warning = report.status.is_failure().then(|| judge_failure(&report));
        self.record(step, report);
        step.events
            .extend(warning.map(|warning| EventBody::EvaluationError(Box::new(warning))));
        let (heard, asked) = (self.reports.len(), self.plan.judges.len());
        self.report_progress(
            step,
            share(heard, asked),
            format!("{heard} of {asked} judges done"),
        );
        if heard == asked {
            self.enter_aggregation(step);
        }
    }

    /// Ends the run. The usage of judges still working is recorded and reported, as it has to be
    /// paid for; it causes no warnings about failures.
    fn cancel(&mut self, step: &mut Step, reason: CancelReason, under_way: Vec<JudgeReport>) {
        for report in under_way {
            if self.unheard().contains(&report.judge_name) {
                self.record(step, report);
            }
        }
        let ending = Ending {
            status: Status::Cancelled,
            result: None,
            error: None,
        };
        self.end(
            step,
            EventBody::EvaluationCancelled(Cancelled { reason }),
            ending,
        );
    }

    fn record(&mut self, step: &mut Step, report: JudgeReport) {
        step.changes.push(Change::Report(Box::new(report.clone())));
        step.events
            .push(EventBody::JudgeResult(Box::new(report.clone())));
        self.reports.push(report);
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
        decisions: Vec<Decision>,
        processing_time_ms: u64,
    ) {
        let scored = self.reports.iter();
        let scored = scored
            .filter(|report| report.status == JudgeStatus::Completed)
            .count();
        // If there is nothing to check, no judge has to give a score.
        let enough = |result: &AuditResult| {
            result.outcome == Outcome::NothingToCheck || scored >= self.plan.quorum
        };
        let Some(result) = result.filter(|result| enough(result)) else {
            let error = too_few_scores(&self.reports, self.plan.quorum);
            return self.fail(step, error);
        };
        self.revise(step, decisions);
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

    /// Stores the panel's decisions, and reports each label that differs from the verifier's.
    fn revise(&mut self, step: &mut Step, decisions: Vec<Decision>) {
        let before: HashMap<ClaimId, &Verdict> = self
            .verdicts
            .iter()
            .map(|verdict| (verdict.claim.id, verdict))
            .collect();
        let mut views = views(&self.reports);
        for decision in &decisions {
            let Some(verdict) = before.get(&decision.claim_id) else {
                continue;
            };
            if verdict.label == decision.label {
                continue;
            }
            let revised = ClaimRevised {
                claim_id: decision.claim_id,
                index: verdict.claim.index,
                label: decision.label,
                confidence: decision.confidence,
                probability: decision.probability,
                previous_label: verdict.label,
                views: views.remove(&decision.claim_id).unwrap_or_default(),
            };
            step.events.push(EventBody::ClaimRevised(Box::new(revised)));
        }
        if !decisions.is_empty() {
            step.changes.push(Change::Decisions(decisions));
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
        step.changes.push(Change::Ended(Box::new(ending)));
        step.effects.push(Effect::End);
    }

    fn report_progress(&mut self, step: &mut Step, stage_progress: f64, message: String) {
        let (from, to) = extent(self.stage);
        let here = from + (to - from) * stage_progress / 100.0;
        // A stage may start again after a restart; the reported progress never decreases.
        self.progress = self.progress.max(here);
        step.events.push(EventBody::EvaluationProgress(Progress {
            stage: self.stage,
            progress: round_tenth(self.progress),
            stage_progress: round_tenth(stage_progress),
            message,
        }));
    }
}

#[cfg(test)]
#[path = "tests/run/mod.rs"]
mod tests;
