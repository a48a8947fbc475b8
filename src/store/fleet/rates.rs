//! Allowances that all nodes share: each is one row, from which one statement takes (GCRA).
//!
//! The row holds when the allowance is whole again, in microseconds of the server's own clock: no clock of a node
//! is compared with another. Only on a server; a file has one process, which counts in memory.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::counter;

/// Rows of one slice of the sweep.
const SLICE: i64 = 10_000;

/// Some of an allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taking {
    /// Whose allowance.
    pub key: String,
    /// How long the whole rate needs for as much as is taken.
    pub step: Duration,
    /// How long it needs for all that may be taken at once.
    pub window: Duration,
}

fn micros(of: Duration) -> i64 {
    counter(of.as_micros())
}

// A row that is whole later than any taking could have made it is of a time before the server's clock was set back.
// $2: step, $3: window. `excluded.tat - $2` is now.
const TAKE: &str = "\
    INSERT INTO fleet_rates AS r (key, tat) \
    SELECT $1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $2 \
    ON CONFLICT (key) DO UPDATE SET tat = CASE WHEN r.tat > excluded.tat - $2 + 2 * $3 THEN excluded.tat \
    ELSE greatest(r.tat + $2, excluded.tat) END \
    WHERE r.tat > excluded.tat - $2 + 2 * $3 OR greatest(r.tat, excluded.tat - $2) <= excluded.tat - 2 * $2 + $3";

const WAIT: &str = "\
    SELECT tat + $2 - $3 - (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS wait \
    FROM fleet_rates WHERE key = $1";

/// Takes all of these, or none: then after how long it is worth another try.
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
    // In one order, so that two who take the same wait for each other and never in a circle.
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
        // Its rows are held until the end of the transaction: nobody has seen them taken from.
        for taken in &in_order[..at] {
            put_back(c, taken)?;
        }
        let micros = refused.map_or(0, |row| row.wait).max(1);
        return Ok(Some(Duration::from_micros(micros.unsigned_abs())));
    }
    Ok(None)
}

/// Gives back what was taken and not used.
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

/// Removes a slice of the allowances that are whole; how many.
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
