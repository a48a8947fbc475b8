//! Links to read an evaluation with, by the hash of their token.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::read_status;
use super::columns::{read_id, read_time, time};
use super::schema::{evaluation_runs, evaluation_sessions, shares};
use crate::domain::ids::{SessionId, ShareId, UserId};
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Most links that one evaluation has at a time.
pub(crate) const MAX_SHARES: i64 = 50;

/// A link, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    pub id: ShareId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it leads nowhere.
    pub expires_at: DateTime<Utc>,
    /// Whether it shows what was found in the owner's collections.
    pub show_documents: bool,
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// Whose the evaluation is.
    pub user: UserId,
    pub session: SessionId,
    /// Whether it shows what was found in the owner's collections.
    pub show_documents: bool,
}

/// What came of a wish to share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    /// There is a link now.
    Done,
    /// No such evaluation of that user.
    NotFound,
    /// There is nothing to show: it is in that state.
    NoResult(Status),
    /// [`MAX_SHARES`] are there.
    TooMany,
}

/// Makes a link to an evaluation of the user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn create(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    share: &Share,
    token_hash: &str,
) -> Result<Shared, StoreError> {
    // Changes nothing, but holds the row until the end of the transaction: two at once can't both take the
    // last place.
    let held = diesel::update(
        evaluation_sessions::table
            .find(session.to_string())
            .filter(evaluation_sessions::user_id.eq(user.to_string())),
    )
    .set(evaluation_sessions::last_seq.eq(evaluation_sessions::last_seq))
    .execute(db)?;
    if held == 0 {
        return Ok(Shared::NotFound);
    }
    let found: Option<(String, Option<String>)> = evaluation_sessions::table
        .left_join(
            evaluation_runs::table.on(evaluation_runs::id
                .nullable()
                .eq(evaluation_sessions::run_id)),
        )
        .filter(evaluation_sessions::id.eq(session.to_string()))
        .filter(evaluation_sessions::user_id.eq(user.to_string()))
        .select((
            evaluation_sessions::status,
            evaluation_runs::result.nullable(),
        ))
        .first(db)
        .optional()?;
    match found {
        None => return Ok(Shared::NotFound),
        Some((status, None)) => return Ok(Shared::NoResult(read_status(&status)?)),
        Some((_, Some(_))) => {}
    }
    let there: i64 = shares::table
        .filter(shares::session_id.eq(session.to_string()))
        .filter(shares::expires_at.gt(time(share.created_at)))
        .count()
        .get_result(db)?;
    if there >= MAX_SHARES {
        return Ok(Shared::TooMany);
    }
    diesel::insert_into(shares::table)
        .values((
            shares::id.eq(share.id.to_string()),
            shares::session_id.eq(session.to_string()),
            shares::token_hash.eq(token_hash),
            shares::created_at.eq(time(share.created_at)),
            shares::expires_at.eq(time(share.expires_at)),
            shares::show_documents.eq(share.show_documents),
        ))
        .execute(db)?;
    Ok(Shared::Done)
}

/// The links of an evaluation that still lead to it, the oldest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn list(
    db: &mut Db,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Vec<Share>, StoreError> {
    let rows: Vec<(String, NaiveDateTime, NaiveDateTime, bool)> = shares::table
        .filter(shares::session_id.eq(session.to_string()))
        .filter(shares::expires_at.gt(time(now)))
        .order((shares::created_at, shares::id))
        .select((
            shares::id,
            shares::created_at,
            shares::expires_at,
            shares::show_documents,
        ))
        .load(db)?;
    rows.into_iter()
        .map(|(id, created_at, expires_at, show_documents)| {
            Ok(Share {
                id: read_id(&id)?,
                created_at: read_time(created_at),
                expires_at: read_time(expires_at),
                show_documents,
            })
        })
        .collect()
}

/// Takes a link back. False if there was none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke(db: &mut Db, session: SessionId, share: ShareId) -> Result<bool, StoreError> {
    let rows = diesel::delete(
        shares::table
            .find(share.to_string())
            .filter(shares::session_id.eq(session.to_string())),
    )
    .execute(db)?;
    Ok(rows > 0)
}

/// Where a link leads, if it leads anywhere.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn find(
    db: &mut Db,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Link>, StoreError> {
    let row: Option<(String, String, bool)> = shares::table
        .inner_join(evaluation_sessions::table)
        .filter(shares::token_hash.eq(token_hash))
        .filter(shares::expires_at.gt(time(now)))
        .select((
            evaluation_sessions::user_id,
            evaluation_sessions::id,
            shares::show_documents,
        ))
        .first(db)
        .optional()?;
    row.map(|(user, session, show_documents)| {
        Ok(Link {
            user: read_id(&user)?,
            session: read_id(&session)?,
            show_documents,
        })
    })
    .transpose()
}
