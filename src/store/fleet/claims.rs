//! Ownership of runs: a node claims runs without an owner, the oldest first. Every change of owner
//! increments the fencing token that the owner's appends have to carry.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use crate::domain::event::CancelReason;
use crate::domain::ids::{NodeId, RunId, SessionId, UserId};
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::{counter, name, read_id, read_name, read_time, time};
use crate::store::tables::schema::evaluation_sessions;
use crate::store::tables::trash::NOBODY;

/// Added to a run's count of deaths when another node has declared its owner dead.
pub(crate) const DIED: i64 = 4;

/// Added when its owner died and was restarted in the same place. It is less, since a process that
/// is killed a few times in a row, or for which its machine has too little memory, must not end
/// runs that only lacked the time to make progress.
pub(crate) const DIED_IN_PLACE: i64 = 1;

/// From this count on, the run is suspected of killing its owners, and a node has at most one such
/// run at a time.
pub(crate) const SUSPECT: i64 = 2 * DIED;

/// From this count on, the run is ended with an error.
pub(crate) const POISON: i64 = 6 * DIED;

/// A run that a node has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub session: SessionId,
    pub run: RunId,
    pub user: UserId,
    /// The fencing token of the node's ownership.
    pub fence: i64,
    /// True if the run only has to be ended, because its deadline has passed or its end was
    /// requested; it needs no slot then.
    pub only_to_end: bool,
    /// True if an owner has died since the run last made progress.
    pub is_orphaned: bool,
}

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The claimed runs, in no particular order.
    pub runs: Vec<Claimed>,
    /// True if there are more runs without an owner.
    pub waiting: bool,
    /// The earliest deadline of the runs that still wait, if it is known.
    pub next_end: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    run_id: Option<String>,
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = BigInt)]
    fence: i64,
    #[diesel(sql_type = Nullable<Timestamp>)]
    ends_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Text>)]
    stop: Option<String>,
    #[diesel(sql_type = BigInt)]
    orphaned: i64,
}

impl Row {
    /// Parses the row. An error names the column without its value, which may hold anything.
    fn read(&self, now: NaiveDateTime) -> Result<Claimed, &'static str> {
        let run = self.run_id.as_deref().ok_or("it has no run")?;
        Ok(Claimed {
            session: read_id(&self.id).map_err(|_| "its id can't be read")?,
            run: read_id(run).map_err(|_| "its run's id can't be read")?,
            user: read_id(&self.user_id).map_err(|_| "its owner's id can't be read")?,
            fence: self.fence,
            only_to_end: self.stop.is_some() || self.ends_at.is_some_and(|end| end <= now),
            is_orphaned: self.orphaned > 0,
        })
    }
}

// Rows that another node is just claiming are skipped. A placeholder can occur several times.
const TAKE_POSTGRES: &str = "\
    WITH ending AS (SELECT id FROM evaluation_sessions \
        WHERE status = 'in_progress' AND owner IS NULL AND (ends_at <= $2 OR stop IS NOT NULL) \
        ORDER BY ends_at LIMIT $4 FOR UPDATE SKIP LOCKED), \
    due AS (SELECT id FROM evaluation_sessions \
        WHERE status = 'in_progress' AND owner IS NULL AND (ends_at > $2 OR ends_at IS NULL) \
        AND stop IS NULL AND orphaned < $5 AND ($6::timestamp IS NULL OR started_at <= $6) \
        ORDER BY started_at, id LIMIT $3 FOR UPDATE SKIP LOCKED), \
    suspect AS (SELECT id FROM evaluation_sessions \
        WHERE status = 'in_progress' AND owner IS NULL AND (ends_at > $2 OR ends_at IS NULL) \
        AND stop IS NULL AND orphaned >= $5 AND NOT EXISTS (SELECT 1 FROM evaluation_sessions AS own \
            WHERE own.owner = $1 AND own.orphaned >= $5) \
        ORDER BY started_at, id LIMIT least(1, $3 - (SELECT count(*) FROM due)) FOR UPDATE SKIP LOCKED) \
    UPDATE evaluation_sessions AS s SET owner = $1, fence = s.fence + 1 \
    FROM (SELECT id FROM ending UNION ALL SELECT id FROM due UNION ALL SELECT id FROM suspect) AS taken \
    WHERE s.id = taken.id \
    RETURNING s.id, s.run_id, s.user_id, s.fence, s.ends_at, s.stop, s.orphaned";

// Suspected runs are sorted behind the others, so that one of them is claimed only if a slot is
// left.
const TAKE_SQLITE: &str = "\
    UPDATE evaluation_sessions SET owner = ?1, fence = fence + 1 WHERE id IN ( \
        SELECT * FROM (SELECT id FROM evaluation_sessions \
            WHERE status = 'in_progress' AND owner IS NULL AND (ends_at <= ?2 OR stop IS NOT NULL) \
            ORDER BY ends_at LIMIT ?4) \
        UNION ALL SELECT * FROM (SELECT id FROM evaluation_sessions AS due \
            WHERE status = 'in_progress' AND owner IS NULL AND (ends_at > ?2 OR ends_at IS NULL) \
            AND stop IS NULL AND (orphaned < ?5 OR due.id = (SELECT id FROM evaluation_sessions \
                WHERE status = 'in_progress' AND owner IS NULL AND (ends_at > ?2 OR ends_at IS NULL) \
                AND stop IS NULL AND orphaned >= ?5 AND NOT EXISTS (SELECT 1 FROM evaluation_sessions AS own \
                    WHERE own.owner = ?1 AND own.orphaned >= ?5) \
                ORDER BY started_at, id LIMIT 1)) \
            ORDER BY orphaned >= ?5, started_at, id LIMIT ?3)) \
    RETURNING id, run_id, user_id, fence, ends_at, stop, orphaned";

/// The capacity that a node offers for runs without an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Maximum number of runs to claim, the oldest first.
    pub places: usize,
    /// Maximum number of further runs that only have to be ended.
    pub ending: usize,
    /// Claims only runs that were started by then; `None` claims any.
    pub started_by: Option<DateTime<Utc>>,
}

/// Claims runs without an owner. A row that cannot be parsed is logged and skipped, so that it does
/// not block the others.
///
/// # Errors
/// `Unavailable`, also if the node was declared dead; `Query`.
pub(crate) fn take(
    db: &mut Db,
    node: NodeId,
    now: DateTime<Utc>,
    offer: Offer,
) -> Result<Claims, StoreError> {
    let Offer {
        places,
        ending,
        started_by,
    } = offer;
    let (node, now) = (node.to_string(), time(now));
    let rows: Result<Vec<Row>, _> = match db {
        Db::Pg(c) => diesel::sql_query(TAKE_POSTGRES)
            .bind::<Text, _>(&node)
            .bind::<Timestamp, _>(now)
            .bind::<BigInt, _>(counter(places))
            .bind::<BigInt, _>(counter(ending))
            .bind::<BigInt, _>(SUSPECT)
            .bind::<Nullable<Timestamp>, _>(started_by.map(time))
            .load(c),
        Db::Sqlite(c) => diesel::sql_query(TAKE_SQLITE)
            .bind::<Text, _>(&node)
            .bind::<Timestamp, _>(now)
            .bind::<BigInt, _>(counter(places))
            .bind::<BigInt, _>(counter(ending))
            .bind::<BigInt, _>(SUSPECT)
            .load(c),
    };
    let rows = rows.map_err(owner_error)?;
    let mut runs = Vec::with_capacity(rows.len());
    for row in &rows {
        match row.read(now) {
            Ok(run) => runs.push(run),
            Err(reason) => {
                tracing::error!(session = row.id, reason, "a live run can't be taken up");
            }
        }
    }
    let next: Option<Option<NaiveDateTime>> = evaluation_sessions::table
        .filter(evaluation_sessions::status.eq(Status::InProgress.as_str()))
        .filter(evaluation_sessions::owner.is_null())
        .order(evaluation_sessions::ends_at.asc())
        .select(evaluation_sessions::ends_at)
        .first(db)
        .optional()?;
    Ok(Claims {
        runs,
        waiting: next.is_some(),
        next_end: next.flatten().map(read_time),
    })
}

/// A violated foreign key means that the node was declared dead and its row removed.
fn owner_error(error: diesel::result::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::NotFound => StoreError::no_such_node(),
        other => other,
    }
}

/// A live run that a node owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owned {
    pub session: SessionId,
    pub user: UserId,
    /// The fencing token of the node's ownership.
    pub fence: i64,
}

/// Returns the runs that a node owns. A node that lost the answer to its claim learns the result
/// from this.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn owned(db: &mut Db, node: NodeId) -> Result<Vec<Owned>, StoreError> {
    let rows: Vec<(String, String, i64)> = evaluation_sessions::table
        .filter(evaluation_sessions::owner.eq(node.to_string()))
        .filter(evaluation_sessions::status.eq(Status::InProgress.as_str()))
        .filter(evaluation_sessions::user_id.ne(NOBODY))
        .select((
            evaluation_sessions::id,
            evaluation_sessions::user_id,
            evaluation_sessions::fence,
        ))
        .load(db)?;
    let owned = rows.iter().map(|(session, user, fence)| {
        Ok(Owned {
            session: read_id(session)?,
            user: read_id(user)?,
            fence: *fence,
        })
    });
    owned.collect()
}

/// Releases runs, each identified by its fencing token, and adds `against` to their counts of
/// deaths. Returns the number of runs that the node still owned.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn release(
    db: &mut Db,
    node: NodeId,
    runs: impl IntoIterator<Item = (SessionId, i64)>,
    against: i64,
) -> Result<usize, StoreError> {
    // Rows are locked in the same order everywhere, so that transactions cannot deadlock.
    let mut runs: Vec<_> = runs.into_iter().collect();
    runs.sort_unstable();
    let mut released = 0;
    for (session, fence) in runs {
        let own = evaluation_sessions::table
            .find(session.to_string())
            .filter(evaluation_sessions::owner.eq(node.to_string()))
            .filter(evaluation_sessions::fence.eq(fence));
        released += diesel::update(own)
            .set((
                evaluation_sessions::owner.eq(None::<String>),
                evaluation_sessions::fence.eq(fence + 1),
                evaluation_sessions::orphaned.eq(evaluation_sessions::orphaned + against),
            ))
            .execute(db)?;
    }
    Ok(released)
}

/// A run whose end was requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopping {
    pub run: RunId,
    /// True if the requesting node owns the run, and so has to end it. Otherwise the owner does,
    /// which polls every second.
    pub is_own: bool,
    /// The fencing token of the run's owner.
    pub fence: i64,
}

/// Requests the end of a live run, and claims the run if it has no owner. Returns `None` if there
/// is no live run.
///
/// # Errors
/// `Unavailable`, also if the node was declared dead; `Query`.
pub(crate) fn stop(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    reason: CancelReason,
    node: NodeId,
) -> Result<Option<Stopping>, StoreError> {
    let live = || {
        evaluation_sessions::table
            .find(session.to_string())
            .filter(evaluation_sessions::user_id.eq(user.to_string()))
            .filter(evaluation_sessions::status.eq(Status::InProgress.as_str()))
    };
    // This also locks the row. The first request wins, since its reason was confirmed to a client.
    let held = diesel::update(live().filter(evaluation_sessions::stop.is_null()))
        .set(evaluation_sessions::stop.eq(name(&reason)?))
        .execute(db)?;
    if held == 0 {
        diesel::update(live())
            .set(evaluation_sessions::last_seq.eq(evaluation_sessions::last_seq))
            .execute(db)?;
    }
    let row: Option<(Option<String>, Option<String>, i64)> = live()
        .select((
            evaluation_sessions::run_id,
            evaluation_sessions::owner,
            evaluation_sessions::fence,
        ))
        .first(db)
        .optional()?;
    let Some((Some(run), owner, fence)) = row else {
        return Ok(None);
    };
    let (is_own, fence) = match owner {
        Some(owner) => (owner == node.to_string(), fence),
        None => {
            let fence = fence + 1;
            diesel::update(live())
                .set((
                    evaluation_sessions::owner.eq(Some(node.to_string())),
                    evaluation_sessions::fence.eq(fence),
                ))
                .execute(db)
                .map_err(owner_error)?;
            (true, fence)
        }
    };
    Ok(Some(Stopping {
        run: read_id(&run)?,
        is_own,
        fence,
    }))
}

/// Returns true if the owner with that fencing token still has a run that is to end.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn is_still_to_stop(
    db: &mut Db,
    session: SessionId,
    fence: i64,
) -> Result<bool, StoreError> {
    let still: i64 = evaluation_sessions::table
        .filter(evaluation_sessions::id.eq(session.to_string()))
        .filter(evaluation_sessions::fence.eq(fence))
        .filter(evaluation_sessions::stop.is_not_null())
        .filter(evaluation_sessions::status.eq(Status::InProgress.as_str()))
        .count()
        .get_result(db)?;
    Ok(still > 0)
}

/// Takes over a run whose owner has not ended it as requested. Returns the new fencing token, or
/// `None` if the run has ended or has another owner by now.
///
/// # Errors
/// `Unavailable`, also if the node was declared dead; `Query`.
pub(crate) fn take_over(
    db: &mut Db,
    session: SessionId,
    fence: i64,
    node: NodeId,
) -> Result<Option<i64>, StoreError> {
    let still = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::fence.eq(fence))
        .filter(evaluation_sessions::stop.is_not_null())
        .filter(evaluation_sessions::status.eq(Status::InProgress.as_str()));
    let taken = diesel::update(still)
        .set((
            evaluation_sessions::owner.eq(Some(node.to_string())),
            evaluation_sessions::fence.eq(fence + 1),
        ))
        .execute(db)
        .map_err(owner_error)?;
    Ok((taken > 0).then_some(fence + 1))
}

/// Returns the node's runs whose end was requested.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn to_stop(
    db: &mut Db,
    node: NodeId,
) -> Result<Vec<(SessionId, UserId, CancelReason)>, StoreError> {
    let rows: Vec<(String, String, Option<String>)> = evaluation_sessions::table
        .filter(evaluation_sessions::owner.eq(node.to_string()))
        .filter(evaluation_sessions::stop.is_not_null())
        .filter(evaluation_sessions::user_id.ne(NOBODY))
        .select((
            evaluation_sessions::id,
            evaluation_sessions::user_id,
            evaluation_sessions::stop,
        ))
        .load(db)?;
    let read = |(session, user, reason): &(String, String, Option<String>)| {
        let reason = read_name(reason.as_deref().unwrap_or_default())?;
        Ok::<_, StoreError>((read_id(session)?, read_id(user)?, reason))
    };
    // A row that cannot be parsed, such as one of a newer release, must not keep the node from
    // sending its heartbeat.
    let wishes = rows.iter().filter_map(|row| {
        read(row)
            .inspect_err(|error| tracing::error!(%error, session = row.0, "a wish to end a run can't be read"))
            .ok()
    });
    Ok(wishes.collect())
}
