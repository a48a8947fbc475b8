//! Daily usage of judges: by user, by API key, and in total. It outlives the evaluations, and
//! budgets are checked against it; the total also outlives the accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Double, Text};

use super::api_keys;
use super::columns::{counter, read_counter};
use super::schema::{
    api_key_usage_days, evaluation_runs, evaluation_sessions, usage_days, usage_totals,
};
use crate::domain::credential::DayBudget;
use crate::domain::ids::{ApiKeyId, SessionId, UserId};
use crate::domain::report::JudgeReport;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The usage of a user's judges on one day.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DayUsage {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// Number of requests to language models.
    pub calls: u64,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    /// Cost in US dollars, of the models that have a price.
    pub cost_usd: f64,
}

/// Returns the day of a time, in UTC, `YYYY-MM-DD`.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// Usage that is to be added to a day.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    calls: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    cost_usd: f64,
}

impl Used {
    fn of(report: &JudgeReport) -> Self {
        let usage = report.usage.unwrap_or_default();
        Self {
            calls: i64::from(report.attempts),
            prompt_tokens: counter(usage.prompt_tokens),
            completion_tokens: counter(usage.completion_tokens),
            cost_usd: usage.cost_usd.unwrap_or(0.0),
        }
    }

    fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self
            .completion_tokens
            .saturating_add(other.completion_tokens);
        self.cost_usd += other.cost_usd;
    }
}

/// Adds the usage of reports to the days of their users, in the transaction that stores the
/// reports. Each row is updated once: users in order, then keys in order, and the total last, so
/// that two nodes that update the same rows cannot deadlock.
pub(crate) fn add(
    db: &mut Db,
    reports: &[(SessionId, String, &JudgeReport)],
) -> Result<(), StoreError> {
    // Offline judges have no usage and no details; a language model was paid for whatever the
    // outcome.
    let paid: Vec<_> = reports
        .iter()
        .filter(|(_, _, report)| report.usage.is_some() || report.details.is_some())
        .collect();
    if paid.is_empty() {
        return Ok(());
    }
    let sessions: BTreeSet<String> = paid
        .iter()
        .map(|(session, ..)| session.to_string())
        .collect();
    let owners: Vec<(String, String, Option<String>)> = evaluation_sessions::table
        .left_join(
            evaluation_runs::table.on(evaluation_runs::id
                .nullable()
                .eq(evaluation_sessions::run_id)),
        )
        .filter(evaluation_sessions::id.eq_any(sessions))
        .select((
            evaluation_sessions::id,
            evaluation_sessions::user_id,
            evaluation_runs::api_key_id.nullable(),
        ))
        .load(db)?;
    let owners: HashMap<String, (String, Option<String>)> = owners
        .into_iter()
        .map(|(session, user, key)| (session, (user, key)))
        .collect();
    let mut of_users: BTreeMap<(&str, &str), Used> = BTreeMap::new();
    let mut of_keys: BTreeMap<(&str, &str), (&str, Used)> = BTreeMap::new();
    let mut of_all: BTreeMap<&str, Used> = BTreeMap::new();
    let mut of_sessions: BTreeMap<String, Used> = BTreeMap::new();
    for (session, day, report) in paid {
        let Some((user, key)) = owners.get(&session.to_string()) else {
            continue;
        };
        let used = Used::of(report);
        of_users.entry((user, day)).or_default().add(used);
        if let Some(key) = key {
            let (_, of_key) = of_keys.entry((key, day)).or_insert((user, Used::default()));
            of_key.add(used);
        }
        of_all.entry(day).or_default().add(used);
        let of_session = of_sessions.entry(session.to_string());
        of_session.or_default().add(used);
    }
    add_of_users(db, of_users)?;
    add_of_keys(db, of_keys)?;
    add_of_all(db, of_all)?;
    if let Db::Pg(c) = db {
        let of_sessions = of_sessions.into_iter().map(|(session, used)| {
            let tokens = used.prompt_tokens.saturating_add(used.completion_tokens);
            (session, tokens, used.cost_usd)
        });
        spend_grants(c, of_sessions.collect())?;
    }
    Ok(())
}

/// Adds the usage of a check's judges, which belongs to no evaluation.
///
/// # Errors
/// `Unavailable`; `Query`, such as for a user who was deleted meanwhile.
pub(crate) fn add_of_check(
    db: &mut Db,
    (user, key): (UserId, Option<ApiKeyId>),
    day: &str,
    reports: &[JudgeReport],
) -> Result<(), StoreError> {
    let mut used = Used::default();
    for report in reports {
        used.add(Used::of(report));
    }
    let user = user.to_string();
    add_of_users(db, BTreeMap::from([((&*user, day), used)]))?;
    if let Some(key) = key.map(|key| key.to_string()) {
        add_of_keys(db, BTreeMap::from([((&*key, day), (&*user, used))]))?;
    }
    add_of_all(db, BTreeMap::from([(day, used)]))
}

fn calls(of: &[Used]) -> Vec<i64> {
    of.iter().map(|used| used.calls).collect()
}

fn prompt(of: &[Used]) -> Vec<i64> {
    of.iter().map(|used| used.prompt_tokens).collect()
}

fn completion(of: &[Used]) -> Vec<i64> {
    of.iter().map(|used| used.completion_tokens).collect()
}

fn cost(of: &[Used]) -> Vec<f64> {
    of.iter().map(|used| used.cost_usd).collect()
}

/// Adds what is inserted to the row `d` that is there.
const ADDED: &str = "calls = d.calls + excluded.calls, \
     prompt_tokens = d.prompt_tokens + excluded.prompt_tokens, \
     completion_tokens = d.completion_tokens + excluded.completion_tokens, \
     cost_usd = d.cost_usd + excluded.cost_usd";

/// Adds usage by user and day. Many rows share a statement where a round trip costs more than the
/// statement itself.
fn add_of_users(db: &mut Db, of_users: BTreeMap<(&str, &str), Used>) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(c) => {
            for ((user, day), used) in of_users {
                diesel::sql_query(format!(
                    "INSERT INTO usage_days AS d (calls, prompt_tokens, completion_tokens, cost_usd, user_id, day) \
                     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, day) DO UPDATE SET {ADDED}",
                ))
                .bind::<BigInt, _>(used.calls)
                .bind::<BigInt, _>(used.prompt_tokens)
                .bind::<BigInt, _>(used.completion_tokens)
                .bind::<Double, _>(used.cost_usd)
                .bind::<Text, _>(user)
                .bind::<Text, _>(day)
                .execute(c)?;
            }
        }
        Db::Pg(c) => {
            let (keys, used): (Vec<_>, Vec<_>) = of_users.into_iter().unzip();
            let (users, days): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
            diesel::sql_query(format!(
                "INSERT INTO usage_days AS d (user_id, day, calls, prompt_tokens, completion_tokens, cost_usd) \
                 SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, day) DO UPDATE SET {ADDED}",
            ))
            .bind::<Array<Text>, _>(users)
            .bind::<Array<Text>, _>(days)
            .bind::<Array<BigInt>, _>(calls(&used))
            .bind::<Array<BigInt>, _>(prompt(&used))
            .bind::<Array<BigInt>, _>(completion(&used))
            .bind::<Array<Double>, _>(cost(&used))
            .execute(c)?;
        }
    }
    Ok(())
}

/// Adds usage by key and day, with the key's user. There are few rows, since most runs are started
/// by a login or by the same key.
fn add_of_keys(
    db: &mut Db,
    of_keys: BTreeMap<(&str, &str), (&str, Used)>,
) -> Result<(), StoreError> {
    for ((key, day), (user, used)) in of_keys {
        diesel::sql_query(format!(
            "INSERT INTO api_key_usage_days AS d \
             (api_key_id, day, user_id, calls, prompt_tokens, completion_tokens, cost_usd) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (api_key_id, day) DO UPDATE SET {ADDED}",
        ))
        .bind::<Text, _>(key)
        .bind::<Text, _>(day)
        .bind::<Text, _>(user)
        .bind::<BigInt, _>(used.calls)
        .bind::<BigInt, _>(used.prompt_tokens)
        .bind::<BigInt, _>(used.completion_tokens)
        .bind::<Double, _>(used.cost_usd)
        .execute(db)?;
    }
    Ok(())
}

/// Adds usage by day to the total.
fn add_of_all(db: &mut Db, of_all: BTreeMap<&str, Used>) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(c) => {
            for (day, used) in of_all {
                diesel::sql_query(format!(
                    "INSERT INTO usage_totals AS d (calls, prompt_tokens, completion_tokens, cost_usd, day) \
                     VALUES (?, ?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET {ADDED}",
                ))
                .bind::<BigInt, _>(used.calls)
                .bind::<BigInt, _>(used.prompt_tokens)
                .bind::<BigInt, _>(used.completion_tokens)
                .bind::<Double, _>(used.cost_usd)
                .bind::<Text, _>(day)
                .execute(c)?;
            }
        }
        Db::Pg(c) => {
            let (days, used): (Vec<_>, Vec<_>) = of_all.into_iter().unzip();
            diesel::sql_query(format!(
                "INSERT INTO usage_totals AS d (day, calls, prompt_tokens, completion_tokens, cost_usd) \
                 SELECT * FROM unnest($1, $2, $3, $4, $5) ON CONFLICT (day) DO UPDATE SET {ADDED}",
            ))
            .bind::<Array<Text>, _>(days)
            .bind::<Array<BigInt>, _>(calls(&used))
            .bind::<Array<BigInt>, _>(prompt(&used))
            .bind::<Array<BigInt>, _>(completion(&used))
            .bind::<Array<Double>, _>(cost(&used))
            .execute(c)?;
        }
    }
    Ok(())
}

/// Subtracts the usage of reports from the grants of their sessions. Rows are locked in the order
/// of their ids, as those of the sessions are.
fn spend_grants(c: &mut PgConnection, mut used: Vec<(String, i64, f64)>) -> Result<(), StoreError> {
    used.sort_by(|one, other| one.0.cmp(&other.0));
    let sessions: Vec<String> = used.iter().map(|(session, ..)| session.clone()).collect();
    let tokens: Vec<i64> = used.iter().map(|(_, tokens, _)| *tokens).collect();
    let usd: Vec<f64> = used.iter().map(|(.., usd)| *usd).collect();
    diesel::sql_query(
        "WITH held AS (SELECT g.session_id, u.tokens, u.usd FROM usage_grants AS g \
         JOIN unnest($1, $2, $3) AS u (session_id, tokens, usd) ON u.session_id = g.session_id \
         ORDER BY g.session_id FOR NO KEY UPDATE OF g) \
         UPDATE usage_grants AS g SET tokens = greatest(g.tokens - held.tokens, 0), \
         cost_usd = greatest(g.cost_usd - held.usd, 0) FROM held WHERE g.session_id = held.session_id",
    )
    .bind::<Array<Text>, _>(sessions)
    .bind::<Array<BigInt>, _>(tokens)
    .bind::<Array<Double>, _>(usd)
    .execute(c)?;
    Ok(())
}

/// Returns the usage of all users' judges on one day.
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

/// Returns the days with usage from `first` on, the newest first.
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

/// The daily budget of the key by which something was started, and its usage of that day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyDay {
    pub key: ApiKeyId,
    pub budget: DayBudget,
    pub used: DayUsage,
}

/// Returns the budget and the usage of a key on one day.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn key_day(
    db: &mut Db,
    user: UserId,
    key: ApiKeyId,
    day: &str,
) -> Result<KeyDay, StoreError> {
    let budget = api_keys::budget(db, user, key)?;
    let days = of_key_since(db, user, key, day)?;
    let used = days.into_iter().find(|used| used.day == day);
    Ok(KeyDay {
        key,
        budget,
        used: used.unwrap_or_else(|| DayUsage {
            day: day.to_owned(),
            ..DayUsage::default()
        }),
    })
}

/// Returns the days from `first` on with usage of runs that this key started, the newest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn of_key_since(
    db: &mut Db,
    user: UserId,
    key: ApiKeyId,
    first: &str,
) -> Result<Vec<DayUsage>, StoreError> {
    let rows: Vec<UsageRow> = api_key_usage_days::table
        .filter(api_key_usage_days::api_key_id.eq(key.to_string()))
        .filter(api_key_usage_days::user_id.eq(user.to_string()))
        .filter(api_key_usage_days::day.ge(first))
        .order(api_key_usage_days::day.desc())
        .select((
            api_key_usage_days::day,
            api_key_usage_days::calls,
            api_key_usage_days::prompt_tokens,
            api_key_usage_days::completion_tokens,
            api_key_usage_days::cost_usd,
        ))
        .load(db)?;
    rows.into_iter().map(from_row).collect()
}
