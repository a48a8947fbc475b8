//! Adjusts a database that was restored from a copy.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::SessionId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::time;
use crate::store::tables::schema::{api_keys, evaluation_sessions, nodes, shares, token_families};

/// The numbers of changed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Sessions; the log of each got a new epoch.
    pub sessions: usize,
    /// Logins that were ended.
    pub logins: usize,
    /// API keys that were revoked.
    pub keys: usize,
    /// Share links that were revoked.
    pub links: usize,
}

/// Gives every log a new epoch, ends every login, revokes every API key, and revokes every share
/// link.
///
/// A client may hold a position beyond the end of the copy. Once the log has grown past that again,
/// the client would silently miss the new events before its position; a new epoch makes it start
/// over. Logins, keys and links that were ended after the copy was taken would otherwise be valid
/// again.
///
/// # Errors `Unavailable`, `Query`.
pub(crate) fn begin_anew(db: &mut Db, now: DateTime<Utc>) -> Result<Restored, StoreError> {
    if let Db::Pg(c) = db {
        // Nodes may be running. They would lock rows in another order, and put themselves into rows
        // between the statements below.
        diesel::sql_query("LOCK TABLE evaluation_sessions IN SHARE ROW EXCLUSIVE MODE")
            .execute(c)?;
    }
    let epoch = Uuid::now_v7().to_string();
    let sessions = diesel::update(evaluation_sessions::table)
        .set((
            evaluation_sessions::epoch.eq(epoch),
            evaluation_sessions::owner.eq(None::<String>),
            evaluation_sessions::fence.eq(evaluation_sessions::fence + 1),
        ))
        .execute(db)?;
    // The nodes are those of the time at which the copy was taken.
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

/// Gives the log of one session a new epoch, if it has this one and ends before an event that was
/// shown. Nobody owns its live run any more, so that a node claims it and continues from what is
/// stored. Returns false if the log has been replaced, or continued, in the meantime.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn begin_log_anew(
    db: &mut Db,
    session: SessionId,
    epoch: &str,
    shown: i64,
) -> Result<bool, StoreError> {
    let lost_its_end = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::epoch.eq(epoch))
        .filter(evaluation_sessions::last_seq.lt(shown));
    let replaced = diesel::update(lost_its_end)
        .set((
            evaluation_sessions::epoch.eq(Uuid::now_v7().to_string()),
            evaluation_sessions::owner.eq(None::<String>),
            evaluation_sessions::fence.eq(evaluation_sessions::fence + 1),
        ))
        .execute(db)?;
    Ok(replaced > 0)
}
