//! The logins of an account: listing those in force, and ending them. A login is a family of
//! refresh tokens.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{read_id, read_time, time};
use super::schema::{refresh_tokens, token_families, users};
use crate::domain::ids::{FamilyId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// A login that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub id: FamilyId,
    pub created_at: DateTime<Utc>,
    /// The time at which its tokens were last renewed; initially that of the login.
    pub renewed_at: DateTime<Utc>,
    /// The time at which it ends unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

/// Returns the user's logins that are in force, the oldest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn in_force(
    db: &mut Db,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Login>, StoreError> {
    let rows: Vec<(String, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>)> =
        token_families::table
            .left_join(refresh_tokens::table)
            .filter(token_families::user_id.eq(user.to_string()))
            .filter(token_families::revoked_at.is_null())
            .filter(token_families::expires_at.gt(time(now)))
            .group_by((
                token_families::id,
                token_families::created_at,
                token_families::expires_at,
            ))
            .order((token_families::created_at, token_families::id))
            .select((
                token_families::id,
                token_families::created_at,
                token_families::expires_at,
                diesel::dsl::max(refresh_tokens::created_at.nullable()),
            ))
            .load(db)?;
    rows.into_iter()
        .map(|(id, created_at, expires_at, renewed_at)| {
            Ok(Login {
                id: read_id(&id)?,
                created_at: read_time(created_at),
                renewed_at: read_time(renewed_at.unwrap_or(created_at)),
                expires_at: read_time(expires_at),
            })
        })
        .collect()
}

/// Maximum number of families in one query, since the number of parameters of a statement is
/// limited.
const FAMILIES_AT_ONCE: usize = 500;

/// Returns those of the families that are not in force: revoked, expired, deleted, or of a disabled
/// account.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn ended_among(
    db: &mut Db,
    families: &[FamilyId],
    now: DateTime<Utc>,
) -> Result<Vec<FamilyId>, StoreError> {
    let mut ended = Vec::new();
    for families in families.chunks(FAMILIES_AT_ONCE) {
        let ids: Vec<String> = families.iter().map(ToString::to_string).collect();
        let live: Vec<String> = token_families::table
            .inner_join(users::table)
            .filter(token_families::id.eq_any(ids))
            .filter(token_families::revoked_at.is_null())
            .filter(token_families::expires_at.gt(time(now)))
            .filter(users::disabled_at.is_null())
            .select(token_families::id)
            .load(db)?;
        let live: HashSet<String> = live.into_iter().collect();
        ended.extend(
            families
                .iter()
                .filter(|family| !live.contains(&family.to_string())),
        );
    }
    Ok(ended)
}

/// Revokes every family of the user but one. Returns those that were in force.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke_others(
    db: &mut Db,
    user: UserId,
    keep: FamilyId,
    now: DateTime<Utc>,
) -> Result<Vec<FamilyId>, StoreError> {
    revoke_all_but(db, user, &keep.to_string(), now)
}

/// Revokes every family of the user. Returns those that were in force.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke_all(
    db: &mut Db,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<FamilyId>, StoreError> {
    // No family has an empty id, so none is spared.
    revoke_all_but(db, user, "", now)
}

/// Revokes one family of the user. Returns false if it is not in force.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke_one(
    db: &mut Db,
    user: UserId,
    family: FamilyId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let own = token_families::table
        .find(family.to_string())
        .filter(token_families::user_id.eq(user.to_string()))
        .filter(token_families::revoked_at.is_null());
    let rows = diesel::update(own)
        .set(token_families::revoked_at.eq(time(now)))
        .execute(db)?;
    Ok(rows > 0)
}

fn revoke_all_but(
    db: &mut Db,
    user: UserId,
    keep: &str,
    now: DateTime<Utc>,
) -> Result<Vec<FamilyId>, StoreError> {
    let ended: Vec<String> = diesel::update(
        token_families::table
            .filter(token_families::user_id.eq(user.to_string()))
            .filter(token_families::id.ne(keep))
            .filter(token_families::revoked_at.is_null()),
    )
    .set(token_families::revoked_at.eq(time(now)))
    .returning(token_families::id)
    .get_results(db)?;
    ended.iter().map(|id| read_id(id)).collect()
}
