//! Makes the event log a table that is partitioned by month, on PostgreSQL, while nodes work.
//!
//! Nothing is copied: the table as it is becomes the partition of everything before a month that
//! is yet to come. That it holds nothing else is a constraint, which is checked while others write;
//! only then are the tables exchanged, in one transaction that takes milliseconds.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};

use super::months::{LATE, NOTE_LATE, missing};
use super::partitions::{attach_month, attach_new, copy_privileges, in_schema};
use crate::store::pool::StoreSettings;
use crate::store::pool::connection::{Access, Db};
use crate::store::pool::error::StoreError;
use crate::store::pool::migrate;
use crate::store::tables::advisory_lock::{AdvisoryLock, try_lock};
use crate::store::tables::event_months::{BEFORE, DEFAULT, LOG, Month, Partitions, partitions};

/// The constraint that the table has until the exchange.
const ENDS: &str = "session_events_ends";

/// Key of the advisory lock of whoever partitions the log, an arbitrary number that nothing else in
/// the database uses; the letters "parted" in ASCII.
const COMMAND: i64 = 0x7061_7274_6564;

/// The first month begins so long after now and after the latest session, so that no new session
/// is beyond the constraint while it is checked, nor soon after it was left behind by a command
/// that was killed.
const DISTANCE: TimeDelta = TimeDelta::days(7);

/// A constraint that was left behind serves again if its month is still so far away.
const NEAR: TimeDelta = TimeDelta::days(2);

/// No session is made so long after now: an id beyond that was not made by the clock.
const FUTURE: TimeDelta = TimeDelta::days(366);

/// Time for which one statement waits for a table, as in migrations, and for which it is tried.
const LOCK_WAIT: &str = "SET lock_timeout = '2s'";
const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two attempts, in which those that queued behind one proceed.
const AGAIN: Duration = Duration::from_millis(500);

/// The reason why the log was not partitioned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartitionError {
    /// The table has something that would be lost, or would not work.
    #[error("it can't be partitioned as it is: {0}")]
    Unfit(String),
    #[error("another process is partitioning it right now")]
    Taken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for PartitionError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What there is before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Before {
    /// SQLite has no partitions.
    File,
    Partitioned(Partitions),
    Plain(Plain),
}

/// A log that is one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plain {
    /// The number of events that the database's statistics say it has.
    pub events: i64,
    /// The size of the table with its indexes.
    pub bytes: i64,
    /// The month from which on each has a partition of its own.
    pub first: Month,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partitioned {
    pub first: Month,
    /// Time of the check, beside which others read and wrote.
    pub checked_in: Duration,
    /// Time for which others waited.
    pub exchanged_in: Duration,
}

/// Says what there is, and whether it can be partitioned. Changes nothing.
///
/// # Errors
/// See [`PartitionError`].
pub(crate) fn before(
    settings: &StoreSettings,
    now: DateTime<Utc>,
) -> Result<Before, PartitionError> {
    let mut db = settings.direct()?.connect()?;
    db.transact(Access::Snapshot, |db| look(db, now))
}

/// Partitions the log, if it is not yet. Blocks. Returns what there was before, and what was done.
///
/// # Errors
/// See [`PartitionError`]. The log is then as it was, but for `InDoubt`, after which it is not known.
pub(crate) fn partition(
    settings: &StoreSettings,
    now: DateTime<Utc>,
) -> Result<(Before, Option<Partitioned>), PartitionError> {
    let mut db = settings.direct()?.connect()?;
    if let Db::Pg(c) = &mut db
        && !truth(c, &format!("pg_try_advisory_lock({COMMAND})"))?
    {
        return Err(PartitionError::Taken);
    }
    let found = db.transact(Access::Snapshot, |db| look(db, now))?;
    let Before::Plain(plain) = &found else {
        return Ok((found, None));
    };
    let first = plain.first;
    if let Db::Pg(c) = &mut db {
        // Checking a large table takes long.
        c.batch_execute("SET statement_timeout = 0")?;
        c.batch_execute(LOCK_WAIT)?;
    }
    let begin = Instant::now();
    let exchanged = check(&mut db, first).and_then(|()| {
        let checked_in = begin.elapsed();
        let begin = Instant::now();
        let exchanged_in = match until_free(|| exchange(&mut db, first, now)) {
            Err(PartitionError::Store(StoreError::InDoubt(why))) => {
                settle(settings, &mut db, why)?;
                // Not longer than this.
                begin.elapsed()
            }
            outcome => outcome?,
        };
        Ok(Partitioned {
            first,
            checked_in,
            exchanged_in,
        })
    });
    let Db::Pg(c) = &mut db else {
        return Ok((found, None));
    };
    let done = match exchanged {
        Ok(done) => done,
        Err(error) => {
            // Otherwise the constraint would refuse events of the month when that has come; if this
            // fails too, a node removes it.
            if let Err(left) = c.batch_execute(&format!(
                "ALTER TABLE {LOG} DROP CONSTRAINT IF EXISTS {ENDS}"
            )) {
                tracing::warn!(error = %left, "the constraint {ENDS} is left: a node removes it");
            }
            return Err(error);
        }
    };
    // Autovacuum keeps the statistics of partitions only. Without them plans are somewhat worse; that
    // is no failure of what is done already.
    if let Err(error) = c.batch_execute(&format!("ANALYZE {LOG}")) {
        tracing::warn!(%error, "the event log is partitioned; `ANALYZE {LOG}` is to be done by hand");
    }
    Ok((found, Some(done)))
}

/// Removes the constraint of a command that was killed.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn clear_abandoned(db: &mut Db) -> Result<(), StoreError> {
    if partitions(db)?.is_some() {
        return Ok(());
    }
    let Db::Pg(c) = db else { return Ok(()) };
    if constraint(c)?.is_some() && truth(c, &format!("pg_try_advisory_xact_lock({COMMAND})"))? {
        c.batch_execute("SET LOCAL lock_timeout = '2s'")?;
        c.batch_execute(&format!(
            "ALTER TABLE {LOG} DROP CONSTRAINT IF EXISTS {ENDS}"
        ))?;
        tracing::info!("a partitioning of the event log that was broken off was cleared away");
    }
    Ok(())
}

fn truth(c: &mut PgConnection, expression: &str) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        is_true: bool,
    }
    let row: Row = diesel::sql_query(format!("SELECT {expression} AS is_true")).get_result(c)?;
    Ok(row.is_true)
}

fn look(db: &mut Db, now: DateTime<Utc>) -> Result<Before, PartitionError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        events: i64,
        #[diesel(sql_type = BigInt)]
        bytes: i64,
        #[diesel(sql_type = Nullable<Text>)]
        last: Option<String>,
    }
    if let Some(found) = partitions(db)? {
        return Ok(Before::Partitioned(found));
    }
    let Db::Pg(c) = db else {
        return Ok(Before::File);
    };
    if !truth(c, &format!("to_regclass('{LOG}') IS NOT NULL"))? {
        let why = "the database has no tables yet, which `migrate` makes".to_owned();
        return Err(PartitionError::Unfit(why));
    }
    fit(c)?;
    let row: Row = diesel::sql_query(format!(
        "SELECT greatest(reltuples, 0)::bigint AS events, pg_total_relation_size(oid) AS bytes, \
         (SELECT max(session_id) FROM {LOG}) AS last FROM pg_class WHERE oid = to_regclass($1)"
    ))
    .bind::<Text, _>(LOG)
    .get_result(c)?;
    let mut far = now;
    if let Some(id) = row.last {
        far = Month::time_of_session(&id)
            .filter(|time| *time < now + FUTURE)
            .ok_or_else(|| {
                PartitionError::Unfit(format!("the session {id} was not made by any clock"))
            })?
            .max(now);
    }
    let new = Month::of(far + DISTANCE).next();
    let left = constraint(c)?.filter(|month| month.start() > far + NEAR);
    Ok(Before::Plain(Plain {
        events: row.events,
        bytes: row.bytes,
        first: left.unwrap_or(new),
    }))
}

/// Returns the month of the constraint, if the table has it.
fn constraint(c: &mut PgConnection) -> Result<Option<Month>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        definition: String,
    }
    let row: Option<Row> = diesel::sql_query(
        "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint \
         WHERE conrelid = to_regclass($1) AND conname = $2",
    )
    .bind::<Text, _>(LOG)
    .bind::<Text, _>(ENDS)
    .get_result(c)
    .optional()?;
    // `CHECK ((session_id < '…'::text))`.
    Ok(row
        .and_then(|row| row.definition.split('\'').nth(1).map(str::to_owned))
        .and_then(|id| Month::of_session(&id)))
}

/// Refuses a table with what somebody else has put on it and the exchange would lose.
fn fit(c: &mut PgConnection) -> Result<(), PartitionError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        fault: String,
    }
    #[derive(QueryableByName)]
    struct Order {
        #[diesel(sql_type = Bool)]
        same: bool,
    }
    let faults: Vec<Row> = diesel::sql_query(
        "WITH log AS (SELECT oid, relrowsecurity, relreplident FROM pg_class WHERE oid = to_regclass($1)) \
         SELECT 'a view or rule depends on it: ' || ev_class::regclass::text AS fault FROM log \
         JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = log.oid \
         JOIN pg_rewrite ON classid = 'pg_rewrite'::regclass AND objid = pg_rewrite.oid \
         UNION SELECT 'a foreign key refers to it: ' || conname FROM log JOIN pg_constraint ON confrelid = log.oid \
         UNION SELECT 'a publication names it: ' || pubname FROM log JOIN pg_publication_rel ON prrelid = log.oid \
         JOIN pg_publication ON pg_publication.oid = prpubid \
         UNION SELECT 'it has row security' FROM log WHERE relrowsecurity \
         UNION SELECT 'it has a replica identity of its own' FROM log WHERE relreplident <> 'd' \
         UNION SELECT 'a trigger is not in its usual state: ' || tgname FROM log JOIN pg_trigger ON tgrelid = log.oid \
         WHERE NOT tgisinternal AND tgenabled <> 'O' \
         UNION SELECT 'a table inherits from it: ' || inhrelid::regclass::text FROM log JOIN pg_inherits ON inhparent = log.oid \
         ORDER BY 1",
    )
    .bind::<Text, _>(LOG)
    .load(c)?;
    if let Some(first) = faults.into_iter().next() {
        return Err(PartitionError::Unfit(first.fault));
    }
    // Ids have the order of their bytes in every usual collation; in another a range of ids would
    // be no month.
    let samples: Vec<String> = "0123456789abcdef"
        .chars()
        .flat_map(|digit| {
            [
                format!("01{digit}00000-0000-7000-8000-000000000000"),
                format!("01900000-000{digit}-7000-8000-000000000000"),
                format!("01900000-0000-7{digit}00-8000-000000000000"),
            ]
        })
        .collect();
    let order: Order = diesel::sql_query(
        "SELECT array_agg(id ORDER BY id) = array_agg(id ORDER BY id COLLATE \"C\") AS same \
         FROM unnest($1) AS id",
    )
    .bind::<Array<Text>, _>(samples)
    .get_result(c)?;
    if !order.same {
        let why = "the database's collation does not sort ids by their bytes";
        return Err(PartitionError::Unfit(why.to_owned()));
    }
    Ok(())
}

/// Has the database check that all is from before that month. Others read and write meanwhile.
fn check(db: &mut Db, first: Month) -> Result<(), PartitionError> {
    let Db::Pg(c) = db else { return Ok(()) };
    if constraint(c)? != Some(first) {
        until_free(|| {
            Ok(c.batch_execute(&format!(
                "ALTER TABLE {LOG} DROP CONSTRAINT IF EXISTS {ENDS}, \
                 ADD CONSTRAINT {ENDS} CHECK (session_id < '{}') NOT VALID",
                first.lowest_id()
            ))?)
        })?;
    }
    until_free(|| Ok(c.batch_execute(&format!("ALTER TABLE {LOG} VALIDATE CONSTRAINT {ENDS}"))?))
}

/// Finds out on a new connection whether the exchange was made, of whose commit nothing was heard.
fn settle(settings: &StoreSettings, db: &mut Db, why: String) -> Result<(), PartitionError> {
    let made = until_free(|| {
        *db = settings.direct()?.connect()?;
        db.transact(Access::Write, |db| {
            // The exchange has it until it is over, which may be after its connection was lost.
            if !try_lock(db, AdvisoryLock::Events)? {
                let why = "the exchange may still be at work".to_owned();
                return Err(PartitionError::Store(StoreError::Unavailable(why)));
            }
            Ok(partitions(db)?.is_some())
        })
    });
    match made {
        Ok(true) => Ok(()),
        Ok(false) => Err(PartitionError::Store(StoreError::Unavailable(why))),
        Err(error) => {
            tracing::warn!(%error, "whether the event log was partitioned can't be found out");
            Err(PartitionError::Store(StoreError::InDoubt(why)))
        }
    }
}

/// Tries again while the tables are in use.
fn until_free<T>(
    mut change: impl FnMut() -> Result<T, PartitionError>,
) -> Result<T, PartitionError> {
    let begin = Instant::now();
    loop {
        match change() {
            // Not `InDoubt`: it may have been done, and that connection is lost.
            Err(PartitionError::Store(error @ StoreError::Unavailable(_)))
                if begin.elapsed() < PATIENCE =>
            {
                tracing::info!(%error, "the tables are in use: it is tried again");
                pause();
            }
            outcome => return outcome,
        }
    }
}

/// Pauses before another attempt, so that statements that queued behind this one proceed.
#[expect(
    clippy::disallowed_methods,
    reason = "the connection blocks this thread all the same"
)]
fn pause() {
    std::thread::sleep(AGAIN);
}

#[derive(QueryableByName)]
struct Part {
    /// What is done to the table that becomes a partition.
    #[diesel(sql_type = Nullable<Text>)]
    away: Option<String>,
    /// What is done to the new table.
    #[diesel(sql_type = Text)]
    anew: String,
    /// Whether that is done once it has partitions.
    #[diesel(sql_type = Bool)]
    at_last: bool,
}

/// Everything that `LIKE` does not copy, by its own definition. An index has the name of the old
/// one, which steps aside and becomes a part of it; so does a foreign key, which is not checked
/// again. A trigger is copied to each partition by the database.
const PARTS: &str = "\
    WITH log AS (SELECT to_regclass($1)::oid AS oid) \
    SELECT 1 AS step, format('ALTER INDEX %I RENAME TO %I', relname, left(relname, 48) || '_before') AS away, \
    CASE WHEN con.oid IS NULL THEN pg_get_indexdef(indexrelid) \
    ELSE format('ALTER TABLE %I ADD CONSTRAINT %I %s', $1, conname, pg_get_constraintdef(con.oid)) END AS anew, \
    false AS at_last FROM log JOIN pg_index ON indrelid = log.oid JOIN pg_class AS index ON index.oid = indexrelid \
    LEFT JOIN pg_constraint AS con ON con.conrelid = log.oid AND conindid = indexrelid AND contype IN ('p', 'u', 'x') \
    UNION ALL SELECT 2, NULL, format('ALTER TABLE %I ADD CONSTRAINT %I %s', $1, conname, pg_get_constraintdef(con.oid)), \
    false FROM log JOIN pg_constraint AS con ON conrelid = log.oid WHERE contype = 'f' \
    UNION ALL SELECT 3, format('DROP TRIGGER %I ON %I', tgname, $1), pg_get_triggerdef(pg_trigger.oid), true \
    FROM log JOIN pg_trigger ON tgrelid = log.oid WHERE NOT tgisinternal ORDER BY step, anew";

/// Exchanges the tables, in one transaction. Returns how long others were held up, from the first
/// lock that this asks for: whoever comes after a lock that is waited for waits, too.
fn exchange(db: &mut Db, first: Month, now: DateTime<Utc>) -> Result<Duration, PartitionError> {
    let begin = db.transact(Access::Write, |db| exchange_locked(db, first, now))?;
    Ok(begin.elapsed())
}

fn exchange_locked(
    db: &mut Db,
    first: Month,
    now: DateTime<Utc>,
) -> Result<Instant, PartitionError> {
    // They write to the log before they lock its sessions; all others do it the other way round,
    // as this does.
    if !try_lock(db, AdvisoryLock::DeletedData)? || !try_lock(db, AdvisoryLock::Events)? {
        let why = "old or deleted events are being removed".to_owned();
        return Err(PartitionError::Store(StoreError::Unavailable(why)));
    }
    let Db::Pg(c) = db else {
        return Ok(Instant::now());
    };
    migrate::hold_off(c)?;
    in_schema(c)?;
    // The old foreign key becomes a part of the new one, for which its triggers go; asked for only
    // then, this lock would wait for those who wait for the log.
    let begin = Instant::now();
    c.batch_execute("LOCK TABLE evaluation_sessions IN ACCESS EXCLUSIVE MODE")?;
    c.batch_execute(&format!("LOCK TABLE {LOG} IN ACCESS EXCLUSIVE MODE"))?;
    let parts: Vec<Part> = diesel::sql_query(PARTS).bind::<Text, _>(LOG).load(c)?;
    for away in parts.iter().filter_map(|part| part.away.as_ref()) {
        c.batch_execute(away)?;
    }
    c.batch_execute(&format!(
        "ALTER TABLE {LOG} RENAME TO {BEFORE}; \
         CREATE TABLE {LOG} (LIKE {BEFORE} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY RANGE (session_id); \
         ALTER TABLE {LOG} DROP CONSTRAINT {ENDS}"
    ))?;
    for part in parts.iter().filter(|part| !part.at_last) {
        c.batch_execute(&part.anew)?;
    }
    copy_privileges(c, LOG, BEFORE)?;
    c.batch_execute(&format!(
        "ALTER TABLE {LOG} ATTACH PARTITION {BEFORE} FOR VALUES FROM (MINVALUE) TO ('{}'); \
         ALTER TABLE {BEFORE} DROP CONSTRAINT {ENDS}; \
         CREATE TABLE IF NOT EXISTS {LATE} (session_id TEXT NOT NULL PRIMARY KEY); \
         CREATE OR REPLACE FUNCTION {NOTE_LATE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         INSERT INTO {LATE} VALUES (NEW.session_id) ON CONFLICT DO NOTHING; RETURN NULL; END $$",
        first.lowest_id()
    ))?;
    copy_privileges(c, LATE, BEFORE)?;
    attach_new(c, DEFAULT, "DEFAULT", BEFORE)?;
    let found = Partitions {
        before: Some(first),
        ..Partitions::default()
    };
    // The first month always, however far away it is: what is made ahead may not reach it.
    let mut months = missing(&found, now);
    if !months.contains(&first) {
        months.push(first);
    }
    for month in months {
        attach_month(c, month, DEFAULT)?;
    }
    for part in parts.iter().filter(|part| part.at_last) {
        c.batch_execute(&part.anew)?;
    }
    Ok(begin)
}

#[cfg(test)]
#[path = "tests/partitioning.rs"]
mod tests;
