//! API keys, which are looked up by the hash of their text.

use std::collections::HashSet;
use std::num::NonZeroU32;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{counter, read_counter, read_id, read_time, time};
use super::quota;
use super::schema::{api_keys, users};
use super::users::{COLUMNS, User, UserRow, from_row as read_user};
use crate::domain::credential::{DayBudget, Scope};
use crate::domain::ids::{ApiKeyId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of keys of one user. An expired key counts until it is revoked or removed.
pub(crate) const MAX_KEYS: i64 = 50;

/// An API key without its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiKey {
    pub id: ApiKeyId,
    /// The name that its owner gave it.
    pub name: String,
    /// The beginning of its text, by which people recognise it.
    pub prefix: String,
    /// In ascending order and without duplicates; at least one.
    pub scopes: Vec<Scope>,
    /// The networks from which it may be used, as they are stored. If empty, it may be used from
    /// anywhere.
    pub addresses: Vec<String>,
    pub created_at: DateTime<Utc>,
    /// `None` means that it is valid until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// Accurate to about a minute; `None` means never.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// The key's own daily budget, beside that of its user.
    pub budget: DayBudget,
    /// Requests per minute; `None` means no rate of its own.
    pub per_minute: Option<NonZeroU32>,
}

type BudgetRow = (Option<i64>, Option<f64>);

const BUDGET: (api_keys::day_tokens, api_keys::day_usd) = (api_keys::day_tokens, api_keys::day_usd);

fn read_budget((tokens, usd): BudgetRow) -> Result<DayBudget, StoreError> {
    Ok(DayBudget {
        tokens: tokens.map(read_counter).transpose()?,
        usd,
    })
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
    BudgetRow,
    Option<i64>,
);

/// The types of the columns of a [`Row`].
type Columns = (
    api_keys::id,
    api_keys::name,
    api_keys::prefix,
    api_keys::scopes,
    api_keys::addresses,
    api_keys::created_at,
    api_keys::expires_at,
    api_keys::last_used_at,
    api_keys::revoked_at,
    (api_keys::day_tokens, api_keys::day_usd),
    api_keys::per_minute,
);

const KEY: Columns = (
    api_keys::id,
    api_keys::name,
    api_keys::prefix,
    api_keys::scopes,
    api_keys::addresses,
    api_keys::created_at,
    api_keys::expires_at,
    api_keys::last_used_at,
    api_keys::revoked_at,
    BUDGET,
    api_keys::per_minute,
);

fn from_row(
    (
        id,
        name,
        prefix,
        scopes,
        addresses,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
        budget,
        per_minute,
    ): Row,
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
        budget: read_budget(budget)?,
        per_minute: per_minute.map(read_rate).transpose()?,
    })
}

fn read_rate(stored: i64) -> Result<NonZeroU32, StoreError> {
    let rate = u32::try_from(stored).ok().and_then(NonZeroU32::new);
    rate.ok_or_else(|| StoreError::Query(format!("a stored rate is {stored}")))
}

fn listed(column: &str) -> impl Iterator<Item = &str> {
    column.split(',').filter(|item| !item.is_empty())
}

/// Stores a new key. Returns false if its user has [`MAX_KEYS`], or does not exist.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn insert(
    db: &mut Db,
    user: UserId,
    key: &ApiKey,
    key_hash: &str,
) -> Result<bool, StoreError> {
    // Locked until the end of the transaction, so that two concurrent calls cannot both take the
    // last slot.
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
            api_keys::day_tokens.eq(key.budget.tokens.map(counter)),
            api_keys::day_usd.eq(key.budget.usd),
            api_keys::per_minute.eq(key.per_minute.map(|rate| i64::from(rate.get()))),
        ))
        .execute(db)?;
    Ok(true)
}

/// Selects the user's keys that were not revoked.
#[diesel::dsl::auto_type]
fn of_user(user: UserId) -> _ {
    let user: String = user.to_string();
    api_keys::table
        .filter(api_keys::user_id.eq(user))
        .filter(api_keys::revoked_at.is_null())
}

/// Returns the user's keys that were not revoked, the oldest first. Expired keys are included, so
/// that their owner sees why they are refused.
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

/// Returns the key with that hash, whatever its state, and its user.
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

/// Returns the daily budget of a user's key, whatever its state; none for a key that is gone or
/// another user's.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn budget(db: &mut Db, user: UserId, key: ApiKeyId) -> Result<DayBudget, StoreError> {
    let row: Option<BudgetRow> = api_keys::table
        .find(key.to_string())
        .filter(api_keys::user_id.eq(user.to_string()))
        .select(BUDGET)
        .first(db)
        .optional()?;
    row.map_or_else(|| Ok(DayBudget::default()), read_budget)
}

/// Maximum number of keys in one query, since the number of parameters of a statement is limited.
const KEYS_AT_ONCE: usize = 500;

/// Returns those of the keys that are not in force: revoked, expired, deleted, or of a disabled
/// account.
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

/// Revokes a key of the user and returns its prefix, or `None` if there is no such key that was not
/// revoked before.
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

/// Revokes every key of the user. Returns those that had not been revoked before.
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

/// Records the use of a key, unless a later use is already recorded, for instance by another node.
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
