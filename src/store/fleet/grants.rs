//! What live runs may still use of their day's budgets, so that runs of one user at several nodes together never
//! use more than there is.
//!
//! A run asks for more before the call that needs it. What a stored report has used leaves the grant in the
//! transaction that adds it to the day (`tables/usage.rs`), and with the end of its run a grant counts no longer.
//! Only on a server: the one process of a file knows all calls under way.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Text};

use crate::domain::ids::{RunId, SessionId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::{counter, read_counter};

/// Rows of one slice of the sweep.
const SLICE: i64 = 1000;

/// Tokens and dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sum {
    pub tokens: u64,
    pub usd: f64,
}

/// A budget; none: no limit.
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

/// Who asks for a grant.
#[derive(Debug, Clone)]
pub(crate) struct Claimant {
    pub user: UserId,
    pub session: SessionId,
    pub run: RunId,
    /// Which of the session's owners.
    pub fence: i64,
    /// The day that the run is paid on.
    pub day: String,
    /// Of the user on that day.
    pub of_user: DayLimit,
    /// Of all users on that day.
    pub of_all: DayLimit,
}

/// What came of a wish for more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Raised {
    Granted,
    /// The user's day does not bear it: so much is used, and so much granted to the user's runs.
    OverUser {
        used: Sum,
        granted: Sum,
    },
    /// The day of all users does not bear it.
    OverAll,
    /// Another owner has the run.
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

// One statement, so that a report which is stored meanwhile is seen in the one sum or in the other. Grants of the
// session's own earlier owner are replaced by the caller's.
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

const OF_ALL: &str = "\
    SELECT coalesce(d.used_tokens, 0)::bigint AS used_tokens, coalesce(d.used_usd, 0)::float8 AS used_usd, \
    coalesce(g.tokens, 0)::bigint AS tokens, coalesce(g.usd, 0)::float8 AS usd, TRUE AS is_owner \
    FROM (SELECT sum(prompt_tokens + completion_tokens) AS used_tokens, sum(cost_usd) AS used_usd \
    FROM usage_totals WHERE day = $1 AND $2 = $2) AS d, \
    (SELECT sum(g.tokens) AS tokens, sum(g.cost_usd) AS usd FROM usage_grants AS g \
    JOIN evaluation_sessions AS s ON s.id = g.session_id AND s.run_id = g.run_id \
    WHERE g.day = $1 AND s.status = 'in_progress' AND (g.session_id <> $3 OR g.fence = $4)) AS g";

/// Grants a run so much more of its day, if the day bears it beside what is used and what other runs are granted.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn raise(db: &mut Db, who: &Claimant, more: Sum) -> Result<Raised, StoreError> {
    let Db::Pg(c) = db else {
        return Ok(Raised::Granted);
    };
    // Whoever asks of the same day waits: of two that ask at once the second sees what the first got.
    let day = if who.of_all.is_set() {
        format!("budget:{}", who.day)
    } else {
        format!("budget:{}:{}", who.day, who.user)
    };
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(day)
        .execute(c)?;
    let (session, run) = (who.session.to_string(), who.run.to_string());
    let mut sums = |query: &str| -> Result<(Sum, Sum, bool), StoreError> {
        let row: SumRow = diesel::sql_query(query)
            .bind::<Text, _>(&who.day)
            .bind::<Text, _>(who.user.to_string())
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
    let (used, granted, is_owner) = sums(OF_USER)?;
    if !is_owner {
        return Ok(Raised::Fenced);
    }
    if !who.of_user.bears(used, granted, more) {
        return Ok(Raised::OverUser { used, granted });
    }
    if who.of_all.is_set() {
        let (used, granted, _) = sums(OF_ALL)?;
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

/// Removes a slice of the grants of runs that have ended; how many.
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
