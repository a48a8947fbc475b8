//! Removes data that has reached its maximum age. Each function removes a slice, so that no other
//! writer waits for long, and returns the number of rows; 0 means that nothing is left.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamp};

use super::advisory_lock::{AdvisoryLock, try_lock};
use super::columns::{read_id, read_time, time};
use super::event_months;
use super::schema::{evaluation_sessions as sessions, usage_totals};
use super::trash::{self, NOBODY};
use super::usage::day;
use crate::domain::ids::SessionId;
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of rows in one slice.
const SLICE: i64 = 500;

/// Maximum number of evaluations in one slice; their rows are removed later.
const EVALUATIONS: i64 = 100;

/// Number of events after which a slice that only notes what is gone takes no further session: their
/// sizes are added up.
pub(in crate::store) const NOTED: i64 = 10_000;

/// Maximum number of logins in one slice: a login has a token for each renewal.
const LOGINS: i64 = 20;

/// Deletes evaluations that were created and have ended before that time. Returns their sessions.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn evaluations(
    db: &mut Db,
    before: DateTime<Utc>,
) -> Result<Vec<SessionId>, StoreError> {
    let before = time(before);
    let old: Vec<(String, String)> = sessions::table
        .filter(sessions::created_at.lt(before))
        .filter(sessions::status.ne(Status::InProgress.as_str()))
        .filter(
            sessions::completed_at
                .is_null()
                .or(sessions::completed_at.lt(before)),
        )
        .filter(sessions::user_id.ne(NOBODY))
        .order((sessions::created_at, sessions::id))
        .limit(EVALUATIONS)
        .select((sessions::user_id, sessions::id))
        .load(db)?;
    let mut taken = Vec::with_capacity(old.len());
    for (user, session) in old {
        if trash::evaluation(db, &user, &session)? {
            taken.push(read_id(&session)?);
        }
    }
    Ok(taken)
}

/// A slice of events that were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventSlice {
    /// Number of events; 0 means that nothing is left.
    pub rows: usize,
    /// The end of the last run that was looked at.
    pub reached: DateTime<Utc>,
}

/// Removes events of runs that ended before that time. The sequence numbers of a log continue.
///
/// Where the log is partitioned, the rows of a month stay until `store::upkeep::months` drops them
/// with the month: from here on nobody reads them, and they count for nobody's quota.
///
/// `from` is where the slice before this one has stopped: sessions whose events are gone stay in the
/// index by which old ones are found, so that each slice would search through all of them again.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn events(
    db: &mut Db,
    from: Option<DateTime<Utc>>,
    before: DateTime<Utc>,
) -> Result<EventSlice, StoreError> {
    let nothing = EventSlice {
        rows: 0,
        reached: before,
    };
    if !try_lock(db, AdvisoryLock::Events)? {
        return Ok(nothing);
    }
    let partitions = event_months::partitions(db)?.unwrap_or_default();
    let mut old: Vec<Ended> = sessions::table
        .filter(sessions::completed_at.ge(time(from.unwrap_or_default())))
        .filter(sessions::completed_at.lt(time(before)))
        .filter(sessions::status.ne(Status::InProgress.as_str()))
        .filter(sessions::purged_seq.lt(sessions::last_seq))
        .filter(sessions::user_id.ne(NOBODY))
        .order((sessions::completed_at, sessions::id))
        .limit(EVALUATIONS)
        .select((
            sessions::id,
            sessions::purged_seq,
            sessions::last_seq,
            sessions::completed_at,
        ))
        .load(db)?;
    let mut events = 0;
    let fitting = old.iter().take_while(|(_, purged, last, _)| {
        let fits = events < NOTED;
        events += last - purged;
        fits
    });
    let fitting = fitting.count();
    old.truncate(fitting);
    let all_reached = old.last().and_then(|(.., ended)| *ended);
    let (of_months, old): (Vec<_>, Vec<_>) = old
        .into_iter()
        .partition(|(session, ..)| partitions.has_month_of(session));
    let mut rows = note_gone(db, &of_months)?;
    let (mut left, mut reached) = (SLICE, all_reached);
    for (session, purged, last, ended) in old {
        if left == 0 {
            break;
        }
        reached = ended;
        let end = last.min(purged + left);
        // Locked against a concurrent start, whose events are new.
        let held = diesel::update(
            sessions::table
                .find(&session)
                .filter(sessions::status.ne(Status::InProgress.as_str())),
        )
        .set(sessions::purged_seq.eq(end))
        .execute(db)?;
        if held == 0 {
            continue;
        }
        diesel::sql_query(
            "UPDATE evaluation_sessions SET stored_bytes = stored_bytes - COALESCE((SELECT \
             CAST(SUM(octet_length(frame)) AS BIGINT) FROM session_events \
             WHERE session_id = $1 AND seq > $2 AND seq <= $3), 0) WHERE id = $1",
        )
        .bind::<Text, _>(&session)
        .bind::<BigInt, _>(purged)
        .bind::<BigInt, _>(end)
        .execute(db)?;
        diesel::sql_query("DELETE FROM session_events WHERE session_id = $1 AND seq <= $2")
            .bind::<Text, _>(&session)
            .bind::<BigInt, _>(end)
            .execute(db)?;
        left -= end - purged;
    }
    if left > 0 {
        reached = all_reached;
    }
    rows += SLICE - left;
    Ok(EventSlice {
        rows: usize::try_from(rows).unwrap_or_default(),
        reached: reached.map_or(before, read_time),
    })
}

/// A session, the last of its events that is gone, its last event, and the end of its run.
type Ended = (String, i64, i64, Option<NaiveDateTime>);

/// Notes that the events of sessions are gone, whose rows stay, in one statement: what is noted
/// costs no more for many. Sessions that were started anew meanwhile are left out. Returns the
/// number of events.
fn note_gone(db: &mut Db, sessions: &[Ended]) -> Result<i64, StoreError> {
    let Db::Pg(c) = db else { return Ok(0) };
    if sessions.is_empty() {
        return Ok(0);
    }
    let ids: Vec<&String> = sessions.iter().map(|(id, ..)| id).collect();
    let purged: Vec<i64> = sessions.iter().map(|(_, purged, ..)| *purged).collect();
    let last: Vec<i64> = sessions.iter().map(|(_, _, last, _)| *last).collect();
    let events = last.iter().zip(&purged).map(|(last, purged)| last - purged);
    let events = events.sum();
    // Locked in the order of their ids, as the event log does.
    diesel::sql_query(
        "WITH want AS (SELECT * FROM unnest($1, $2, $3) AS want (id, purged, last)), \
         held AS (SELECT s.id FROM evaluation_sessions AS s \
         WHERE s.id = ANY ($1) AND s.status <> $4 ORDER BY s.id FOR NO KEY UPDATE) \
         UPDATE evaluation_sessions AS s SET purged_seq = want.last, \
         stored_bytes = s.stored_bytes - COALESCE((SELECT CAST(SUM(octet_length(frame)) AS BIGINT) \
         FROM session_events WHERE session_id = want.id AND seq > want.purged AND seq <= want.last), 0) \
         FROM want, held WHERE s.id = want.id AND s.id = held.id",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<BigInt>, _>(purged)
    .bind::<Array<BigInt>, _>(last)
    .bind::<Text, _>(Status::InProgress.as_str())
    .execute(c)?;
    Ok(events)
}

/// Removes the daily usage of users, of keys and of all users together from before that time.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn usage(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let rows = diesel::sql_query(
        "DELETE FROM usage_days WHERE (user_id, day) IN \
         (SELECT user_id, day FROM usage_days WHERE day < $1 LIMIT $2)",
    )
    .bind::<Text, _>(day(before))
    .bind::<BigInt, _>(SLICE)
    .execute(db)?;
    let of_keys = diesel::sql_query(
        "DELETE FROM api_key_usage_days WHERE (api_key_id, day) IN \
         (SELECT api_key_id, day FROM api_key_usage_days WHERE day < $1 LIMIT $2)",
    )
    .bind::<Text, _>(day(before))
    .bind::<BigInt, _>(SLICE)
    .execute(db)?;
    let totals = usage_totals::table.filter(usage_totals::day.lt(day(before)));
    Ok(rows + of_keys + diesel::delete(totals).execute(db)?)
}

/// Removes refresh tokens that were used before that time. If one is presented again after that, it
/// is unknown, and its login stays in force.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn spent_tokens(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    slice(
        db,
        "DELETE FROM refresh_tokens WHERE token_hash IN \
         (SELECT token_hash FROM refresh_tokens WHERE spent_at < $1 LIMIT $2)",
        before,
        SLICE,
    )
}

/// Removes logins that have expired, with their tokens.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn expired_logins(db: &mut Db, now: DateTime<Utc>) -> Result<usize, StoreError> {
    slice(
        db,
        "DELETE FROM token_families WHERE id IN \
         (SELECT id FROM token_families WHERE expires_at <= $1 LIMIT $2)",
        now,
        LOGINS,
    )
}

/// Time for which a revoked key is kept, so that clients that still use it get the reason.
const REVOKED_KEYS: TimeDelta = TimeDelta::days(1);

/// Time for which an expired key is listed, so that its owner sees why it is refused.
const EXPIRED_KEYS: TimeDelta = TimeDelta::days(30);

/// Removes API keys that were revoked or expired a while ago. Their usage is kept with that of
/// their user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn ended_keys(db: &mut Db, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let revoked = slice(
        db,
        "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE revoked_at <= $1 LIMIT $2)",
        now - REVOKED_KEYS,
        SLICE,
    )?;
    let expired = slice(
        db,
        "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE expires_at <= $1 LIMIT $2)",
        now - EXPIRED_KEYS,
        SLICE,
    )?;
    Ok(revoked + expired)
}

/// Removes share links that have expired.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn expired_links(db: &mut Db, now: DateTime<Utc>) -> Result<usize, StoreError> {
    slice(
        db,
        "DELETE FROM shares WHERE id IN (SELECT id FROM shares WHERE expires_at <= $1 LIMIT $2)",
        now,
        SLICE,
    )
}

/// Removes entries of the security record from before that time.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn security_events(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    slice(
        db,
        "DELETE FROM security_events WHERE id IN \
         (SELECT id FROM security_events WHERE at < $1 LIMIT $2)",
        before,
        SLICE,
    )
}

/// Removes idempotency keys that are no longer honoured.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn idempotency_keys(db: &mut Db, before: DateTime<Utc>) -> Result<usize, StoreError> {
    slice(
        db,
        "DELETE FROM idempotency_keys WHERE (user_id, idempotency_key) IN \
         (SELECT user_id, idempotency_key FROM idempotency_keys WHERE created_at <= $1 LIMIT $2)",
        before,
        SLICE,
    )
}

fn slice(db: &mut Db, statement: &str, at: DateTime<Utc>, most: i64) -> Result<usize, StoreError> {
    let rows = diesel::sql_query(statement)
        .bind::<Timestamp, _>(time(at))
        .bind::<BigInt, _>(most)
        .execute(db)?;
    Ok(rows)
}
