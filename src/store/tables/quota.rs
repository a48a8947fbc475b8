//! How much one user keeps, and whether there is room for more.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::{collections, evaluation_sessions, users};
use crate::domain::ids::UserId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The most that one user keeps; 0 means no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    pub evaluations: u64,
    /// Bytes of texts, event logs, comments and documents. What is stored beside them, such as claims and
    /// indexes, grows with these and is not counted.
    pub bytes: u64,
}

impl Quota {
    /// Only that of bytes.
    #[must_use]
    pub(crate) const fn of_bytes(self) -> Self {
        Self {
            evaluations: 0,
            ..self
        }
    }
}

/// What there is no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// As many evaluations as a user keeps.
    Evaluations(u64),
    /// As many bytes as a user keeps.
    Bytes(u64),
}

/// Holds the user's row until the end of the transaction: whoever counts and then adds is alone with it.
/// False if there is no such user.
pub(crate) fn hold(db: &mut Db, user: UserId) -> Result<bool, StoreError> {
    let held = diesel::update(users::table.find(user.to_string()))
        .set(users::username.eq(users::username))
        .execute(db)?;
    Ok(held > 0)
}

/// Why the user may not add so many evaluations and bytes; none if there is room.
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
