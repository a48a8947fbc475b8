//! Checks an answer within a time: what has to be heard for a verdict, who was heard by the end of it, what is missing.
//!
//! Everything is asked at once, as a run asks it. Whoever has not answered when the time is over is not waited for:
//! the computation is stopped, and a request that is under way counts as paid for. Deliberately not here: the rule
//! of the verdict (`domain::guard`), who may ask, and what is kept.

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

/// How long summing up may take beyond the time. It takes far less, unless all cores are at work for others; then
/// the answer is that nothing could be told.
const SUMMING_UP: Duration = Duration::from_millis(25);

/// What checks answers; one for the process. Clones share everything.
#[derive(Clone)]
pub(crate) struct Guard {
    pub judges: JudgeTable,
    /// How figures are computed.
    pub figures: figures::Settings,
    /// An operator's own labels, fitted.
    pub calibration: Option<Arc<Calibration>>,
    /// Where heavy texts are computed on.
    pub cores: Cores,
    /// The model in the binary, where it is used.
    pub encoder: Option<Arc<Encoder>>,
    /// What an operator knows to be no attack.
    pub allowed_phrases: Arc<AllowedPhrases>,
}

/// What to check, and by whom.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// What the output has to hold to: one text, and where each of several sources is in it.
    pub source: (String, Vec<NamedSource>),
    pub candidate: String,
    pub question: Option<String>,
    /// Names of judges that there are.
    pub judges: Vec<String>,
    /// Whose check it is; nobody's on the command line.
    pub user: Option<UserId>,
    /// What its calls are paid from.
    pub run_budget: RunBudget,
    /// Below it the answer is flagged, 0..1; none: the product's own.
    pub threshold: Option<f64>,
    /// Whether judges that ask others may be missing.
    pub accept_missing: bool,
    /// Who is heard elsewhere, and not asked here.
    pub asked_elsewhere: Vec<String>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub verdict: GuardVerdict,
    pub reasons: Vec<GuardReason>,
    /// None where there is no claim, and where too little was heard.
    pub faithfulness: Option<Faithfulness>,
    /// Below it an answer is flagged, whether or not there is a faithfulness.
    pub threshold: f64,
    /// The final verdicts, in the claims' order; none where not all were verified in time.
    pub verdicts: Vec<Verdict>,
    pub non_claims: Vec<NonClaim>,
    /// What the verifier alone made of each claim.
    pub verifier: Vec<Label>,
    /// Of every judge that was asked, in the order in which they were named.
    pub reports: Vec<JudgeReport>,
    /// Names of the judges without an answer, in that order.
    pub missing: Vec<String>,
}

/// What a run of the same texts has stored by now.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfRun {
    /// Its claims' ids, in the claims' order: the same claims as the check's, under other ids.
    pub claims: Vec<ClaimId>,
    pub reports: Vec<JudgeReport>,
}

/// What was heard of an answer whose claims are known.
struct Gathered {
    verdicts: Option<Vec<Verdict>>,
    reports: Vec<JudgeReport>,
}

impl Guard {
    /// Whether a judge needs nothing but this process, and little time.
    fn is_here(profile: &Profile) -> bool {
        KINDS.contains(&profile.kind.as_str())
    }

    /// Whether any of these judges may have to be paid for.
    pub(crate) fn asks_others(&self, names: &[String]) -> bool {
        let mut judges = names.iter().filter_map(|name| self.judges.get(name));
        judges.any(|judge| !judge.profile().offline)
    }

    /// Names of those of these judges that ask others.
    pub(crate) fn others(&self, names: &[String]) -> Vec<String> {
        let asks = |name: &&String| {
            let judge = self.judges.get(name);
            judge.is_some_and(|judge| !judge.profile().offline)
        };
        names.iter().filter(asks).cloned().collect()
    }

    /// Below it an answer is flagged where nothing else is asked for.
    pub(crate) fn threshold(&self, names: &[String]) -> f64 {
        let fitted = self.calibration_of(names);
        fitted.map_or(figures::THRESHOLD, |made| made.map.threshold)
    }

    /// The calibration, where it was fitted on these judges.
    fn calibration_of(&self, names: &[String]) -> Option<&Calibration> {
        let mut names = names.to_vec();
        names.sort();
        let made = self.calibration.as_deref();
        made.filter(|made| made.judges == names)
    }

    /// Checks an answer until then, and says what was heard. `elsewhere` brings the reports of those judges that are
    /// asked elsewhere, as far as they come in time.
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
            return self.concluded(&answer, &judges, None, began).await;
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
        self.concluded(&answer, &judges, known, began).await
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

    /// The verifier and every judge, each until then. Those that read what the verifier compares come after it, so
    /// that they don't keep a core waiting for it.
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
            (verdicts, heard(&here, case, until).await)
        };
        let of_run = heard_elsewhere(&answer.asked_elsewhere, case, elsewhere, until);
        let slower = join(heard(&slow, case, until), of_run);
        let ((verdicts, mut reports), (more, of_run)) = join(ours, slower).await;
        reports.extend(more);
        reports.extend(of_run);
        Gathered { verdicts, reports }
    }

    fn threshold_of(&self, answer: &Answer) -> f64 {
        let usual = || self.threshold(&answer.judges);
        answer.threshold.unwrap_or_else(usual)
    }

    /// One result of what was heard.
    async fn concluded(
        &self,
        answer: &Answer,
        judges: &[Arc<dyn Judge>],
        gathered: Option<(Gathered, Vec<NonClaim>)>,
        began: Instant,
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
                let deadline = Instant::now() + SUMMING_UP;
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
                .unwrap_or_else(|| unheard(profile, &answer.run_budget, began));
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

    /// The panel of these judges, as they answered.
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
    /// An answer of nobody's, whose calls are held to no budget, and which needs everybody to be heard.
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
    /// Why there is nothing to check, where there is nothing.
    pub(crate) fn nothing_because(&self) -> Option<&'static str> {
        let nothing = self.verdict == GuardVerdict::NothingToCheck;
        nothing.then(|| nothing_because(&self.non_claims))
    }
}

/// What these judges say until then.
async fn heard(judges: &[&Arc<dyn Judge>], case: &Arc<Case>, until: Instant) -> Vec<JudgeReport> {
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

/// What a run's judges of these names say until then, of the check's claims.
async fn heard_elsewhere(
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

/// The report of a judge that was not waited for any longer.
fn unheard(profile: &Profile, run_budget: &RunBudget, since: Instant) -> JudgeReport {
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
