//! Rate limits that all nodes share: each is one row, which one statement updates (GCRA).
//!
//! The row stores the theoretical arrival time, at which the allowance is full again, in
//! microseconds of the database server's clock, so that clocks of different nodes are never
//! compared. Used on PostgreSQL only; a SQLite file has one process, which counts in memory.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::counter;

/// Maximum number of rows that one slice of the sweep removes.
const SLICE: i64 = 10_000;

/// A request for part of an allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taking {
    /// The key of the limit.
    pub key: String,
    /// The time in which the rate replenishes the amount that is taken.
    pub step: Duration,
    /// The time in which the rate replenishes the whole allowance.
    pub window: Duration,
}

fn micros(of: Duration) -> i64 {
    counter(of.as_micros())
}

// A row with a later time than any request can have caused was written before the server's clock
// was set back; it is reset. $2: step, $3: window. `excluded.tat - $2` is the current time.
const TAKE: &str = "\
    INSERT INTO fleet_rates AS r (key, tat) \
    SELECT $1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $2 \
    ON CONFLICT (key) DO UPDATE SET tat = CASE WHEN r.tat > excluded.tat - $2 + 2 * $3 THEN excluded.tat \
    ELSE greatest(r.tat + $2, excluded.tat) END \
    WHERE r.tat > excluded.tat - $2 + 2 * $3 OR greatest(r.tat, excluded.tat - $2) <= excluded.tat - 2 * $2 + $3";

const WAIT: &str = "\
    SELECT tat + $2 - $3 - (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS wait \
    FROM fleet_rates WHERE key = $1";

/// Takes all of the requested amounts or none. Returns the time after which to try again if there
/// are not enough.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn take(db: &mut Db, takings: &[Taking]) -> Result<Option<Duration>, StoreError> {
    #[derive(QueryableByName)]
    struct Wait {
        #[diesel(sql_type = BigInt)]
        wait: i64,
    }
    let Db::Pg(c) = db else { return Ok(None) };
    // Rows are locked in the order of their keys, so that transactions cannot deadlock.
    let mut in_order: Vec<&Taking> = takings.iter().collect();
    in_order.sort_by(|one, other| one.key.cmp(&other.key));
    for (at, taking) in in_order.iter().enumerate() {
        let (step, window) = (micros(taking.step), micros(taking.window));
        let taken = diesel::sql_query(TAKE)
            .bind::<Text, _>(&taking.key)
            .bind::<BigInt, _>(step)
            .bind::<BigInt, _>(window)
            .execute(c)?;
        if taken > 0 {
            continue;
        }
        let refused: Option<Wait> = diesel::sql_query(WAIT)
            .bind::<Text, _>(&taking.key)
            .bind::<BigInt, _>(step)
            .bind::<BigInt, _>(window)
            .get_result(c)
            .optional()?;
        // The rows are locked until the end of the transaction, so no one has seen the intermediate
        // state.
        for taken in &in_order[..at] {
            put_back(c, taken)?;
        }
        let micros = refused.map_or(0, |row| row.wait).max(1);
        return Ok(Some(Duration::from_micros(micros.unsigned_abs())));
    }
    Ok(None)
}

/// Returns amounts that were taken and not used.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn give_back(db: &mut Db, takings: &[Taking]) -> Result<(), StoreError> {
    let Db::Pg(c) = db else { return Ok(()) };
    let mut in_order: Vec<&Taking> = takings.iter().collect();
    in_order.sort_by(|one, other| one.key.cmp(&other.key));
    in_order
        .into_iter()
        .try_for_each(|taken| put_back(c, taken))
}

fn put_back(c: &mut PgConnection, taken: &Taking) -> Result<(), StoreError> {
    diesel::sql_query("UPDATE fleet_rates SET tat = tat - $2 WHERE key = $1")
        .bind::<Text, _>(&taken.key)
        .bind::<BigInt, _>(micros(taken.step))
        .execute(c)?;
    Ok(())
}

/// Removes a slice of the rows whose allowance is full. Returns the number of removed rows.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn sweep(db: &mut Db) -> Result<usize, StoreError> {
    let Db::Pg(c) = db else { return Ok(0) };
    let swept = diesel::sql_query(
        "DELETE FROM fleet_rates WHERE key IN (SELECT key FROM fleet_rates \
         WHERE tat < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint \
         ORDER BY key LIMIT $1 FOR UPDATE SKIP LOCKED)",
    )
    .bind::<BigInt, _>(SLICE)
    .execute(c)?;
    Ok(swept)
}
