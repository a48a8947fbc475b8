//! One transaction of the event log, which holds appends of several sessions.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Double, Nullable, Text, Timestamp};

use super::journal::{Append, AppendError, read_until};
use crate::store::pool::connection::{Access, Db};
use crate::store::pool::error::StoreError;
use crate::store::tables::changes::{self, Facts};
use crate::store::tables::columns::{counter, time};
use crate::store::tables::schema::{evaluation_sessions, session_events};
use crate::store::tables::trash;

/// Maximum number of rows in one statement of SQLite; with 5 columns it stays below the limit of
/// 32,766 parameters.
const CHUNK: usize = 256;

#[derive(Insertable)]
#[diesel(table_name = session_events, treat_none_as_default_value = false)]
struct EventRow<'a> {
    session_id: &'a str,
    seq: i64,
    kind: &'a str,
    ts: NaiveDateTime,
    frame: &'a str,
}

/// The position at which the log of a session must end, and the one to which it advances.
struct Advance<'a> {
    session: &'a str,
    epoch: &'a str,
    base: i64,
    last: i64,
    fence: i64,
    bytes: i64,
    /// The progress of the last append that has one.
    progress: Option<f64>,
    /// True if the appends contain changes, which show that the run has made progress.
    has_facts: bool,
}

/// Writes the appends in order: together, or, if one of them makes that fail, each in a transaction
/// of its own. Returns one result for each append, and calls `ended` for each transaction that is
/// not retried in parts, with the number of events that it stored or its error.
pub(crate) fn write(
    db: &mut Db,
    appends: &[Append],
    mut ended: impl FnMut(Result<usize, &AppendError>),
) -> Vec<Result<(), AppendError>> {
    let together: Vec<&Append> = appends.iter().collect();
    if appends.len() > 1 {
        match db.transact(Access::Write, |db| write_together(db, &together)) {
            Ok(()) => {
                ended(Ok(appends.iter().map(|append| append.events.len()).sum()));
                return vec![Ok(()); appends.len()];
            }
            Err(error) if !db.answers() => {
                let error = AppendError::Unavailable(error.to_string());
                ended(Err(&error));
                return vec![Err(error); appends.len()];
            }
            // Written one by one, each append would wait for the same lock of another process
            // again.
            Err(error @ AppendError::Unavailable(_)) if matches!(db, Db::Sqlite(_)) => {
                ended(Err(&error));
                return vec![Err(error); appends.len()];
            }
            Err(_) => {}
        }
    }
    appends
        .iter()
        .map(|append| {
            let outcome = db.transact(Access::Write, |db| write_together(db, &[append]));
            let error = match outcome {
                Ok(()) => {
                    ended(Ok(append.events.len()));
                    return Ok(());
                }
                Err(AppendError::Conflict) => match explain(db, append) {
                    // An earlier attempt of this append was committed.
                    Ok(()) => return Ok(()),
                    Err(error) => error,
                },
                Err(AppendError::Query(why)) if !db.answers() => AppendError::Unavailable(why),
                Err(error) => error,
            };
            ended(Err(&error));
            Err(error)
        })
        .collect()
}

/// Writes the appends in one transaction. Sessions are updated in the order of their ids, so that
/// two processes cannot deadlock.
fn write_together(db: &mut Db, appends: &[&Append]) -> Result<(), AppendError> {
    let ids: Vec<String> = appends
        .iter()
        .map(|append| append.session_id.to_string())
        .collect();
    let mut advances: BTreeMap<&str, Advance<'_>> = BTreeMap::new();
    for (id, append) in ids.iter().zip(appends) {
        let last = append.base + append.events.len() as i64;
        let advance = advances.entry(id).or_insert(Advance {
            session: id,
            epoch: &append.epoch,
            base: append.base,
            last: append.base,
            fence: append.fence,
            bytes: 0,
            progress: None,
            has_facts: false,
        });
        if advance.last != append.base
            || advance.epoch != append.epoch
            || advance.fence != append.fence
        {
            return Err(AppendError::Conflict);
        }
        advance.last = last;
        advance.bytes += append
            .events
            .iter()
            .map(|event| counter(event.frame.len()))
            .sum::<i64>();
        advance.progress = append.progress.or(advance.progress);
        advance.has_facts |= !append.changes.is_empty();
    }
    let advances: Vec<Advance<'_>> = advances.into_values().collect();
    if advance_all(db, &advances)? != advances.len() {
        return Err(AppendError::Conflict);
    }
    let events: Vec<EventRow<'_>> = ids
        .iter()
        .zip(appends)
        .flat_map(|(id, append)| {
            append.events.iter().map(|event| EventRow {
                session_id: id,
                seq: event.seq,
                kind: event.kind,
                ts: time(event.ts),
                frame: &event.frame,
            })
        })
        .collect();
    insert_events(db, &events)?;
    let facts: Vec<Facts<'_>> = appends
        .iter()
        .map(|append| Facts {
            session_id: append.session_id,
            run_id: append.run_id,
            changes: &append.changes,
            now: append.now,
        })
        .collect();
    Ok(changes::write(db, &facts)?)
}

/// Advances `last_seq` of every session whose log ends where its owner expects. Returns the number
/// of sessions that advanced.
fn advance_all(db: &mut Db, advances: &[Advance<'_>]) -> Result<usize, StoreError> {
    match db {
        Db::Sqlite(c) => {
            let mut moved = 0;
            for advance in advances {
                // Raw SQL, because Diesel prepares an UPDATE of its own anew each time.
                moved += diesel::sql_query(
                    "UPDATE evaluation_sessions SET last_seq = ?, stored_bytes = stored_bytes + ?, \
                     progress = COALESCE(?, progress), orphaned = CASE WHEN ? THEN 0 ELSE orphaned END \
                     WHERE id = ? AND last_seq = ? AND epoch = ? AND fence = ?",
                )
                .bind::<BigInt, _>(advance.last)
                .bind::<BigInt, _>(advance.bytes)
                .bind::<Nullable<Double>, _>(advance.progress)
                .bind::<Bool, _>(advance.has_facts)
                .bind::<Text, _>(advance.session)
                .bind::<BigInt, _>(advance.base)
                .bind::<Text, _>(advance.epoch)
                .bind::<BigInt, _>(advance.fence)
                .execute(c)?;
            }
            Ok(moved)
        }
        // One round trip for any number of sessions. An UPDATE locks rows in the order in which the
        // plan finds them; the sorted SELECT locks them first.
        Db::Pg(c) => Ok(diesel::sql_query(
            "WITH want AS (SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) \
             AS want (id, epoch, base, last, bytes, progress, fence, has_facts)), \
             held AS (SELECT s.id FROM evaluation_sessions AS s WHERE s.id = ANY ($1) \
             ORDER BY s.id FOR NO KEY UPDATE) \
             UPDATE evaluation_sessions AS s SET last_seq = want.last, \
             stored_bytes = s.stored_bytes + want.bytes, progress = COALESCE(want.progress, s.progress), \
             orphaned = CASE WHEN want.has_facts THEN 0 ELSE s.orphaned END FROM want, held \
             WHERE s.id = want.id AND s.id = held.id AND s.last_seq = want.base AND s.epoch = want.epoch \
             AND s.fence = want.fence",
        )
        .bind::<Array<Text>, _>(column(advances, |advance| advance.session))
        .bind::<Array<Text>, _>(column(advances, |advance| advance.epoch))
        .bind::<Array<BigInt>, _>(column(advances, |advance| advance.base))
        .bind::<Array<BigInt>, _>(column(advances, |advance| advance.last))
        .bind::<Array<BigInt>, _>(column(advances, |advance| advance.bytes))
        .bind::<Array<Nullable<Double>>, _>(column(advances, |advance| advance.progress))
        .bind::<Array<BigInt>, _>(column(advances, |advance| advance.fence))
        .bind::<Array<Bool>, _>(column(advances, |advance| advance.has_facts))
        .execute(c)?),
    }
}

fn insert_events(db: &mut Db, events: &[EventRow<'_>]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    match db {
        Db::Sqlite(c) => {
            for chunk in events.chunks(CHUNK) {
                diesel::insert_into(session_events::table)
                    .values(chunk)
                    .execute(c)?;
            }
        }
        // Arrays, so that the statement is the same for any number of rows and stays prepared.
        Db::Pg(c) => {
            diesel::sql_query(
                "INSERT INTO session_events (session_id, seq, kind, ts, frame) \
                 SELECT * FROM unnest($1, $2, $3, $4, $5)",
            )
            .bind::<Array<Text>, _>(column(events, |event| event.session_id))
            .bind::<Array<BigInt>, _>(column(events, |event| event.seq))
            .bind::<Array<Text>, _>(column(events, |event| event.kind))
            .bind::<Array<Timestamp>, _>(column(events, |event| event.ts))
            .bind::<Array<Text>, _>(column(events, |event| event.frame))
            .execute(c)?;
        }
    }
    Ok(())
}

fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Determines why the log did not end at `base`. If the answer of an earlier attempt was lost, this
/// append itself may be the reason, and the result is success.
fn explain(db: &mut Db, append: &Append) -> Result<(), AppendError> {
    let outcome: Result<Result<(), AppendError>, StoreError> =
        db.transact(Access::Snapshot, |db| {
            let found: Option<(String, i64, i64)> = evaluation_sessions::table
                .find(append.session_id.to_string())
                .select((
                    evaluation_sessions::epoch,
                    evaluation_sessions::last_seq,
                    evaluation_sessions::fence,
                ))
                .first(db)
                .optional()
                .map_err(StoreError::from)?;
            let Some((epoch, last_seq, fence)) = found else {
                return Ok(Err(AppendError::Gone));
            };
            if trash::has(db, append.session_id)? {
                return Ok(Err(AppendError::Gone));
            }
            let events = append.events.len() as i64;
            let last = append.base + events;
            let other = if fence == append.fence {
                AppendError::Conflict
            } else {
                AppendError::Fenced
            };
            if events == 0 || epoch != append.epoch || last_seq < last {
                return Ok(Err(other));
            }
            let stored = read_until(db, append.session_id, append.base, last, events, usize::MAX)?;
            let same = stored.len() == append.events.len()
                && stored
                    .iter()
                    .zip(&append.events)
                    .all(|((_, frame), event)| *frame == event.frame);
            Ok(if same { Ok(()) } else { Err(other) })
        });
    outcome?
}
