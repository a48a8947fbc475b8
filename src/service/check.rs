//! Checks an answer within a time limit: chooses the judges, charges their calls, and stores the
//! result if wanted.

use std::time::Duration;

use chrono::Utc;
use futures_util::future::try_join;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::audit::guard::{Answer, Checked, OfRun};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::report::{JudgeReport, views};
use crate::domain::verdict::Verdict;
use crate::judges::budget::{Amount, Granted, KeyPayer, Payer, RunBudget};
use crate::protocol::error::{FieldError, Refusal};
use crate::protocol::rest::{CheckRequest, CheckView, CheckedJudge, ClaimView, joined};
use crate::store::fleet::grants::{self, Sum};
use crate::store::usage::{DayUsage, day};
use crate::store::{self, Db, Store};

use super::grant::Author;
use super::preferences::judge_faults;
use super::{Service, detach};

/// First interval at which a run is polled for the reports of its judges; it doubles up to
/// `LOOK_SELDOM`.
const LOOK_FIRST: Duration = Duration::from_millis(10);
const LOOK_SELDOM: Duration = Duration::from_millis(200);

impl Service {
    /// Checks an answer within its time limit.
    ///
    /// # Errors
    /// `validation`, `rate_limited`, `draining`; and with `keep` the errors of `create_evaluation`.
    pub(crate) async fn check(
        &self,
        author: impl Into<Author>,
        body: CheckRequest,
    ) -> Result<CheckView, Refusal> {
        let began = Instant::now();
        let author = author.into();
        self.not_draining()?;
        self.limits.checks.check(&author.user)?;
        let mut faults = body.faults();
        let (judges, unknown) = self.check_judges(body.judges.clone());
        faults.extend(unknown);
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let until = began + Duration::from_millis(body.budget_ms());
        let others = self.guard.others(&judges);
        let (told, elsewhere) = mpsc::channel(1);
        let keeping = self.kept(author, &body, &judges, (&others, until), told);
        let checking = async {
            let paid = match (others.is_empty(), body.keep) {
                (false, false) => self.check_budget(author, until).await,
                // No judge is paid for, or the run pays.
                _ => None,
            };
            let asked_elsewhere = if paid.is_some() {
                Vec::new()
            } else {
                others.clone()
            };
            let answer = Answer {
                source: joined(body.source_text.clone(), body.sources.clone()),
                candidate: body.candidate_output.clone(),
                question: body.question.clone(),
                judges: judges.clone(),
                user: Some(author.user),
                run_budget: paid.clone().unwrap_or_default(),
                threshold: body.threshold,
                accept_missing: body.accept_missing,
                asked_elsewhere,
            };
            if paid.is_none() {
                return Ok(self.guard.check(answer, until, elsewhere).await);
            }
            // The check continues if the client disconnects: the usage of calls that were paid for
            // has to be counted.
            let (guard, store) = (self.guard.clone(), self.store.clone());
            let counts = self.live_counts.clone();
            let checking = detach(&self.live_counts, async move {
                let checked = guard.check(answer, until, elsewhere).await;
                // The client does not wait for it.
                detach(&counts, count_usage(store, author, checked.reports.clone()));
                checked
            });
            checking.await.map_err(|error| {
                tracing::error!(%error, "a check broke");
                Refusal::internal()
            })
        };
        let (evaluation_id, checked) = try_join(keeping, checking).await?;
        let panel = self.guard.stamp(&judges, &checked.reports);
        let missing = checked.missing.len();
        tracing::debug!(
            verdict = checked.verdict.as_str(),
            missing,
            "an answer was checked"
        );
        Ok(CheckView {
            verdict: checked.verdict,
            outcome_reason: checked.nothing_because(),
            threshold: checked.threshold,
            judges: checked.reports.iter().map(judge_view).collect(),
            claims: claim_views(&checked),
            reasons: checked.reasons,
            faithfulness: checked.faithfulness,
            non_claims: checked.non_claims,
            missing: checked.missing,
            panel,
            took_ms: began.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            evaluation_id,
        })
    }

    /// Returns the judges of a check, and the faults of the names that were given. A preference of
    /// the user plays no part: a check of 300 ms makes no query that can be avoided.
    pub(super) fn check_judges(
        &self,
        named: Option<Vec<String>>,
    ) -> (Vec<String>, Vec<FieldError>) {
        let faults = judge_faults(named.as_deref(), "/judges", &|name| self.has_judge(name));
        let usual = || self.config.runs.default_judges.clone();
        (named.unwrap_or_else(usual), faults)
    }

    /// With `keep`, stores the check as an evaluation with a run, and sends the reports of the
    /// run's judges until the deadline. Returns `None` without `keep`, or if it could not be stored
    /// in time.
    async fn kept(
        &self,
        author: Author,
        body: &CheckRequest,
        judges: &[String],
        (others, until): (&[String], Instant),
        told: mpsc::Sender<OfRun>,
    ) -> Result<Option<SessionId>, Refusal> {
        if !body.keep {
            return Ok(None);
        }
        let creating = self.create_evaluation(author, body.evaluation(judges), None);
        let Ok(created) = timeout_at(until, creating).await else {
            return Ok(None);
        };
        let id = created?.id;
        if !others.is_empty() {
            // The deadline may end it before all reports have arrived.
            let following = self.follow(author.user, id, others, &told);
            let _ = timeout_at(until, following).await;
        }
        Ok(Some(id))
    }

    /// Sends the reports that a run has stored of these judges, until all of them are sent or the
    /// receiver is dropped. Another node may work on the run, so that the database is polled.
    async fn follow(
        &self,
        owner: UserId,
        id: SessionId,
        others: &[String],
        told: &mpsc::Sender<OfRun>,
    ) {
        let mut pause = LOOK_FIRST;
        loop {
            tokio::select! {
                () = told.closed() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LOOK_SELDOM);
            let read = self
                .store
                .read(move |db| store::evaluations::get(db, owner, id));
            let Ok(Some(detail)) = read.await else {
                continue;
            };
            let mut reports = detail.judges;
            reports.retain(|report| others.contains(&report.judge_name));
            if reports.is_empty() {
                continue;
            }
            let is_all = reports.len() == others.len();
            let claims = detail.claims.iter().map(|stored| stored.claim.id).collect();
            if told.send(OfRun { claims, reports }).await.is_err() || is_all {
                return;
            }
        }
    }

    /// Returns the budget for the calls of a check, or `None` if the user's usage could not be read
    /// in time; then no judge is asked that has to be paid for.
    async fn check_budget(&self, author: Author, until: Instant) -> Option<RunBudget> {
        let Author { user, api_key } = author;
        let now = Utc::now();
        let today = day(now);
        let read = self.store.read(move |db: &mut Db| {
            let days = store::usage::since(db, user, &today)?;
            let of_all = store::usage::of_all(db, &today)?;
            let created_at = store::users::created_at(db, user)?;
            let of_user = days.into_iter().find(|used| used.day == today);
            let of_key = api_key.map(|key| store::usage::key_day(db, user, key, &today));
            let of_key = of_key.transpose()?;
            // Read with what is used, so that a report that is stored meanwhile counts once.
            let granted = grants::granted(db, &today, user, api_key)?;
            Ok((
                today,
                of_user.unwrap_or_default(),
                of_key,
                of_all,
                created_at,
                granted,
            ))
        });
        let read = timeout_at(until, read).await.ok()?.ok()?;
        let (today, of_user, of_key, of_all, created_at, granted) = read;
        let reserved = |sum: Sum| Amount {
            tokens: sum.tokens,
            usd: sum.usd,
        };
        let amount = |used: &DayUsage| Amount {
            tokens: used.prompt_tokens.saturating_add(used.completion_tokens),
            usd: used.cost_usd,
        };
        Some(self.ledger.run_budget(&Payer {
            user,
            is_new: created_at.is_some_and(|at| self.config.budgets.is_new(now - at)),
            day: &today,
            of_run: Amount::default(),
            of_user_day: amount(&of_user),
            of_day: amount(&of_all),
            key: of_key.map(|day| KeyPayer {
                key: day.key,
                limit: day.budget.into(),
                of_day: amount(&day.used),
            }),
            granted: Granted {
                of_user: reserved(granted.of_user),
                of_key: reserved(granted.of_key),
                of_all: reserved(granted.of_all),
            },
        }))
    }
}

/// Creates the view of a claim that has only the verifier's verdict.
pub(super) fn undisputed(verdict: Verdict) -> ClaimView {
    ClaimView {
        label: Some(verdict.label),
        confidence: Some(verdict.confidence),
        probability: Some(verdict.probability),
        verifier_label: Some(verdict.label),
        views: Vec::new(),
        evidence: verdict.evidence,
        reasoning: Some(verdict.reasoning),
        claim: verdict.claim,
        citations: Vec::new(),
    }
}

/// Creates the views of the claims with their verdicts.
fn claim_views(checked: &Checked) -> Vec<ClaimView> {
    let mut views = views(&checked.reports);
    let verifier = checked.verifier.iter().copied();
    let decided = checked.verdicts.iter().zip(verifier);
    let view = |(verdict, verifier): (&Verdict, _)| ClaimView {
        verifier_label: Some(verifier),
        views: views.remove(&verdict.claim.id).unwrap_or_default(),
        ..undisputed(verdict.clone())
    };
    decided.map(view).collect()
}

fn judge_view(report: &JudgeReport) -> CheckedJudge {
    CheckedJudge {
        name: report.judge_name.clone(),
        status: report.status,
        score: report.score,
        response_time_ms: report.response_time_ms,
        error: report.error.clone(),
    }
}

/// Adds the judges' usage to the user's usage of the day.
async fn count_usage(store: Store, author: Author, mut reports: Vec<JudgeReport>) {
    reports.retain(|report| report.usage.is_some() || report.details.is_some());
    if reports.is_empty() {
        return;
    }
    let (Author { user, api_key }, today) = (author, day(Utc::now()));
    let add = move |db: &mut Db| store::usage::add_of_check(db, (user, api_key), &today, &reports);
    if let Err(error) = store.write(add).await {
        tracing::error!(%user, %error, "what a check used could not be added to the day");
    }
}
