//! What a user's judges used, by day, and what all users' judges did. It outlives the evaluations, and budgets are
//! held against it: the sum of all outlives the accounts too.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::columns::{counter, read_counter};
use super::schema::{evaluation_sessions, usage_days, usage_totals};
use crate::domain::ids::UserId;
use crate::domain::report::JudgeReport;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// What a user's judges used on one day.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DayUsage {
    /// UTC, `YYYY-MM-DD`.
    pub day: String,
    /// Requests to language models.
    pub calls: u64,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    /// In US dollars, of the models that have a price.
    pub cost_usd: f64,
}

/// The name of the day that a moment belongs to, in UTC.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// Adds what a report used to its user's day, in the transaction that writes the report.
pub(crate) fn add(
    db: &mut Db,
    session: &str,
    report: &JudgeReport,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // An offline judge uses nothing, and has no details; a language model was asked, whatever came of it.
    if report.usage.is_none() && report.details.is_none() {
        return Ok(());
    }
    let usage = report.usage.unwrap_or_default();
    let owner: Option<String> = evaluation_sessions::table
        .find(session)
        .select(evaluation_sessions::user_id)
        .first(db)
        .optional()?;
    let Some(owner) = owner else {
        return Ok(());
    };
    let day = day(now);
    let (calls, prompt, completion) = (
        i64::from(report.attempts),
        counter(usage.prompt_tokens),
        counter(usage.completion_tokens),
    );
    let cost = usage.cost_usd.unwrap_or(0.0);
    let added = diesel::update(usage_days::table.find((&owner, &day)))
        .set((
            usage_days::calls.eq(usage_days::calls + calls),
            usage_days::prompt_tokens.eq(usage_days::prompt_tokens + prompt),
            usage_days::completion_tokens.eq(usage_days::completion_tokens + completion),
            usage_days::cost_usd.eq(usage_days::cost_usd + cost),
        ))
        .execute(db)?;
    // The journal has one writer: nobody else makes the row in between.
    if added == 0 {
        diesel::insert_into(usage_days::table)
            .values((
                usage_days::user_id.eq(&owner),
                usage_days::day.eq(&day),
                usage_days::calls.eq(calls),
                usage_days::prompt_tokens.eq(prompt),
                usage_days::completion_tokens.eq(completion),
                usage_days::cost_usd.eq(cost),
            ))
            .execute(db)?;
    }
    let added = diesel::update(usage_totals::table.find(&day))
        .set((
            usage_totals::calls.eq(usage_totals::calls + calls),
            usage_totals::prompt_tokens.eq(usage_totals::prompt_tokens + prompt),
            usage_totals::completion_tokens.eq(usage_totals::completion_tokens + completion),
            usage_totals::cost_usd.eq(usage_totals::cost_usd + cost),
        ))
        .execute(db)?;
    if added == 0 {
        diesel::insert_into(usage_totals::table)
            .values((
                usage_totals::day.eq(&day),
                usage_totals::calls.eq(calls),
                usage_totals::prompt_tokens.eq(prompt),
                usage_totals::completion_tokens.eq(completion),
                usage_totals::cost_usd.eq(cost),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// What all users' judges used on one day.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn of_all(db: &mut Db, day: &str) -> Result<DayUsage, StoreError> {
    let row: Option<UsageRow> = usage_totals::table.find(day).first(db).optional()?;
    row.map_or_else(
        || {
            Ok(DayUsage {
                day: day.to_owned(),
                ..DayUsage::default()
            })
        },
        from_row,
    )
}

type UsageRow = (String, i64, i64, i64, f64);

fn from_row((day, calls, prompt, completion, cost_usd): UsageRow) -> Result<DayUsage, StoreError> {
    Ok(DayUsage {
        day,
        calls: read_counter(calls)?,
        prompt_tokens: read_counter(prompt)?,
        completion_tokens: read_counter(completion)?,
        cost_usd,
    })
}

/// The days from `first` on that have any use, the newest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn since(db: &mut Db, user: UserId, first: &str) -> Result<Vec<DayUsage>, StoreError> {
    let rows: Vec<UsageRow> = usage_days::table
        .filter(usage_days::user_id.eq(user.to_string()))
        .filter(usage_days::day.ge(first))
        .order(usage_days::day.desc())
        .select((
            usage_days::day,
            usage_days::calls,
            usage_days::prompt_tokens,
            usage_days::completion_tokens,
            usage_days::cost_usd,
        ))
        .load(db)?;
    rows.into_iter().map(from_row).collect()
}
