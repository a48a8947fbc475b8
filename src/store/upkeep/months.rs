//! The months of a partitioned event log: made ahead, and dropped as a whole once nobody reads
//! anything of them.
//!
//! `retention::events` only notes what is too old. When all of a month is, its partition is dropped,
//! which costs the same for any number of rows. What some of its sessions still need, since they
//! were started anew later, moves into the default partition in the same transaction; where that
//! is much, the rest is deleted in slices instead.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};

use super::partitions::{attach_month, in_schema};
use crate::store::pool::Store;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::advisory_lock::{AdvisoryLock, try_lock};
use crate::store::tables::event_months::{BEFORE, DEFAULT, LOG, Month, Partitions, partitions};
use crate::store::tables::trash::NOBODY;

/// The sessions to whose log something was added since their month is watched.
pub(in crate::store) const LATE: &str = "session_events_late";

/// The function that writes them down.
pub(in crate::store) const NOTE_LATE: &str = "session_events_note_late";

/// Number of months that are made ahead of the present one.
const AHEAD: usize = 3;

/// Maximum number of events that move when a month is dropped. Nobody can write to the log
/// meanwhile; this many take less than a second.
const MOVED: i64 = 10_000;

/// Number of sessions that one statement looks at.
const LOOKED_AT: i64 = 10_000;

/// Maximum number of rows that one slice deletes, and of sessions that it looks at for them.
const SLICE: i64 = 500;
const SLICE_SESSIONS: i64 = 1000;

/// Attempts to get a lock, and the pause between them, in which those that queued behind it proceed.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The wait for a table. Whoever comes after one that waits for it waits behind it, and whoever
/// reads the log locks an old month with the others, so that a copy that takes hours must not make
/// this wait for long. It is shorter than the second after which PostgreSQL looks for deadlocks, so
/// that this transaction is always the one that gives way.
const SHORT_WAIT: &str = "SET LOCAL lock_timeout = '500ms'";

/// Time for which a new partition may hold up those that write to the default one.
const SHORT_WORK: &str = "SET LOCAL statement_timeout = '2s'";

/// What was done to the months.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Months that were made ahead.
    pub made: Vec<Month>,
    /// Tables that were dropped.
    pub dropped: Vec<String>,
}

/// The months that have a table of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Months {
    pub all: usize,
    /// Those of them that are yet to come.
    pub ahead: usize,
}

/// A partition that ends some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All before this month.
    Before(Month),
    Of(Month),
}

impl Part {
    fn table(self) -> String {
        match self {
            Self::Before(_) => BEFORE.to_owned(),
            Self::Of(month) => month.table(),
        }
    }

    /// The lowest id that belongs to it.
    fn first(self) -> String {
        match self {
            Self::Before(_) => String::new(),
            Self::Of(month) => month.lowest_id(),
        }
    }

    /// The first month after it.
    fn end(self) -> Month {
        match self {
            Self::Before(month) => month,
            Self::Of(month) => month.next(),
        }
    }
}

/// How an attempt to drop a partition ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Too much of it is still needed.
    Mixed,
    /// Another node is about it, or has dropped it.
    NotNow,
}

impl Store {
    /// Makes the months ahead of `now`, and drops those in which everything is from before
    /// `before`. Does nothing where the log is not partitioned. Where one fails, the others still
    /// take their course: a month that can't be made must not keep old ones on the disk for ever.
    ///
    /// # Errors
    /// The first one. `Unavailable` also if others use the tables all the time; it is to be tried again later.
    /// `Query`.
    pub(crate) async fn keep_event_months(
        &self,
        now: DateTime<Utc>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Kept, StoreError> {
        let (mut kept, mut first) = (Kept::default(), None);
        let Some(found) = self.read(partitions).await? else {
            return Ok(kept);
        };
        for month in missing(&found, now) {
            match self.insistent(move |db| make(db, month)).await {
                Ok(true) => kept.made.push(month),
                Ok(false) => {}
                Err(error) => first = first.or(Some(error)),
            }
        }
        let parts = found.before.map(Part::Before).into_iter();
        let parts = parts.chain(found.months.into_iter().map(Part::Of));
        let old = parts.filter(|part| before.is_some_and(|before| part.end().start() <= before));
        for part in old {
            match self.drop_part(part).await {
                Ok(true) => kept.dropped.push(part.table()),
                Ok(false) => {}
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map_or(Ok(kept), Err)
    }

    /// Counts the months of the event log; none where it is not partitioned.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub(crate) async fn event_months(&self, now: DateTime<Utc>) -> Result<Months, StoreError> {
        let months = self.read(partitions).await?.unwrap_or_default().months;
        let present = Month::of(now);
        Ok(Months {
            all: months.len(),
            ahead: months.iter().filter(|month| **month > present).count(),
        })
    }

    async fn drop_part(&self, part: Part) -> Result<bool, StoreError> {
        // Looked at twice: a month that is too mixed needs no watch.
        if self.needed(part).await?.is_some()
            && let Some(watched) = self.insistent(move |db| watch(db, part)).await?
            && let Some(needed) = self.needed(part).await?
        {
            let dropped = self.insistent(move |db| drop_watched(db, part, &watched, &needed));
            match dropped.await? {
                Outcome::Done => return Ok(true),
                Outcome::NotNow => return Ok(false),
                Outcome::Mixed => {}
            }
        }
        let mut after = Some(String::new());
        while let Some(from) = after {
            // A month that stays is looked at each hour by each node, mostly with nothing to delete:
            // that must not take the turn from those who have something.
            let chunk = from.clone();
            let found = self.read(move |db| look_for_purged(db, part, &chunk));
            let (has_purged, last) = found.await?;
            after = if has_purged {
                self.write(move |db| delete_purged(db, part, &from)).await?
            } else {
                last
            };
        }
        Ok(false)
    }

    /// Returns the sessions of a partition whose events are still needed; `None` if there are too
    /// many events.
    async fn needed(&self, part: Part) -> Result<Option<BTreeSet<String>>, StoreError> {
        let (mut sessions, mut events) = (BTreeSet::new(), 0);
        let mut after = Some(String::new());
        while let Some(from) = after {
            let found = self.read(move |db| look(db, part, &from)).await?;
            for (session, rows) in found.needed {
                sessions.insert(session);
                events += rows;
            }
            if events > MOVED {
                return Ok(None);
            }
            after = found.last;
        }
        Ok(Some(sessions))
    }

    /// Tries again while the tables are in use.
    async fn insistent<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Db) -> Result<T, StoreError> + Clone + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut attempt = 1;
        loop {
            match self.write(change.clone()).await {
                Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                    tracing::debug!(%error, "the event log is in use: it is tried again");
                    attempt += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Returns the months that are to be made.
pub(in crate::store) fn missing(found: &Partitions, now: DateTime<Utc>) -> Vec<Month> {
    std::iter::successors(Some(Month::of(now)), |month| Some(month.next()))
        .take(AHEAD + 1)
        .filter(|month| found.before.is_none_or(|first| *month >= first))
        .filter(|month| !found.months.contains(month))
        .collect()
}

/// Makes the partition of a month. Returns false if it is there, or can't be: where nobody made it
/// in time, its events are in the default partition, and stay there.
fn make(db: &mut Db, month: Month) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        taken: bool,
    }
    if !try_lock(db, AdvisoryLock::Events)?
        || partitions(db)?.is_none_or(|found| found.months.contains(&month))
    {
        return Ok(false);
    }
    let Db::Pg(c) = db else { return Ok(false) };
    in_schema(c)?;
    c.batch_execute(SHORT_WAIT)?;
    c.batch_execute(SHORT_WORK)?;
    let row: Row = diesel::sql_query(format!(
        "SELECT EXISTS (SELECT FROM {DEFAULT} WHERE session_id >= $1 AND session_id < $2) AS taken"
    ))
    .bind::<Text, _>(month.lowest_id())
    .bind::<Text, _>(month.next().lowest_id())
    .get_result(c)?;
    if row.taken {
        tracing::warn!(%month, "events of this month are in {DEFAULT} already: they go in slices");
        return Ok(false);
    }
    // The foreign key needs it, and others lock the log after it.
    c.batch_execute("LOCK TABLE evaluation_sessions IN SHARE ROW EXCLUSIVE MODE")?;
    attach_month(c, month, DEFAULT)?;
    Ok(true)
}

struct Look {
    /// Sessions with the number of their events.
    needed: Vec<(String, i64)>,
    /// The last session that was looked at; `None` if there are no more.
    last: Option<String>,
}

/// Looks at some sessions of a partition after one, for those whose events are still needed.
fn look(db: &mut Db, part: Part, after: &str) -> Result<Look, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        id: Option<String>,
        #[diesel(sql_type = Nullable<BigInt>)]
        events: Option<i64>,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "WITH chunk AS (SELECT id, user_id, purged_seq, last_seq FROM evaluation_sessions \
         WHERE id >= $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4) \
         SELECT id, last_seq - purged_seq AS events FROM chunk WHERE purged_seq < last_seq AND user_id <> $5 \
         UNION ALL SELECT max(id), NULL FROM chunk",
    )
    .bind::<Text, _>(part.first())
    .bind::<Text, _>(after)
    .bind::<Text, _>(part.end().lowest_id())
    .bind::<BigInt, _>(LOOKED_AT)
    .bind::<Text, _>(NOBODY)
    .load(db)?;
    let mut found = Look {
        needed: Vec::new(),
        last: None,
    };
    for row in rows {
        match (row.id, row.events) {
            (Some(id), Some(events)) => found.needed.push((id, events)),
            (last, _) => found.last = last,
        }
    }
    Ok(found)
}

/// One watch of a partition, by the transaction that began it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Watch(String);

/// Has the sessions written down to whose log something is added from now on: what is found needed
/// afterwards, and what is written down, is everything. What an earlier watch has written down goes,
/// since it would only grow, and so does that watch: whoever looked under it has not seen those
/// sessions. Returns `None` if another node is about it.
fn watch(db: &mut Db, part: Part) -> Result<Option<Watch>, StoreError> {
    if !try_lock(db, AdvisoryLock::Events)? || !still_has(db, part)? {
        return Ok(None);
    }
    let Db::Pg(c) = db else { return Ok(None) };
    in_schema(c)?;
    c.batch_execute(SHORT_WAIT)?;
    let table = part.table();
    // Waits for those that are writing, whose sessions the look that follows will see.
    c.batch_execute(&format!(
        "CREATE OR REPLACE TRIGGER {NOTE_LATE} AFTER INSERT ON {table} \
         FOR EACH ROW EXECUTE FUNCTION {NOTE_LATE}()"
    ))?;
    diesel::sql_query(format!(
        "DELETE FROM {LATE} WHERE session_id >= $1 AND session_id < $2"
    ))
    .bind::<Text, _>(part.first())
    .bind::<Text, _>(part.end().lowest_id())
    .execute(c)?;
    current_watch(c, &table)
}

/// Returns the latest watch of a table.
fn current_watch(c: &mut PgConnection, table: &str) -> Result<Option<Watch>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        made_by: String,
    }
    let row: Option<Row> = diesel::sql_query(
        "SELECT xmin::text AS made_by FROM pg_trigger \
         WHERE tgrelid = to_regclass($1) AND tgname = $2",
    )
    .bind::<Text, _>(table)
    .bind::<Text, _>(NOTE_LATE)
    .get_result(c)
    .optional()?;
    Ok(row.map(|row| Watch(row.made_by)))
}

fn still_has(db: &mut Db, part: Part) -> Result<bool, StoreError> {
    let found = partitions(db)?.unwrap_or_default();
    Ok(match part {
        Part::Before(month) => found.before == Some(month),
        Part::Of(month) => found.months.contains(&month),
    })
}

/// Drops a watched partition. What is needed of it moves to the default partition.
fn drop_watched(
    db: &mut Db,
    part: Part,
    watched: &Watch,
    needed: &BTreeSet<String>,
) -> Result<Outcome, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        session_id: String,
    }
    if !try_lock(db, AdvisoryLock::Events)? || !still_has(db, part)? {
        return Ok(Outcome::NotNow);
    }
    let Db::Pg(c) = db else {
        return Ok(Outcome::NotNow);
    };
    in_schema(c)?;
    let table = part.table();
    c.batch_execute(SHORT_WAIT)?;
    c.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))?;
    c.batch_execute(&format!("LOCK TABLE ONLY {LOG} IN ACCESS EXCLUSIVE MODE"))?;
    if current_watch(c, &table)?.as_ref() != Some(watched) {
        return Ok(Outcome::NotNow);
    }
    let (first, end) = (part.first(), part.end().lowest_id());
    let late: Vec<Row> = diesel::sql_query(format!(
        "SELECT session_id FROM {LATE} WHERE session_id >= $1 AND session_id < $2 LIMIT $3"
    ))
    .bind::<Text, _>(&first)
    .bind::<Text, _>(&end)
    .bind::<BigInt, _>(MOVED + 1)
    .load(c)?;
    if i64::try_from(late.len()).unwrap_or(i64::MAX) > MOVED {
        // There are more than were read, and what they added would be lost.
        return Ok(Outcome::Mixed);
    }
    let late: BTreeSet<String> = late.into_iter().map(|row| row.session_id).collect();
    let sessions: Vec<&String> = needed.union(&late).collect();
    c.batch_execute(&format!(
        "CREATE TEMPORARY TABLE needed_events (LIKE {LOG}) ON COMMIT DROP"
    ))?;
    let moved = diesel::sql_query(format!(
        "INSERT INTO needed_events SELECT event.* FROM {table} AS event \
         JOIN evaluation_sessions AS s ON s.id = event.session_id \
         WHERE event.session_id = ANY ($1) AND event.seq > s.purged_seq AND s.user_id <> $2 LIMIT $3"
    ))
    .bind::<Array<Text>, _>(sessions)
    .bind::<Text, _>(NOBODY)
    .bind::<BigInt, _>(MOVED + 1)
    .execute(c)?;
    if i64::try_from(moved).unwrap_or(i64::MAX) > MOVED {
        // Nothing of this has an effect but the next transaction could begin with the same name.
        c.batch_execute("DROP TABLE needed_events")?;
        return Ok(Outcome::Mixed);
    }
    c.batch_execute(&format!(
        "DROP TABLE {table}; INSERT INTO {LOG} SELECT * FROM needed_events"
    ))?;
    diesel::sql_query(format!(
        "DELETE FROM {LATE} WHERE session_id >= $1 AND session_id < $2"
    ))
    .bind::<Text, _>(first)
    .bind::<Text, _>(end)
    .execute(c)?;
    tracing::info!(%table, moved, "old events were dropped");
    Ok(Outcome::Done)
}

/// Returns whether some sessions of a partition after one have events that nobody reads any more,
/// and the last of these sessions; `None` if there are no more.
fn look_for_purged(
    db: &mut Db,
    part: Part,
    after: &str,
) -> Result<(bool, Option<String>), StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        last: Option<String>,
        #[diesel(sql_type = BigInt)]
        purged: i64,
    }
    let row: Row = diesel::sql_query(
        "WITH chunk AS (SELECT id, purged_seq FROM evaluation_sessions \
         WHERE id >= $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4) \
         SELECT max(id) AS last, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM session_events \
         WHERE session_id = chunk.id AND seq <= chunk.purged_seq)) AS purged FROM chunk",
    )
    .bind::<Text, _>(part.first())
    .bind::<Text, _>(after)
    .bind::<Text, _>(part.end().lowest_id())
    .bind::<BigInt, _>(SLICE_SESSIONS)
    .get_result(db)?;
    Ok((row.purged > 0, row.last))
}

/// Deletes some events of a partition that nobody reads any more, of sessions after one. Returns
/// the last session of which all are gone; `None` if there are no more.
fn delete_purged(db: &mut Db, part: Part, after: &str) -> Result<Option<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        id: String,
        #[diesel(sql_type = BigInt)]
        purged_seq: i64,
        #[diesel(sql_type = Nullable<BigInt>)]
        first_seq: Option<i64>,
    }
    if !try_lock(db, AdvisoryLock::Events)? {
        return Ok(None);
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT id, purged_seq, (SELECT min(seq) FROM session_events WHERE session_id = id) AS first_seq \
         FROM evaluation_sessions WHERE id >= $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4",
    )
    .bind::<Text, _>(part.first())
    .bind::<Text, _>(after)
    .bind::<Text, _>(part.end().lowest_id())
    .bind::<BigInt, _>(SLICE_SESSIONS)
    .load(db)?;
    let (mut left, mut last) = (SLICE, None);
    for row in rows {
        let first = row.first_seq.unwrap_or(i64::MAX);
        if first <= row.purged_seq {
            if left == 0 {
                return Ok(last.or_else(|| Some(after.to_owned())));
            }
            let end = row.purged_seq.min(first + left - 1);
            diesel::sql_query("DELETE FROM session_events WHERE session_id = $1 AND seq <= $2")
                .bind::<Text, _>(&row.id)
                .bind::<BigInt, _>(end)
                .execute(db)?;
            left -= end - first + 1;
            if end < row.purged_seq {
                return Ok(last.or_else(|| Some(after.to_owned())));
            }
        }
        last = Some(row.id);
    }
    Ok(last)
}

#[cfg(test)]
#[path = "tests/months.rs"]
mod tests;
