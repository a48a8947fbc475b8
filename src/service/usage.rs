//! Usage of tokens and money by judges, estimates for a run, and whether the budgets allow it.

use std::sync::Arc;

use chrono::{Days, Utc};

use tokio::time::timeout;

use crate::audit::material::prepare;
use crate::audit::retrieval::preview;
use crate::computing::Task;
use crate::config;
use crate::domain::document::Retrieved;
use crate::domain::ids::{CollectionId, SessionId, UserId};
use crate::judges::budget::Amount;
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{
    BudgetView, DayView, EstimateView, JudgeEstimate, UsageQuery, UsageView,
};
use crate::store::evaluations::Detail;
use crate::store::usage::{DayUsage, KeyDay, day};
use crate::store::{self, Db};

use super::grant::Author;
use super::{Service, refusal, unfinished};

impl Service {
    /// Returns the usage of a user's judges on each of the last days, in total or for the runs that
    /// one API key started.
    ///
    /// # Errors
    /// `validation`.
    pub(crate) async fn usage(
        &self,
        user: UserId,
        query: UsageQuery,
    ) -> Result<UsageView, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let now = Utc::now();
        let before = Days::new(query.days.unsigned_abs().saturating_sub(1));
        let first = day(now.checked_sub_days(before).unwrap_or(now));
        let key = query.key;
        let of_today = day(now);
        let read = move |db: &mut Db| {
            let days = store::usage::since(db, user, &first)?;
            let of_key = match key {
                None => None,
                Some(key) => Some((
                    store::usage::of_key_since(db, user, key, &first)?,
                    store::usage::key_day(db, user, key, &of_today)?,
                )),
            };
            let created_at = store::users::created_at(db, user)?;
            Ok((days, of_key, created_at))
        };
        let (all, of_key, created_at) = self.store.read(read).await.map_err(refusal)?;
        let (of_key, key_day) = of_key.unzip();
        // The budget belongs to the user, whichever key the query names.
        let used = today(&all, day(now));
        let days = of_key.unwrap_or(all);
        let today = today(&days, day(now));
        let is_new = created_at.is_some_and(|at| self.config.budgets.is_new(now - at));
        let of_day = self.budgets.of_user_day(is_new);
        let budget = budget(&self.config.budgets, of_day, &used, key_day.as_ref());
        Ok(UsageView {
            items: days.into_iter().map(day_view).collect(),
            today: day_view(today),
            budget,
        })
    }

    /// Estimates the maximum cost of a run of the evaluation.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`, `overloaded`.
    pub(crate) async fn estimate(
        &self,
        author: impl Into<Author>,
        id: SessionId,
    ) -> Result<EstimateView, Refusal> {
        let Author { user, api_key } = author.into();
        self.limits.estimates.check(&user).await?;
        let about = self.cores.about(user, id);
        let detail = self
            .store
            .read(move |db| store::evaluations::get(db, user, id))
            .await
            .map_err(refusal)?
            .ok_or_else(Refusal::not_found)?;
        let of_today = UsageQuery {
            days: 1,
            key: api_key,
        };
        let usage = self.usage(user, of_today).await?;
        let of_all = self.left_of_all().await?;
        let judges: Vec<_> = detail
            .config
            .judges
            .iter()
            .filter_map(|name| self.judges.get(name).cloned())
            .collect();
        let retrieval = detail
            .config
            .enable_retrieval
            .then_some(self.retrieval_chars);
        let retrieved = match detail.config.collection_id {
            None => Vec::new(),
            Some(collection) => {
                self.retrieved(&about.task, user, collection, &detail)
                    .await?
            }
        };
        let allowed = Arc::clone(&self.allowed_phrases);
        let estimate = move || {
            let case = prepare(
                (detail.source_text, detail.sources),
                detail.candidate_output,
                detail.question,
                retrieved,
                retrieval,
                (None, allowed),
            );
            let estimate = |judge: Arc<dyn crate::judges::Judge>| {
                let (profile, estimate) = (judge.profile(), judge.estimate(&case));
                JudgeEstimate {
                    judge_name: profile.name.clone(),
                    model: profile.model.clone(),
                    calls: estimate.map_or(0, |it| it.calls),
                    prompt_tokens: estimate.map_or(0, |it| it.prompt_tokens),
                    max_completion_tokens: estimate.map_or(0, |it| it.max_completion_tokens),
                    cost_usd: estimate.map_or(Some(0.0), |it| it.cost_usd),
                }
            };
            judges.into_iter().map(estimate).collect::<Vec<_>>()
        };
        let estimated = self.cores.compute(&about.task, estimate).await;
        let judges = estimated.map_err(unfinished)?;
        Ok(total(judges, &usage.budget, of_all))
    }

    /// Returns the remainder of today's budget that all users share.
    async fn left_of_all(&self) -> Result<LeftOfAll, Refusal> {
        let budgets = &self.config.budgets;
        let today = day(Utc::now());
        let used = self
            .store
            .read(move |db| store::usage::of_all(db, &today))
            .await
            .map_err(refusal)?;
        Ok(LeftOfAll::of(budgets, &used))
    }

    /// Returns the passages that a run would retrieve from the collection; empty if a run would
    /// continue without them.
    async fn retrieved(
        &self,
        task: &Task,
        user: UserId,
        collection: CollectionId,
        detail: &Detail,
    ) -> Result<Vec<Retrieved>, Refusal> {
        let (candidate, question) = (detail.candidate_output.clone(), detail.question.as_deref());
        let found = preview(
            &self.store,
            (&self.cores, task),
            user,
            collection,
            candidate,
            question,
        );
        match timeout(super::ANSWER_WITHIN, found).await {
            Ok(found) => Ok(found.unwrap_or_default()),
            Err(_) => {
                let message = "the collection can't be searched now";
                Err(Refusal::new(ErrorCode::Overloaded, message)
                    .after(super::refusals::DATABASE_AWAY))
            }
        }
    }
}

/// The remainder of the budget that all users share; `None` means no limit. The amounts are not
/// shown to users.
struct LeftOfAll {
    tokens: Option<u64>,
    usd: Option<f64>,
}

impl LeftOfAll {
    fn of(budgets: &config::Budgets, used: &DayUsage) -> Self {
        Self {
            tokens: limit(budgets.day_tokens).map(|limit| limit.saturating_sub(tokens(used))),
            usd: limit(budgets.day_usd).map(|limit| (limit - used.cost_usd).max(0.0)),
        }
    }
}

/// Converts a configured limit, in which 0 means none.
fn limit<T: Default + PartialOrd>(configured: T) -> Option<T> {
    (configured > T::default()).then_some(configured)
}

fn tokens(used: &DayUsage) -> u64 {
    used.prompt_tokens.saturating_add(used.completion_tokens)
}

/// Returns the budgets of a user and of an API key, and the remainders of today's.
fn budget(
    budgets: &config::Budgets,
    of_day: Amount,
    today: &DayUsage,
    key: Option<&KeyDay>,
) -> BudgetView {
    let (day_usd, day_tokens) = (limit(of_day.usd), limit(of_day.tokens));
    let of_key = key.map(|day| day.budget).unwrap_or_default();
    let used_by_key = key.map(|day| day.used.clone()).unwrap_or_default();
    BudgetView {
        run_usd: limit(budgets.run_usd),
        run_tokens: limit(budgets.run_tokens),
        user_day_usd: day_usd,
        user_day_tokens: day_tokens,
        left_today_usd: day_usd.map(|limit| (limit - today.cost_usd).max(0.0)),
        left_today_tokens: day_tokens.map(|limit| limit.saturating_sub(tokens(today))),
        key_day_usd: of_key.usd,
        key_day_tokens: of_key.tokens,
        key_left_today_usd: of_key
            .usd
            .map(|limit| (limit - used_by_key.cost_usd).max(0.0)),
        key_left_today_tokens: of_key
            .tokens
            .map(|limit| limit.saturating_sub(tokens(&used_by_key))),
    }
}

fn total(judges: Vec<JudgeEstimate>, budget: &BudgetView, of_all: LeftOfAll) -> EstimateView {
    let prompt_tokens: u64 = judges.iter().map(|judge| judge.prompt_tokens).sum();
    let max_completion_tokens = judges.iter().map(|judge| judge.max_completion_tokens).sum();
    let tokens = prompt_tokens.saturating_add(max_completion_tokens);
    let cost_usd: Option<f64> = judges.iter().map(|judge| judge.cost_usd).sum();
    let mut reasons = Vec::new();
    for (what, limit) in [
        ("the budget of a run", budget.run_tokens),
        ("what is left of the day", budget.left_today_tokens),
        (
            "what is left of the API key's day",
            budget.key_left_today_tokens,
        ),
    ] {
        if let Some(limit) = limit.filter(|limit| tokens > *limit) {
            reasons.push(format!(
                "{what} is {limit} tokens, and it may take {tokens}"
            ));
        }
    }
    let unpriced = judges.iter().find(|judge| judge.cost_usd.is_none());
    if let (Some(judge), Some(_)) = (unpriced, budget.key_day_usd) {
        reasons.push(format!(
            "the API key has a budget in money, and the model of the judge {} has no price",
            judge.judge_name
        ));
    }
    for (what, limit) in [
        ("the budget of a run", budget.run_usd),
        ("what is left of the day", budget.left_today_usd),
        (
            "what is left of the API key's day",
            budget.key_left_today_usd,
        ),
    ] {
        if let (Some(limit), Some(cost)) = (limit, cost_usd)
            && cost > limit
        {
            reasons.push(format!("{what} is ${limit}, and it may cost ${cost:.6}"));
        }
    }
    let over_tokens = of_all.tokens.is_some_and(|left| tokens > left);
    let over_usd = of_all
        .usd
        .zip(cost_usd)
        .is_some_and(|(left, cost)| cost > left);
    if over_tokens || over_usd {
        reasons.push("what is left today of the budget of all users does not bear it".to_owned());
    }
    EstimateView {
        calls: judges.iter().map(|judge| judge.calls).sum(),
        judges,
        prompt_tokens,
        max_completion_tokens,
        cost_usd,
        fits: reasons.is_empty(),
        reasons,
    }
}

fn today(days: &[DayUsage], today: String) -> DayUsage {
    let found = days.iter().find(|day| day.day == today).cloned();
    found.unwrap_or(DayUsage {
        day: today,
        ..DayUsage::default()
    })
}

pub(super) fn day_view(usage: DayUsage) -> DayView {
    DayView {
        day: usage.day,
        calls: usage.calls,
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
        cost_usd: usage.cost_usd,
    }
}

#[cfg(test)]
#[path = "tests/usage.rs"]
mod tests;
