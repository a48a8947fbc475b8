//! Statistics over a user's evaluations.

use std::collections::BTreeMap;

use chrono::{Days, NaiveTime, Utc};

use crate::computing::Task;
use crate::domain::ids::UserId;
use crate::domain::run::Status;
use crate::protocol::error::Refusal;
use crate::protocol::rest::{
    ClaimTotals, DayFigures, Disagreement, EvaluationCounts, JudgeDay, JudgeFigures,
    StatisticsQuery, StatisticsView,
};
use crate::store;
use crate::store::statistics::{DayCount, JudgeCount, NOT_WAITED_FOR, Opinions, Selection};
use crate::store::usage::day;

use super::{Service, refusal, unfinished};

/// Maximum number of evaluations from which the agreement of judges is computed, since their labels
/// are read one by one.
const COMPARED: i64 = 1000;

/// Maximum number of bytes of results and labels that are read for it; a claim takes some 150 bytes
/// for each judge.
const COMPARED_BYTES: usize = 32 << 20;

/// Maximum number of concurrent computations of statistics; a waiting one holds no resources yet.
/// One keeps a connection and a core busy for a second or two, and results change little in that
/// time.
pub(crate) const STATISTICS_AT_ONCE: usize = 1;

/// A sum and the number of its terms.
type Sum = (f64, i64);

impl Service {
    /// Returns the statistics of the last days.
    ///
    /// # Errors
    /// `validation`, `rate_limited`.
    pub(crate) async fn statistics(
        &self,
        user: UserId,
        query: StatisticsQuery,
    ) -> Result<StatisticsView, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        self.limits.statistics.check(&user).await?;
        let _turn = self.statistics.acquire().await;
        let now = Utc::now();
        let before = Days::new(query.days.unsigned_abs().saturating_sub(1));
        let first = now.checked_sub_days(before).unwrap_or(now);
        let from = first.date_naive().and_time(NaiveTime::MIN).and_utc();
        let selection = Selection {
            user,
            from,
            tag: query.tag,
        };
        let (days, judges, opinions) = self
            .store
            .search(move |db, _| {
                let days = store::statistics::days(db, &selection)?;
                let judges = store::statistics::judges(db, &selection)?;
                let most = (COMPARED, COMPARED_BYTES);
                let opinions = store::statistics::opinions(db, &selection, most)?;
                Ok((days, judges, opinions))
            })
            .await
            .map_err(refusal)?;
        let summed = move || {
            let period = (query.days, day(first), day(now));
            summed(period, &days, judges, &opinions)
        };
        let task = Task::of(user);
        self.cores.compute(&task, summed).await.map_err(unfinished)
    }
}

fn summed(
    (days, from, to): (i64, String, String),
    by_day_and_status: &[DayCount],
    judges: Vec<JudgeCount>,
    opinions: &[Opinions],
) -> StatisticsView {
    let sum = |of: fn(&DayCount) -> Sum| by_day_and_status.iter().map(of).fold((0.0, 0), add);
    let agreements = opinions.iter().filter_map(|one| one.agreement);
    StatisticsView {
        days,
        from,
        to,
        evaluations: counts(by_day_and_status),
        mean_consensus_score: mean(sum(|day| day.consensus)),
        mean_hallucination_score: mean(sum(|day| day.hallucination)),
        mean_probability: mean(sum(|day| day.probability)),
        claims: claim_totals(by_day_and_status.iter()),
        mean_agreement: mean(agreements.fold((0.0, 0), |all, one| add(all, (one, 1)))),
        compared: opinions.len(),
        disagreements: disagreements(opinions),
        by_day: by_day(by_day_and_status),
        by_judge: by_judge(judges),
    }
}

fn add((sum, count): Sum, (more, number): Sum) -> Sum {
    (sum + more, count + number)
}

fn mean((sum, count): Sum) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

fn counts(days: &[DayCount]) -> EvaluationCounts {
    let mut counts = EvaluationCounts::default();
    for day in days {
        counts.total += day.count;
        match day.status {
            Status::Completed => counts.completed += day.count,
            Status::Failed => counts.failed += day.count,
            Status::Cancelled => counts.cancelled += day.count,
            Status::Pending | Status::InProgress => {}
        }
    }
    counts
}

fn by_day(days: &[DayCount]) -> Vec<DayFigures> {
    let mut all = BTreeMap::<&str, Vec<&DayCount>>::new();
    for one in days {
        all.entry(&one.day).or_default().push(one);
    }
    let figures = all.into_iter().map(|(day, counts)| {
        let sum = |of: fn(&DayCount) -> Sum| counts.iter().copied().map(of).fold((0.0, 0), add);
        DayFigures {
            day: day.to_owned(),
            evaluations: counts.iter().map(|one| one.count).sum(),
            mean_consensus_score: mean(sum(|one| one.consensus)),
            mean_hallucination_score: mean(sum(|one| one.hallucination)),
            mean_probability: mean(sum(|one| one.probability)),
            claims: claim_totals(counts.iter().copied()),
        }
    });
    figures.collect()
}

fn claim_totals<'a>(days: impl Iterator<Item = &'a DayCount>) -> ClaimTotals {
    let none = ClaimTotals {
        supported: 0,
        refuted: 0,
        not_enough_info: 0,
    };
    days.fold(none, |all, day| ClaimTotals {
        supported: all.supported + day.claims.0,
        refuted: all.refuted + day.claims.1,
        not_enough_info: all.not_enough_info + day.claims.2,
    })
}

fn by_judge(counts: Vec<JudgeCount>) -> Vec<JudgeFigures> {
    let mut all = BTreeMap::<String, Vec<JudgeCount>>::new();
    for count in counts {
        all.entry(count.name.clone()).or_default().push(count);
    }
    all.into_values().filter_map(judge).collect()
}

/// Sums up one judge. If its kind was changed under the same name, the last kind is reported.
fn judge(counts: Vec<JudgeCount>) -> Option<JudgeFigures> {
    let last = counts.last()?;
    let (judge_name, kind) = (last.name.clone(), last.kind.clone());
    let number = |of: fn(&JudgeCount) -> i64| counts.iter().map(of).sum::<i64>();
    let sum = |of: fn(&JudgeCount) -> Sum| counts.iter().map(of).fold((0.0, 0), add);
    let with = |status: &str| {
        let these = counts.iter().filter(|count| count.status == status);
        these.map(|count| count.count).sum::<i64>()
    };
    // A judge whose run was cancelled has not failed, but its usage was paid for.
    let results = number(|count| count.count) - with(NOT_WAITED_FOR);
    let (completed, abstained) = (with("completed"), with("abstained"));
    let (cost, priced) = sum(|count| count.cost_usd);
    let answers = counts.iter().filter(|count| count.status != NOT_WAITED_FOR);
    let took = answers.clone().map(|count| count.response_time_ms);
    let took = took.sum::<i64>() as f64;
    let mut days = BTreeMap::<&str, (i64, Sum)>::new();
    for count in answers {
        let (results, score) = days.entry(&count.day).or_default();
        *results += count.count;
        *score = add(*score, count.score);
    }
    let by_day = days.into_iter().map(|(day, (results, score))| JudgeDay {
        day: day.to_owned(),
        results,
        mean_score: mean(score),
    });
    Some(JudgeFigures {
        judge_name,
        kind,
        results,
        completed,
        failed: results - completed - abstained,
        abstained,
        mean_score: mean(sum(|count| count.score)),
        mean_confidence: mean(sum(|count| count.confidence)),
        mean_response_time_ms: mean((took, results)),
        prompt_tokens: number(|count| count.prompt_tokens),
        completion_tokens: number(|count| count.completion_tokens),
        cost_usd: (priced > 0).then_some(cost),
        by_day: by_day.collect(),
    })
}

fn disagreements(all: &[Opinions]) -> Vec<Disagreement> {
    let mut pairs = BTreeMap::<(&str, &str), (u64, u64)>::new();
    for opinions in all {
        for (place, (first, labels)) in opinions.judges.iter().enumerate() {
            let labels: BTreeMap<_, _> =
                labels.iter().map(|one| (one.claim_id, one.label)).collect();
            for (second, others) in &opinions.judges[place + 1..] {
                let pair = (first.as_str().min(second), first.as_str().max(second));
                for other in others {
                    let Some(label) = labels.get(&other.claim_id) else {
                        continue;
                    };
                    let (claims, disagreed) = pairs.entry(pair).or_default();
                    *claims += 1;
                    *disagreed += u64::from(*label != other.label);
                }
            }
        }
    }
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|((first, second), (claims, disagreed))| Disagreement {
        judges: [first.to_owned(), second.to_owned()],
        claims,
        disagreed,
        share: disagreed as f64 / claims as f64,
    });
    pairs.collect()
}

#[cfg(test)]
#[path = "tests/statistics.rs"]
mod tests;
