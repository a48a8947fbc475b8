//! What has to change in a database that was put back from a copy.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::time;
use crate::store::tables::schema::{api_keys, evaluation_sessions, nodes, shares, token_families};

/// How much was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Sessions, each with a log that has a new epoch.
    pub sessions: usize,
    /// Logins that were ended.
    pub logins: usize,
    /// API keys that were revoked.
    pub keys: usize,
    /// Links to evaluations that were taken back.
    pub links: usize,
}

/// Gives every log a new epoch, ends every login, revokes every API key, and takes every link back.
///
/// A client may hold a position beyond the copy's end. Once the log is longer than that again, it would
/// get what follows and miss what is new before it, without a word; of another epoch it is told. And
/// logins that were ended, keys that were revoked, and links that were taken back, after the copy was taken would live again.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn begin_anew(db: &mut Db, now: DateTime<Utc>) -> Result<Restored, StoreError> {
    let epoch = Uuid::now_v7().to_string();
    let sessions = diesel::update(evaluation_sessions::table)
        .set((
            evaluation_sessions::epoch.eq(epoch),
            evaluation_sessions::owner.eq(None::<String>),
        ))
        .execute(db)?;
    // Those of the time when the copy was taken.
    diesel::delete(nodes::table).execute(db)?;
    let logins = diesel::update(token_families::table.filter(token_families::revoked_at.is_null()))
        .set(token_families::revoked_at.eq(time(now)))
        .execute(db)?;
    let keys = diesel::update(api_keys::table.filter(api_keys::revoked_at.is_null()))
        .set(api_keys::revoked_at.eq(time(now)))
        .execute(db)?;
    let links = diesel::delete(shares::table).execute(db)?;
    Ok(Restored {
        sessions,
        logins,
        keys,
        links,
    })
}
