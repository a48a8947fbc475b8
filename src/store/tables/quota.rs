//! The storage that each user occupies, and whether the quota leaves room for more.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::{collections, evaluation_sessions, users};
use crate::domain::ids::UserId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The maximum that one user may store; 0 means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    pub evaluations: u64,
    /// Bytes of texts, event logs, comments and documents. Derived data, such as claims and
    /// indexes, grows in proportion and is not counted.
    pub bytes: u64,
}

impl Quota {
    /// Returns the quota without the limit on evaluations.
    #[must_use]
    pub(crate) const fn of_bytes(self) -> Self {
        Self {
            evaluations: 0,
            ..self
        }
    }
}

/// The limit of a quota that is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The maximum number of evaluations of a user.
    Evaluations(u64),
    /// The maximum number of bytes of a user.
    Bytes(u64),
}

/// Locks the user's row until the end of the transaction, so that counting and then adding is
/// atomic. Returns false if there is no such user.
pub(crate) fn hold(db: &mut Db, user: UserId) -> Result<bool, StoreError> {
    let held = diesel::update(users::table.find(user.to_string()))
        .set(users::username.eq(users::username))
        .execute(db)?;
    Ok(held > 0)
}

/// Returns the limit that adding so many evaluations and bytes would exceed, or `None` if there is
/// room.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn exceeded(
    db: &mut Db,
    user: UserId,
    quota: Quota,
    evaluations: u64,
    bytes: u64,
) -> Result<Option<Full>, StoreError> {
    hold(db, user)?;
    let user = user.to_string();
    let (there, kept): (i64, i64) = evaluation_sessions::table
        .filter(evaluation_sessions::user_id.eq(&user))
        .select(sql::<(BigInt, BigInt)>(
            "count(*), cast(coalesce(sum(stored_bytes), 0) as bigint)",
        ))
        .first(db)?;
    if quota.evaluations > 0 && there.unsigned_abs() + evaluations > quota.evaluations {
        return Ok(Some(Full::Evaluations(quota.evaluations)));
    }
    let documents: i64 = collections::table
        .filter(collections::user_id.eq(&user))
        .select(sql::<BigInt>("cast(coalesce(sum(bytes), 0) as bigint)"))
        .first(db)?;
    let kept = kept.unsigned_abs() + documents.unsigned_abs();
    if quota.bytes > 0 && kept + bytes > quota.bytes {
        return Ok(Some(Full::Bytes(quota.bytes)));
    }
    Ok(None)
}
