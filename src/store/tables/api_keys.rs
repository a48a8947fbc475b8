//! API keys, by the hash of their text.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{read_id, read_time, time};
use super::quota;
use super::schema::{api_keys, users};
use super::users::{COLUMNS, User, UserRow, from_row as read_user};
use crate::domain::credential::Scope;
use crate::domain::ids::{ApiKeyId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Most keys that one user has at a time; one that has expired counts until it is revoked or removed.
pub(crate) const MAX_KEYS: i64 = 50;

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiKey {
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// How its text begins, so that people know it again.
    pub prefix: String,
    /// In their order, each once; at least one.
    pub scopes: Vec<Scope>,
    /// The networks that it may come from, as they are written; none: it may come from anywhere.
    pub addresses: Vec<String>,
    pub created_at: DateTime<Utc>,
    /// None: it lasts until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// To the minute or so; none: never.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

type Row = (
    String,
    String,
    String,
    String,
    String,
    NaiveDateTime,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
);

/// The columns of [`Row`].
const KEY: (
    api_keys::id,
    api_keys::name,
    api_keys::prefix,
    api_keys::scopes,
    api_keys::addresses,
    api_keys::created_at,
    api_keys::expires_at,
    api_keys::last_used_at,
    api_keys::revoked_at,
) = (
    api_keys::id,
    api_keys::name,
    api_keys::prefix,
    api_keys::scopes,
    api_keys::addresses,
    api_keys::created_at,
    api_keys::expires_at,
    api_keys::last_used_at,
    api_keys::revoked_at,
);

fn from_row(
    (id, name, prefix, scopes, addresses, created_at, expires_at, last_used_at, revoked_at): Row,
) -> Result<ApiKey, StoreError> {
    let scopes: Result<Vec<Scope>, String> = listed(&scopes).map(str::parse).collect();
    Ok(ApiKey {
        id: read_id(&id)?,
        name,
        prefix,
        scopes: scopes.map_err(|why| StoreError::Query(format!("stored scopes: {why}")))?,
        addresses: listed(&addresses).map(ToOwned::to_owned).collect(),
        created_at: read_time(created_at),
        expires_at: expires_at.map(read_time),
        last_used_at: last_used_at.map(read_time),
        revoked_at: revoked_at.map(read_time),
    })
}

fn listed(column: &str) -> impl Iterator<Item = &str> {
    column.split(',').filter(|item| !item.is_empty())
}

/// Keeps a new key. False if its user has [`MAX_KEYS`], or is not there.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn insert(
    db: &mut Db,
    user: UserId,
    key: &ApiKey,
    key_hash: &str,
) -> Result<bool, StoreError> {
    // Held until the end of the transaction: two at once can't both take the last place.
    if !quota::hold(db, user)? {
        return Ok(false);
    }
    let there: i64 = of_user(user).count().get_result(db)?;
    if there >= MAX_KEYS {
        return Ok(false);
    }
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(key.id.to_string()),
            api_keys::user_id.eq(user.to_string()),
            api_keys::name.eq(&key.name),
            api_keys::key_hash.eq(key_hash),
            api_keys::prefix.eq(&key.prefix),
            api_keys::scopes.eq(scopes.join(",")),
            api_keys::addresses.eq(key.addresses.join(",")),
            api_keys::created_at.eq(time(key.created_at)),
            api_keys::expires_at.eq(key.expires_at.map(time)),
        ))
        .execute(db)?;
    Ok(true)
}

/// The user's keys that were not revoked.
#[diesel::dsl::auto_type]
fn of_user(user: UserId) -> _ {
    let user: String = user.to_string();
    api_keys::table
        .filter(api_keys::user_id.eq(user))
        .filter(api_keys::revoked_at.is_null())
}

/// The user's keys that were not revoked, the oldest first. One that has expired is among them, so that its owner
/// sees why it is no longer taken.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn list(db: &mut Db, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
    let rows: Vec<Row> = of_user(user)
        .order((api_keys::created_at, api_keys::id))
        .select(KEY)
        .load(db)?;
    rows.into_iter().map(from_row).collect()
}

/// The key with that hash, whatever has become of it, and whose it is.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn find(db: &mut Db, key_hash: &str) -> Result<Option<(ApiKey, User)>, StoreError> {
    let row: Option<(Row, UserRow)> = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::key_hash.eq(key_hash))
        .select((KEY, COLUMNS))
        .first(db)
        .optional()?;
    row.map(|(key, user)| Ok((from_row(key)?, read_user(user)?)))
        .transpose()
}

/// Keys of one question: bounded, so that the values of a statement are.
const KEYS_AT_ONCE: usize = 500;

/// Those of the keys that are not in force: revoked, expired, gone, or of an account that is disabled.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn ended_among(
    db: &mut Db,
    keys: &[ApiKeyId],
    now: DateTime<Utc>,
) -> Result<Vec<ApiKeyId>, StoreError> {
    let mut ended = Vec::new();
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let ids: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let live: Vec<String> = api_keys::table
            .inner_join(users::table)
            .filter(api_keys::id.eq_any(ids))
            .filter(api_keys::revoked_at.is_null())
            .filter(
                api_keys::expires_at
                    .is_null()
                    .or(api_keys::expires_at.gt(time(now))),
            )
            .filter(users::disabled_at.is_null())
            .select(api_keys::id)
            .load(db)?;
        let live: HashSet<String> = live.into_iter().collect();
        ended.extend(keys.iter().filter(|key| !live.contains(&key.to_string())));
    }
    Ok(ended)
}

/// Revokes a key of the user; its prefix. None if there is no such key that was not revoked before.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke(
    db: &mut Db,
    user: UserId,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let own = api_keys::table
        .find(key.to_string())
        .filter(api_keys::user_id.eq(user.to_string()))
        .filter(api_keys::revoked_at.is_null());
    let prefix = diesel::update(own)
        .set(api_keys::revoked_at.eq(time(now)))
        .returning(api_keys::prefix)
        .get_result(db)
        .optional()?;
    Ok(prefix)
}

/// Revokes every key of the user; those that had not been revoked before.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke_all(
    db: &mut Db,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<ApiKeyId>, StoreError> {
    let own = api_keys::table
        .filter(api_keys::user_id.eq(user.to_string()))
        .filter(api_keys::revoked_at.is_null());
    let revoked: Vec<String> = diesel::update(own)
        .set(api_keys::revoked_at.eq(time(now)))
        .returning(api_keys::id)
        .get_results(db)?;
    revoked.iter().map(|id| read_id(id)).collect()
}

/// Keeps that a key was used, unless a later use is kept already, as another node may have.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn used(db: &mut Db, key: ApiKeyId, at: DateTime<Utc>) -> Result<(), StoreError> {
    let earlier = api_keys::table.find(key.to_string()).filter(
        api_keys::last_used_at
            .is_null()
            .or(api_keys::last_used_at.lt(time(at))),
    );
    diesel::update(earlier)
        .set(api_keys::last_used_at.eq(time(at)))
        .execute(db)?;
    Ok(())
}
