//! Statistics over a user's evaluations. The database computes the sums; only labels, which it
//! cannot compare, are read one by one, for a limited number of evaluations.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text};

use super::columns::read_status;
use super::columns::{read_json, time};
use super::schema::{evaluation_runs, evaluation_sessions, judge_results};
use crate::domain::ids::UserId;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::verdict::ClaimLabel;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The number of evaluations of one day and status, with the sums of their scores.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DayCount {
    /// The day on which they were created, in UTC, `YYYY-MM-DD`.
    pub day: String,
    pub status: Status,
    pub count: i64,
    /// The sum of their consensus scores, and the number of evaluations that have one.
    pub consensus: (f64, i64),
    /// The sum of their hallucination scores, and the number of evaluations that have one.
    pub hallucination: (f64, i64),
    /// The sum of their probabilities, and the number of evaluations that have one.
    pub probability: (f64, i64),
    /// The number of their claims that are supported, refuted, and neither.
    pub claims: (i64, i64, i64),
}

/// The reports of one judge on one day with one status.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JudgeCount {
    pub name: String,
    pub kind: String,
    /// The day on which the evaluations were created, in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The status as on the wire, or [`NOT_WAITED_FOR`].
    pub status: String,
    pub count: i64,
    /// The sum of its scores, and their number.
    pub score: (f64, i64),
    /// The sum of its confidences, and their number.
    pub confidence: (f64, i64),
    pub response_time_ms: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// The cost in US dollars, and the number of reports that have a price.
    pub cost_usd: (f64, i64),
}

/// The labels that judges gave to the claims of one evaluation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Opinions {
    /// The agreement of the judges, where it is defined.
    pub agreement: Option<f64>,
    pub judges: Vec<(String, Vec<ClaimLabel>)>,
}

/// The status of judges whose run was cancelled while they were asked.
pub(crate) const NOT_WAITED_FOR: &str = "cancelled";

/// The SQL expression of a report's status; see [`NOT_WAITED_FOR`].
const STATUS: &str =
    "case when failure = 'cancelled' then 'cancelled' else judge_results.status end";

/// The day as SQL: both databases format a time so that its first ten characters are the date.
const DAY: &str = "substr(cast(evaluation_sessions.created_at as text), 1, 10)";

/// The selection of evaluations that are counted.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    pub user: UserId,
    /// Earliest time of creation.
    pub from: DateTime<Utc>,
    /// Tag that the evaluations have; `None` counts all.
    pub tag: Option<String>,
}

/// SQL condition that an evaluation has the tag, if one is given. A macro, because the expression's
/// type can't be named.
macro_rules! has_tag {
    ($tag:expr) => {
        sql::<Bool>("(")
            .bind::<Nullable<Text>, _>($tag.clone())
            .sql(
                " IS NULL OR EXISTS (SELECT 1 FROM evaluation_tags AS t \
                 WHERE t.session_id = evaluation_sessions.id AND t.tag = ",
            )
            .bind::<Nullable<Text>, _>($tag.clone())
            .sql("))")
    };
}

/// Returns the number of evaluations by day and status.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn days(db: &mut Db, selection: &Selection) -> Result<Vec<DayCount>, StoreError> {
    type Sum = (Option<f64>, i64);
    type Row = (String, String, i64, Sum, Sum, Sum, (i64, i64, i64));
    type Sums = (Nullable<Double>, BigInt);
    type Sql = (
        Text,
        Text,
        BigInt,
        Sums,
        Sums,
        Sums,
        (BigInt, BigInt, BigInt),
    );
    let columns = format!(
        "{DAY}, status, count(*), sum(consensus_score), count(consensus_score), \
         sum(hallucination_score), count(hallucination_score), sum(probability), count(probability), \
         {}, {}, {}",
        whole("claims_supported"),
        whole("claims_refuted"),
        whole("claims_not_enough_info"),
    );
    let rows: Vec<Row> = evaluation_sessions::table
        .filter(evaluation_sessions::user_id.eq(selection.user.to_string()))
        .filter(evaluation_sessions::created_at.ge(time(selection.from)))
        .filter(has_tag!(selection.tag))
        .group_by((sql::<Text>(DAY), evaluation_sessions::status))
        .order(sql::<Text>("1"))
        .select(sql::<Sql>(&columns))
        .load(db)?;
    let sum = |(sum, count): Sum| (sum.unwrap_or(0.0), count);
    rows.into_iter()
        .map(
            |(day, status, count, consensus, hallucination, probability, claims)| {
                Ok(DayCount {
                    day,
                    status: read_status(&status)?,
                    count,
                    consensus: sum(consensus),
                    hallucination: sum(hallucination),
                    probability: sum(probability),
                    claims,
                })
            },
        )
        .collect()
}

/// Returns the SQL for a sum of integers, for which PostgreSQL's type would be a decimal.
fn whole(column: &str) -> String {
    format!("cast(coalesce(sum({column}), 0) as bigint)")
}

/// Returns the reports of each judge by day, of the current run of each evaluation.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn judges(db: &mut Db, selection: &Selection) -> Result<Vec<JudgeCount>, StoreError> {
    type Sum = (Option<f64>, i64);
    type Row = (
        String,
        String,
        String,
        String,
        i64,
        Sum,
        Sum,
        (i64, i64, i64),
        Sum,
    );
    type Sums = (Nullable<Double>, BigInt);
    type Sql = (
        Text,
        Text,
        Text,
        Text,
        BigInt,
        Sums,
        Sums,
        (BigInt, BigInt, BigInt),
        Sums,
    );
    let columns = format!(
        "judge_name, kind, {DAY}, {STATUS}, count(*), sum(score), count(score), \
         sum(confidence), count(confidence), {}, {}, {}, sum(judge_results.cost_usd), count(judge_results.cost_usd)",
        whole("response_time_ms"),
        whole("prompt_tokens"),
        whole("completion_tokens"),
    );
    let same_run = judge_results::run_id
        .nullable()
        .eq(evaluation_sessions::run_id);
    let rows: Vec<Row> = evaluation_sessions::table
        .inner_join(judge_results::table.on(same_run))
        .filter(evaluation_sessions::user_id.eq(selection.user.to_string()))
        .filter(evaluation_sessions::created_at.ge(time(selection.from)))
        .filter(has_tag!(selection.tag))
        .group_by((
            judge_results::judge_name,
            judge_results::kind,
            sql::<Text>(DAY),
            sql::<Text>(STATUS),
        ))
        .order(sql::<Text>("1, 3"))
        .select(sql::<Sql>(&columns))
        .load(db)?;
    let sum = |(sum, count): Sum| (sum.unwrap_or(0.0), count);
    let counts = rows.into_iter().map(
        |(name, kind, day, status, count, score, confidence, (took, sent, received), cost)| {
            JudgeCount {
                name,
                kind,
                day,
                status,
                count,
                score: sum(score),
                confidence: sum(confidence),
                response_time_ms: took,
                prompt_tokens: sent,
                completion_tokens: received,
                cost_usd: sum(cost),
            }
        },
    );
    Ok(counts.collect())
}

/// Returns the judges' opinions in the newest evaluations with a result: at most `most`
/// evaluations, and no more once the results and labels that were read exceed `most_bytes`.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn opinions(
    db: &mut Db,
    selection: &Selection,
    (most, most_bytes): (i64, usize),
) -> Result<Vec<Opinions>, StoreError> {
    let runs: Vec<String> = evaluation_sessions::table
        .inner_join(
            evaluation_runs::table.on(evaluation_runs::id
                .nullable()
                .eq(evaluation_sessions::run_id)),
        )
        .filter(evaluation_sessions::user_id.eq(selection.user.to_string()))
        .filter(evaluation_sessions::created_at.ge(time(selection.from)))
        .filter(has_tag!(selection.tag))
        .filter(evaluation_runs::result.is_not_null())
        .order((
            evaluation_sessions::created_at.desc(),
            evaluation_sessions::id.desc(),
        ))
        .limit(most)
        .select(evaluation_runs::id)
        .load(db)?;
    let mut all = Vec::with_capacity(runs.len());
    let mut bytes = 0;
    for part in runs.chunks(20) {
        if bytes >= most_bytes {
            break;
        }
        let results: Vec<(String, String)> = evaluation_runs::table
            .filter(evaluation_runs::id.eq_any(part))
            .select((
                evaluation_runs::id,
                evaluation_runs::result.assume_not_null(),
            ))
            .load(db)?;
        let labels: Vec<(String, String, String)> = judge_results::table
            .filter(judge_results::run_id.eq_any(part))
            .order((judge_results::run_id, judge_results::judge_name))
            .select((
                judge_results::run_id,
                judge_results::judge_name,
                judge_results::claim_labels,
            ))
            .load(db)?;
        bytes += labels.iter().map(|(.., text)| text.len()).sum::<usize>();
        bytes += results.iter().map(|(_, text)| text.len()).sum::<usize>();
        for run in part {
            let Some((_, result)) = results.iter().find(|(of, _)| of == run) else {
                continue;
            };
            let result: AuditResult = read_json(result)?;
            let of_run = labels.iter().filter(|(of, ..)| of == run);
            let judges =
                of_run.map(|(_, judge, text)| Ok((judge.clone(), read_json(text.as_str())?)));
            all.push(Opinions {
                agreement: result.inter_judge_agreement,
                judges: judges.collect::<Result<_, StoreError>>()?,
            });
        }
    }
    Ok(all)
}
