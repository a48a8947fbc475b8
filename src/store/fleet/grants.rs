//! Grants: reservations of the daily budgets by live runs, so that runs of one user at several
//! nodes never use more than the budget together.
//!
//! A run requests a larger grant before the call that needs it. The usage of a stored report leaves
//! the grant in the transaction that adds it to the day (`tables/usage.rs`), and the grant of a run
//! that has ended does not count. Grants are used on PostgreSQL only: the single process of a
//! SQLite file knows all calls in flight.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text};

use crate::domain::ids::{ApiKeyId, RunId, SessionId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::{counter, read_counter};

/// Maximum number of rows that one slice of the sweep removes.
const SLICE: i64 = 1000;

/// An amount of tokens and of US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sum {
    pub tokens: u64,
    pub usd: f64,
}

/// A daily budget; `None` means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct DayLimit {
    pub tokens: Option<u64>,
    pub usd: Option<f64>,
}

impl DayLimit {
    const fn is_set(self) -> bool {
        self.tokens.is_some() || self.usd.is_some()
    }

    fn bears(self, used: Sum, granted: Sum, more: Sum) -> bool {
        let tokens = used
            .tokens
            .saturating_add(granted.tokens)
            .saturating_add(more.tokens);
        let usd = used.usd + granted.usd + more.usd;
        self.tokens.is_none_or(|limit| tokens <= limit) && self.usd.is_none_or(|limit| usd <= limit)
    }
}

/// The run that requests a grant.
#[derive(Debug, Clone)]
pub(crate) struct Claimant {
    pub user: UserId,
    pub session: SessionId,
    pub run: RunId,
    /// The fencing token of the run's owner.
    pub fence: i64,
    /// The day to which the run's usage is charged, `YYYY-MM-DD`.
    pub day: String,
    /// The budget of the user on that day.
    pub of_user: DayLimit,
    /// The budget on that day of the API key by which the run was started.
    pub of_key: Option<(ApiKeyId, DayLimit)>,
    /// The budget of all users on that day.
    pub of_all: DayLimit,
}

/// The result of a request for a larger grant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Raised {
    Granted,
    /// The user's daily budget is exhausted: the amounts used, and granted to the user's runs.
    OverUser {
        used: Sum,
        granted: Sum,
    },
    /// The same of the API key.
    OverKey {
        used: Sum,
        granted: Sum,
    },
    /// The daily budget of all users is exhausted.
    OverAll,
    /// Another node owns the run.
    Fenced,
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = BigInt)]
    used_tokens: i64,
    #[diesel(sql_type = Double)]
    used_usd: f64,
    #[diesel(sql_type = BigInt)]
    tokens: i64,
    #[diesel(sql_type = Double)]
    usd: f64,
    #[diesel(sql_type = Bool)]
    is_owner: bool,
}

// A single statement, so that a report that is stored concurrently is counted exactly once, as
// usage or as grant. Grants of earlier owners of the session are replaced by the caller's and do
// not count.
const OF_USER: &str = "\
    SELECT coalesce(d.used_tokens, 0)::bigint AS used_tokens, coalesce(d.used_usd, 0)::float8 AS used_usd, \
    coalesce(g.tokens, 0)::bigint AS tokens, coalesce(g.usd, 0)::float8 AS usd, \
    EXISTS (SELECT 1 FROM evaluation_sessions WHERE id = $3 AND fence = $4 AND status = 'in_progress') AS is_owner \
    FROM (SELECT sum(prompt_tokens + completion_tokens) AS used_tokens, sum(cost_usd) AS used_usd \
    FROM usage_days WHERE day = $1 AND user_id = $2) AS d, \
    (SELECT sum(g.tokens) AS tokens, sum(g.cost_usd) AS usd FROM usage_grants AS g \
    JOIN evaluation_sessions AS s ON s.id = g.session_id AND s.run_id = g.run_id \
    WHERE g.day = $1 AND s.user_id = $2 AND s.status = 'in_progress' \
    AND (g.session_id <> $3 OR g.fence = $4)) AS g";

const OF_KEY: &str = "\
    SELECT coalesce(d.used_tokens, 0)::bigint AS used_tokens, coalesce(d.used_usd, 0)::float8 AS used_usd, \
    coalesce(g.tokens, 0)::bigint AS tokens, coalesce(g.usd, 0)::float8 AS usd, TRUE AS is_owner \
    FROM (SELECT sum(prompt_tokens + completion_tokens) AS used_tokens, sum(cost_usd) AS used_usd \
    FROM api_key_usage_days WHERE day = $1 AND api_key_id = $2) AS d, \
    (SELECT sum(g.tokens) AS tokens, sum(g.cost_usd) AS usd FROM usage_grants AS g \
    JOIN evaluation_sessions AS s ON s.id = g.session_id AND s.run_id = g.run_id \
    JOIN evaluation_runs AS r ON r.id = g.run_id \
    WHERE g.day = $1 AND r.api_key_id = $2 AND s.status = 'in_progress' \
    AND (g.session_id <> $3 OR g.fence = $4)) AS g";

const OF_ALL: &str = "\
    SELECT coalesce(d.used_tokens, 0)::bigint AS used_tokens, coalesce(d.used_usd, 0)::float8 AS used_usd, \
    coalesce(g.tokens, 0)::bigint AS tokens, coalesce(g.usd, 0)::float8 AS usd, TRUE AS is_owner \
    FROM (SELECT sum(prompt_tokens + completion_tokens) AS used_tokens, sum(cost_usd) AS used_usd \
    FROM usage_totals WHERE day = $1 AND $2 = $2) AS d, \
    (SELECT sum(g.tokens) AS tokens, sum(g.cost_usd) AS usd FROM usage_grants AS g \
    JOIN evaluation_sessions AS s ON s.id = g.session_id AND s.run_id = g.run_id \
    WHERE g.day = $1 AND s.status = 'in_progress' AND (g.session_id <> $3 OR g.fence = $4)) AS g";

/// Raises the grant of a run, if the daily budget allows it beside what is used and what other runs
/// are granted.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn raise(db: &mut Db, who: &Claimant, more: Sum) -> Result<Raised, StoreError> {
    let Db::Pg(c) = db else {
        return Ok(Raised::Granted);
    };
    // Requests for the same day are serialized, so that of two concurrent ones the second sees the
    // grant of the first.
    let day = if who.of_all.is_set() {
        format!("budget:{}", who.day)
    } else {
        format!("budget:{}:{}", who.day, who.user)
    };
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(day)
        .execute(c)?;
    let (session, run) = (who.session.to_string(), who.run.to_string());
    let user = who.user.to_string();
    let mut sums = |query: &str, of: &str| -> Result<(Sum, Sum, bool), StoreError> {
        let row: SumRow = diesel::sql_query(query)
            .bind::<Text, _>(&who.day)
            .bind::<Text, _>(of)
            .bind::<Text, _>(&session)
            .bind::<BigInt, _>(who.fence)
            .get_result(c)?;
        let used = Sum {
            tokens: read_counter(row.used_tokens)?,
            usd: row.used_usd,
        };
        let granted = Sum {
            tokens: read_counter(row.tokens)?,
            usd: row.usd,
        };
        Ok((used, granted, row.is_owner))
    };
    let (used, granted, is_owner) = sums(OF_USER, &user)?;
    if !is_owner {
        return Ok(Raised::Fenced);
    }
    if !who.of_user.bears(used, granted, more) {
        return Ok(Raised::OverUser { used, granted });
    }
    // A key's runs are its user's, so that requests for its day are serialized too.
    if let Some((key, limit)) = who.of_key {
        let (used, granted, _) = sums(OF_KEY, &key.to_string())?;
        if !limit.bears(used, granted, more) {
            return Ok(Raised::OverKey { used, granted });
        }
    }
    if who.of_all.is_set() {
        let (used, granted, _) = sums(OF_ALL, &user)?;
        if !who.of_all.bears(used, granted, more) {
            return Ok(Raised::OverAll);
        }
    }
    diesel::sql_query(
        "INSERT INTO usage_grants AS g (session_id, run_id, fence, day, tokens, cost_usd) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session_id) DO UPDATE SET \
         run_id = excluded.run_id, fence = excluded.fence, day = excluded.day, \
         tokens = excluded.tokens + CASE WHEN g.fence = excluded.fence THEN g.tokens ELSE 0 END, \
         cost_usd = excluded.cost_usd + CASE WHEN g.fence = excluded.fence THEN g.cost_usd ELSE 0 END",
    )
    .bind::<Text, _>(&session)
    .bind::<Text, _>(&run)
    .bind::<BigInt, _>(who.fence)
    .bind::<Text, _>(&who.day)
    .bind::<BigInt, _>(counter(more.tokens))
    .bind::<Double, _>(more.usd)
    .execute(c)?;
    Ok(Raised::Granted)
}

/// What the runs under way were granted of a day and have not reported yet.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Granted {
    pub of_user: Sum,
    pub of_key: Sum,
    pub of_all: Sum,
}

#[derive(QueryableByName)]
struct GrantedRow {
    #[diesel(sql_type = BigInt)]
    user_tokens: i64,
    #[diesel(sql_type = Double)]
    user_usd: f64,
    #[diesel(sql_type = BigInt)]
    key_tokens: i64,
    #[diesel(sql_type = Double)]
    key_usd: f64,
    #[diesel(sql_type = BigInt)]
    all_tokens: i64,
    #[diesel(sql_type = Double)]
    all_usd: f64,
}

/// Returns what runs were granted of a day beside what is used: the runs of a user, those that a
/// key started, and all.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn granted(
    db: &mut Db,
    day: &str,
    user: UserId,
    key: Option<ApiKeyId>,
) -> Result<Granted, StoreError> {
    let Db::Pg(c) = db else {
        return Ok(Granted::default());
    };
    let row: GrantedRow = diesel::sql_query(
        "SELECT coalesce(sum(g.tokens) FILTER (WHERE s.user_id = $2), 0)::bigint AS user_tokens, \
         coalesce(sum(g.cost_usd) FILTER (WHERE s.user_id = $2), 0)::float8 AS user_usd, \
         coalesce(sum(g.tokens) FILTER (WHERE r.api_key_id = $3), 0)::bigint AS key_tokens, \
         coalesce(sum(g.cost_usd) FILTER (WHERE r.api_key_id = $3), 0)::float8 AS key_usd, \
         coalesce(sum(g.tokens), 0)::bigint AS all_tokens, coalesce(sum(g.cost_usd), 0)::float8 AS all_usd \
         FROM usage_grants AS g \
         JOIN evaluation_sessions AS s ON s.id = g.session_id AND s.run_id = g.run_id \
         JOIN evaluation_runs AS r ON r.id = g.run_id \
         WHERE g.day = $1 AND s.status = 'in_progress'",
    )
    .bind::<Text, _>(day)
    .bind::<Text, _>(user.to_string())
    .bind::<Nullable<Text>, _>(key.map(|key| key.to_string()))
    .get_result(c)?;
    let sum = |tokens, usd| read_counter(tokens).map(|tokens| Sum { tokens, usd });
    Ok(Granted {
        of_user: sum(row.user_tokens, row.user_usd)?,
        of_key: sum(row.key_tokens, row.key_usd)?,
        of_all: sum(row.all_tokens, row.all_usd)?,
    })
}

/// Removes a slice of the grants of runs that have ended. Returns the number of removed rows.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn sweep(db: &mut Db) -> Result<usize, StoreError> {
    let Db::Pg(c) = db else { return Ok(0) };
    let swept = diesel::sql_query(
        "DELETE FROM usage_grants WHERE session_id IN (SELECT g.session_id FROM usage_grants AS g \
         JOIN evaluation_sessions AS s ON s.id = g.session_id \
         WHERE s.status <> 'in_progress' OR s.run_id IS DISTINCT FROM g.run_id \
         ORDER BY g.session_id LIMIT $1 FOR UPDATE OF g SKIP LOCKED)",
    )
    .bind::<BigInt, _>(SLICE)
    .execute(c)?;
    Ok(swept)
}
