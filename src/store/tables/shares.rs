//! Share links to evaluations, which are looked up by the hash of their token.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::read_status;
use super::columns::{read_id, read_time, time};
use super::row_lock::lock_evaluation;
use super::schema::{evaluation_runs, evaluation_sessions, shares};
use crate::domain::ids::{SessionId, ShareId, UserId};
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of links to one evaluation.
pub(crate) const MAX_SHARES: i64 = 50;

/// A link without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    pub id: ShareId,
    pub created_at: DateTime<Utc>,
    /// The time from which the link no longer works.
    pub expires_at: DateTime<Utc>,
    /// True if the link shows passages that were found in the owner's collections.
    pub show_documents: bool,
}

/// The target of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// The owner of the evaluation.
    pub user: UserId,
    pub session: SessionId,
    /// True if the link shows passages that were found in the owner's collections.
    pub show_documents: bool,
}

/// The result of sharing an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    /// The link was created.
    Done,
    /// The user has no such evaluation.
    NotFound,
    /// The evaluation has no result, and is in that state.
    NoResult(Status),
    /// The evaluation has [`MAX_SHARES`] links.
    TooMany,
}

/// Creates a link to an evaluation of the user.
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
    // Two concurrent calls must not both take the last slot.
    if !lock_evaluation(db, user, session)? {
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

/// Returns the links of an evaluation that still work, the oldest first.
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

/// Revokes a link. Returns false if there was none.
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

/// Returns the target of a link, or `None` if the link does not work.
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
