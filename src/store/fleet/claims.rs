//! Who works on a run: a node takes runs that are nobody's, the oldest first, and every change of owner raises
//! the fence that the owner's appends name.

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

/// What it counts against a run that its owner was found dead by another node.
pub(crate) const DIED: i64 = 4;

/// What it counts that its owner died and was started again in the same place. Less: a process that somebody kills a
/// few times in a row, or that its machine has no memory for, must not end runs that only lacked the time to come
/// further.
pub(crate) const DIED_IN_PLACE: i64 = 1;

/// From here on it may be the run that kills its owners: a node has one such run at a time.
pub(crate) const SUSPECT: i64 = 2 * DIED;

/// From here on it ends with an error.
pub(crate) const POISON: i64 = 6 * DIED;

/// A run that a node has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub session: SessionId,
    pub run: RunId,
    pub user: UserId,
    /// Which of the session's owners the node is.
    pub fence: i64,
    /// Whether it needs no place at work: its time is over, or somebody has asked for its end.
    pub only_to_end: bool,
    /// Whether an owner has died since it last got further.
    pub is_orphaned: bool,
}

/// What came of asking for runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// In no particular order.
    pub runs: Vec<Claimed>,
    /// Whether somebody's run still waits.
    pub waiting: bool,
    /// When the time of the first that waits is over, where that is known.
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
    /// An error names what can't be read without repeating it, for it may hold anything.
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

// Rows that another node is just taking are passed over. A placeholder is used again by its number.
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

// Suspects among the oldest are sorted behind the others, so that a place is left over for one of them where it is.
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

/// What a node offers to runs that nobody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    /// So many are taken at most, the oldest first.
    pub places: usize,
    /// So many more that only have to be told that they are over.
    pub ending: usize,
    /// Only what was started by then; none: whatever waits.
    pub started_by: Option<DateTime<Utc>>,
}

/// Takes runs that nobody has. A row that can't be read is told to the operator and left out: it must not keep the
/// others from going on.
///
/// # Errors
/// `Unavailable`, also where the node was taken for dead; `Query`.
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

/// The row of a node that was taken for dead is not there to be referred to.
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
    /// Which of the session's owners the node is.
    pub fence: i64,
}

/// The runs that a node owns. Whoever lost the answer to a claim finds by it what was claimed.
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

/// Gives runs back, each named with its fence, and counts so much against them; how many of them the node still had.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn release(
    db: &mut Db,
    node: NodeId,
    runs: impl IntoIterator<Item = (SessionId, i64)>,
    against: i64,
) -> Result<usize, StoreError> {
    // In the order in which all others take the rows.
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

/// A run that somebody wants to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopping {
    pub run: RunId,
    /// Whether the node that asked is its owner: it has to end the run. Otherwise its owner does, which looks every
    /// second.
    pub is_own: bool,
    /// Which of the session's owners has it.
    pub fence: i64,
}

/// Writes down that a live run is to end, and takes it if it is nobody's; none if there is no live run.
///
/// # Errors
/// `Unavailable`, also where the node was taken for dead; `Query`.
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
    // Holds the row. What was asked first stands: it is what somebody was promised.
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

/// Whether the owner with that fence still has a run that is to end.
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

/// Takes a run from an owner that does not end it although somebody has asked for that; the new fence, and none where
/// it has ended or somebody else has it by now.
///
/// # Errors
/// `Unavailable`, also where the node was taken for dead; `Query`.
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

/// The node's runs that somebody wants to end.
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
    // One that can't be read, such as a newer release's, must not keep the node from showing that it lives.
    let wishes = rows.iter().filter_map(|row| {
        read(row)
            .inspect_err(|error| tracing::error!(%error, session = row.0, "a wish to end a run can't be read"))
            .ok()
    });
    Ok(wishes.collect())
}
