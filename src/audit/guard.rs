//! Checks an answer within a time limit: runs the verifier and the judges, and decides on those
//! that finish in time.
//!
//! The verifier and all judges start at once, as in a run. At the deadline a computation is
//! stopped, and a request that is still running counts as paid for. Deliberately not here: the rule
//! of the verdict (`domain::guard`), authorization, and storage.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::computing::{Cores, Task};
use crate::domain::guard::{GuardReason, GuardVerdict, Heard, decide};
use crate::domain::ids::{ClaimId, UserId};
use crate::domain::panel::PanelStamp;
use crate::domain::report::{Failure, JudgeReport, JudgeStatus};
use crate::domain::result::{Faithfulness, NonClaim};
use crate::domain::settings::AggregationStrategy;
use crate::domain::source::NamedSource;
use crate::domain::verdict::{Label, Verdict};
use crate::figures;
use crate::figures::calibration::Calibration;
use crate::judges::budget::RunBudget;
use crate::judges::injection::AllowedPhrases;
use crate::judges::offline::KINDS;
use crate::judges::report::{assessed, cancelled};
use crate::judges::table::JudgeTable;
use crate::judges::{Case, Judge, Profile};
use crate::neural::Encoder;

use super::claims::{non_claims_of, nothing_because};
use super::conclusion::Method;
use super::material::prepare;
use super::panel::Question;
use super::stamp::{of_judges, of_profile, of_report};

/// Maximum time for the conclusion beyond the deadline. It takes far less unless all cores are
/// busy; then the result is that the answer could not be verified.
const SUMMING_UP: Duration = Duration::from_millis(25);

/// Returns when the conclusion has to be there: it has what is left of the time, also where the judges were quick and
/// the cores are busy.
fn concluded_by(until: Instant, now: Instant) -> Instant {
    until.max(now) + SUMMING_UP
}

/// Checks answers; one per process. Clones share their state.
#[derive(Clone)]
pub(crate) struct Guard {
    pub judges: JudgeTable,
    pub figures: figures::Settings,
    /// The calibration that was fitted on the operator's own labels.
    pub calibration: Option<Arc<Calibration>>,
    /// The threads for computations.
    pub cores: Cores,
    /// The built-in model; `None` where it is disabled.
    pub encoder: Option<Arc<Encoder>>,
    /// Phrases that the operator has declared harmless; the detection of prompt injection ignores
    /// them.
    pub allowed_phrases: Arc<AllowedPhrases>,
}

/// An answer to check, with the judges and the limits of the check.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The source text, and the span of each source in it where there are several.
    pub source: (String, Vec<NamedSource>),
    pub candidate: String,
    pub question: Option<String>,
    /// Names of configured judges.
    pub judges: Vec<String>,
    /// The user who asked for the check; `None` on the command line.
    pub user: Option<UserId>,
    /// The budget that the calls of judges are charged to.
    pub run_budget: RunBudget,
    /// The answer is flagged below this probability (0 to 1); `None` uses the calibrated or the
    /// built-in threshold.
    pub threshold: Option<f64>,
    /// True if the answer may pass although a judge that calls a remote model is missing.
    pub accept_missing: bool,
    /// Names of judges that a run asks already: their reports arrive over the channel, and they are
    /// not asked again.
    pub asked_elsewhere: Vec<String>,
}

/// The outcome of a check.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub verdict: GuardVerdict,
    pub reasons: Vec<GuardReason>,
    /// `None` if there is no claim, or if too few judges answered.
    pub faithfulness: Option<Faithfulness>,
    /// The threshold that was used, also where there is no faithfulness.
    pub threshold: f64,
    /// The final verdicts, in the order of the claims; empty if not all were verified in time.
    pub verdicts: Vec<Verdict>,
    pub non_claims: Vec<NonClaim>,
    /// The verifier's label of each claim, before the judges are weighed in.
    pub verifier: Vec<Label>,
    /// One report for each judge, in the order in which the judges were named.
    pub reports: Vec<JudgeReport>,
    /// Names of the judges without an answer, in the same order.
    pub missing: Vec<String>,
}

/// The reports that a run of the same texts has stored so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfRun {
    /// The run's ids of the claims, in the order of the check's claims: both have the same claims
    /// under different ids.
    pub claims: Vec<ClaimId>,
    pub reports: Vec<JudgeReport>,
}

/// The verdicts and reports that arrived in time.
struct Gathered {
    verdicts: Option<Vec<Verdict>>,
    reports: Vec<JudgeReport>,
}

impl Guard {
    /// Returns true for a judge that runs in this process, and so needs little time.
    fn is_here(profile: &Profile) -> bool {
        KINDS.contains(&profile.kind.as_str())
    }

    /// Returns the names of the judges that run in this process.
    pub(crate) fn in_program(&self) -> Vec<String> {
        let here = self
            .judges
            .profiles()
            .filter(|profile| Self::is_here(profile));
        here.map(|profile| profile.name.clone()).collect()
    }

    /// Returns true if one of these judges may cost money.
    pub(crate) fn asks_others(&self, names: &[String]) -> bool {
        let mut judges = names.iter().filter_map(|name| self.judges.get(name));
        judges.any(|judge| !judge.profile().offline)
    }

    /// Returns the names of those judges that call a remote model.
    pub(crate) fn others(&self, names: &[String]) -> Vec<String> {
        let asks = |name: &&String| {
            let judge = self.judges.get(name);
            judge.is_some_and(|judge| !judge.profile().offline)
        };
        names.iter().filter(asks).cloned().collect()
    }

    /// Returns the default threshold of these judges: the calibrated one where there is a
    /// calibration for them.
    pub(crate) fn threshold(&self, names: &[String]) -> f64 {
        let fitted = self.calibration_of(names);
        fitted.map_or(figures::THRESHOLD, |made| made.map.threshold)
    }

    /// Returns the calibration if it was fitted on exactly these judges.
    fn calibration_of(&self, names: &[String]) -> Option<&Calibration> {
        let mut names = names.to_vec();
        names.sort();
        let made = self.calibration.as_deref();
        made.filter(|made| made.judges == names)
    }

    /// Checks an answer until the deadline `until`. `elsewhere` delivers the reports of the judges
    /// in `asked_elsewhere`, as far as they arrive in time.
    pub(crate) async fn check(
        &self,
        answer: Answer,
        until: Instant,
        elsewhere: mpsc::Receiver<OfRun>,
    ) -> Checked {
        let began = Instant::now();
        let task = Task::of(answer.user);
        let judges: Vec<Arc<dyn Judge>> = answer
            .judges
            .iter()
            .filter_map(|name| self.judges.get(name).cloned())
            .collect();
        let case = timeout_at(until, self.case(&task, &answer)).await;
        let Ok(Some((case, non_claims))) = case else {
            return self.concluded(&answer, &judges, None, [began, until]).await;
        };
        if case.claims().is_empty() {
            return Checked {
                verdict: GuardVerdict::NothingToCheck,
                reasons: Vec::new(),
                faithfulness: None,
                threshold: self.threshold_of(&answer),
                verdicts: Vec::new(),
                verifier: Vec::new(),
                non_claims,
                reports: Vec::new(),
                missing: Vec::new(),
            };
        }
        let case = Arc::new(Case {
            user: answer.user,
            run_budget: answer.run_budget.clone(),
            ..case
        });
        let gathered = self.gather(&answer, &judges, &task, &case, until, elsewhere);
        let gathered = gathered.await;
        let known = Some((gathered, non_claims));
        self.concluded(&answer, &judges, known, [began, until])
            .await
    }

    async fn case(&self, task: &Task, answer: &Answer) -> Option<(Case, Vec<NonClaim>)> {
        let (source, candidate) = (answer.source.clone(), answer.candidate.clone());
        let question = answer.question.clone();
        let known = (self.encoder.clone(), Arc::clone(&self.allowed_phrases));
        let read = move || {
            let non_claims = non_claims_of(&candidate);
            let case = prepare(source, candidate, question, Vec::new(), None, known);
            (case, non_claims)
        };
        self.cores.compute(task, read).await.ok()
    }

    /// Runs the verifier and every judge until the deadline. Judges in this process start after the
    /// verifier, because they read its comparisons and would otherwise block a core while they wait
    /// for it.
    async fn gather(
        &self,
        answer: &Answer,
        judges: &[Arc<dyn Judge>],
        task: &Task,
        case: &Arc<Case>,
        until: Instant,
        elsewhere: mpsc::Receiver<OfRun>,
    ) -> Gathered {
        let asked =
            |judge: &&Arc<dyn Judge>| !answer.asked_elsewhere.contains(&judge.profile().name);
        let (here, slow): (Vec<_>, Vec<_>) = judges
            .iter()
            .filter(asked)
            .partition(|judge| Self::is_here(judge.profile()));
        let verified = {
            let case = Arc::clone(case);
            let verify = move || {
                let all = 0..case.claims().len();
                all.map(|at| case.compared.verdict(at)).collect::<Vec<_>>()
            };
            timeout_at(until, self.cores.compute(task, verify))
        };
        let ours = async {
            let verdicts = verified.await.ok().and_then(Result::ok);
            (verdicts, answers(&here, case, until).await)
        };
        let of_run = answers_of_run(&answer.asked_elsewhere, case, elsewhere, until);
        let slower = join(answers(&slow, case, until), of_run);
        let ((verdicts, mut reports), (more, of_run)) = join(ours, slower).await;
        reports.extend(more);
        reports.extend(of_run);
        Gathered { verdicts, reports }
    }

    fn threshold_of(&self, answer: &Answer) -> f64 {
        let usual = || self.threshold(&answer.judges);
        answer.threshold.unwrap_or_else(usual)
    }

    /// Combines the reports that arrived into one result.
    async fn concluded(
        &self,
        answer: &Answer,
        judges: &[Arc<dyn Judge>],
        gathered: Option<(Gathered, Vec<NonClaim>)>,
        [began, until]: [Instant; 2],
    ) -> Checked {
        let (verdicts, heard, non_claims) = match gathered {
            None => (None, Vec::new(), Vec::new()),
            Some((gathered, non_claims)) => (gathered.verdicts, gathered.reports, non_claims),
        };
        let claims = verdicts.as_ref().map(Vec::len);
        let answered: Vec<JudgeReport> = heard
            .iter()
            .filter(|report| !report.status.is_failure())
            .cloned()
            .collect();
        let labels = |verdicts: &Vec<Verdict>| verdicts.iter().map(|v| v.label).collect();
        let verifier: Vec<Label> = verdicts.as_ref().map(labels).unwrap_or_default();
        let concluded = match verdicts {
            None => None,
            Some(verdicts) => {
                let deadline = concluded_by(until, Instant::now());
                let conclude = self.conclude(answer, verdicts, answered);
                timeout_at(deadline, conclude).await.ok().flatten()
            }
        };
        let is_verified = concluded.is_some();
        let (verdicts, faithfulness) = concluded.unwrap_or_default();
        let mut reports = Vec::with_capacity(judges.len());
        let (mut missing, mut missing_here) = (Vec::new(), 0);
        for judge in judges {
            let profile = judge.profile();
            let known = heard
                .iter()
                .find(|report| report.judge_name == profile.name);
            let report = known
                .cloned()
                .unwrap_or_else(|| timed_out(profile, &answer.run_budget, began));
            if report.status.is_failure() {
                missing.push(profile.name.clone());
                missing_here += usize::from(Self::is_here(profile));
            }
            reports.push(report);
        }
        let threshold = self.threshold_of(answer);
        let faithfulness = faithfulness.map(|figure| Faithfulness {
            flagged: figure.probability < threshold,
            threshold,
            ..figure
        });
        let (verdict, reasons) = decide(Heard {
            claims,
            verified: is_verified,
            probability: faithfulness.as_ref().map(|figure| figure.probability),
            threshold,
            missing_here,
            missing_elsewhere: missing.len() - missing_here,
            accept_missing: answer.accept_missing,
        });
        Checked {
            verdict,
            reasons,
            faithfulness,
            threshold,
            verifier: if is_verified { verifier } else { Vec::new() },
            verdicts,
            non_claims,
            reports,
            missing,
        }
    }

    /// Returns the stamp of these judges; a judge without a report is stamped as it is configured.
    pub(crate) fn stamp(&self, names: &[String], reports: &[JudgeReport]) -> PanelStamp {
        let judges = names.iter().filter_map(|name| {
            let report = reports.iter().find(|report| report.judge_name == *name);
            let profile = || {
                self.judges
                    .get(name)
                    .map(|judge| of_profile(judge.profile()))
            };
            report.map(of_report).or_else(profile)
        });
        let fitted = self.calibration_of(names).map(|made| made.hash.as_str());
        of_judges(judges.collect(), self.encoder.is_some(), fitted)
    }

    async fn conclude(
        &self,
        answer: &Answer,
        verdicts: Vec<Verdict>,
        reports: Vec<JudgeReport>,
    ) -> Option<(Vec<Verdict>, Option<Faithfulness>)> {
        let (weights, settings) = (self.judges.weights(), self.figures);
        let calibration = self.calibration.clone();
        let conclude = move || {
            let method = Method {
                weights: &weights,
                strategy: AggregationStrategy::default(),
                settings: &settings,
                calibration: calibration.as_deref(),
            };
            let conclusion = method.conclude(verdicts, &reports, None);
            let figure = conclusion.result.and_then(|result| result.faithfulness);
            (conclusion.verdicts, figure)
        };
        let task = Task::of(answer.user);
        self.cores.compute(&task, conclude).await.ok()
    }
}

impl Answer {
    /// Creates an answer without a user and without a budget, for which every judge is required.
    pub(crate) fn of_nobody(texts: Question, judges: Vec<String>, threshold: Option<f64>) -> Self {
        Self {
            source: (texts.source, Vec::new()),
            candidate: texts.candidate,
            question: texts.question,
            judges,
            user: None,
            run_budget: RunBudget::default(),
            threshold,
            accept_missing: false,
            asked_elsewhere: Vec::new(),
        }
    }
}

impl Checked {
    /// Returns the reason if there is nothing to check.
    pub(crate) fn nothing_because(&self) -> Option<&'static str> {
        let nothing = self.verdict == GuardVerdict::NothingToCheck;
        nothing.then(|| nothing_because(&self.non_claims))
    }
}

/// Returns the reports of the judges that answer before the deadline.
async fn answers(judges: &[&Arc<dyn Judge>], case: &Arc<Case>, until: Instant) -> Vec<JudgeReport> {
    let mut asking: FuturesUnordered<_> = judges
        .iter()
        .map(|judge| assessed(judge.as_ref(), Arc::clone(case)))
        .collect();
    let mut reports = Vec::with_capacity(judges.len());
    while let Ok(Some(report)) = timeout_at(until, asking.next()).await {
        reports.push(report);
    }
    reports
}

/// Returns the reports of these judges that a run stores before the deadline, with the ids of the
/// check's claims.
async fn answers_of_run(
    names: &[String],
    case: &Case,
    mut elsewhere: mpsc::Receiver<OfRun>,
    until: Instant,
) -> Vec<JudgeReport> {
    let mut found: Vec<JudgeReport> = Vec::new();
    while found.len() < names.len() {
        let Ok(Some(stored)) = timeout_at(until, elsewhere.recv()).await else {
            break;
        };
        for mut report in stored.reports {
            let is_new = found.iter().all(|one| one.judge_name != report.judge_name);
            if !names.contains(&report.judge_name) || !is_new {
                continue;
            }
            for label in &mut report.claim_verdicts {
                let at = stored.claims.iter().position(|id| *id == label.claim_id);
                if let Some(claim) = at.and_then(|at| case.claims().get(at)) {
                    label.claim_id = claim.id;
                }
            }
            found.push(report);
        }
    }
    found
}

/// Creates the report of a judge that did not answer in time.
fn timed_out(profile: &Profile, run_budget: &RunBudget, since: Instant) -> JudgeReport {
    let elapsed = since.elapsed();
    JudgeReport {
        status: JudgeStatus::Timeout,
        failure: Some(Failure::Timeout),
        error: Some(format!(
            "it was not heard within {} ms",
            elapsed.as_millis()
        )),
        ..cancelled(profile, run_budget.close(&profile.name), elapsed)
    }
}

#[cfg(test)]
#[path = "tests/guard.rs"]
mod tests;
