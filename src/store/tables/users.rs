//! User accounts and their password hashes.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{read_id, read_time, time};
use super::schema::users;
use super::trash::NOBODY;
use crate::domain::ids::UserId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// An account without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// As the user wrote it; unique regardless of case.
    pub username: String,
    /// As the user wrote it; unique regardless of case.
    pub email: String,
    pub created_at: DateTime<Utc>,
    /// The time since which logging in is disabled; `None` if it is enabled.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// An account that is about to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub id: UserId,
    /// At least 1 character, without NUL.
    pub username: String,
    /// At least 1 character, without NUL.
    pub email: String,
    pub password_hash: String,
    pub created_at: DateTime<Utc>,
}

pub(crate) type UserRow = (String, String, String, NaiveDateTime, Option<NaiveDateTime>);

pub(crate) const COLUMNS: (
    users::id,
    users::username,
    users::email,
    users::created_at,
    users::disabled_at,
) = (
    users::id,
    users::username,
    users::email,
    users::created_at,
    users::disabled_at,
);

pub(crate) fn from_row(
    (id, username, email, created_at, disabled_at): UserRow,
) -> Result<User, StoreError> {
    Ok(User {
        id: read_id(&id)?,
        username,
        email,
        created_at: read_time(created_at),
        disabled_at: disabled_at.map(read_time),
    })
}

/// Creates an account.
///
/// # Errors
/// `Duplicate("username")` or `Duplicate("email")`, which are compared ignoring case.
pub fn insert(db: &mut Db, new: &NewUser) -> Result<User, StoreError> {
    let (username_lower, email_lower) = (new.username.to_lowercase(), new.email.to_lowercase());
    let namesakes: i64 = users::table
        .filter(users::username_lower.eq(&username_lower))
        .count()
        .get_result(db)?;
    if namesakes > 0 {
        return Err(StoreError::Duplicate("username"));
    }
    let same_address: i64 = users::table
        .filter(users::email_lower.eq(&email_lower))
        .count()
        .get_result(db)?;
    if same_address > 0 {
        return Err(StoreError::Duplicate("email"));
    }
    let created_at = time(new.created_at);
    diesel::insert_into(users::table)
        .values((
            users::id.eq(new.id.to_string()),
            users::username.eq(&new.username),
            users::username_lower.eq(username_lower),
            users::email.eq(&new.email),
            users::email_lower.eq(email_lower),
            users::password_hash.eq(&new.password_hash),
            users::created_at.eq(created_at),
        ))
        .execute(db)?;
    Ok(User {
        id: new.id,
        username: new.username.clone(),
        email: new.email.clone(),
        created_at: read_time(created_at),
        disabled_at: None,
    })
}

/// Returns the account with that name, ignoring case, and its password hash.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn by_username(
    db: &mut Db,
    username: &str,
) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<(UserRow, String)> = users::table
        .filter(users::username_lower.eq(username.to_lowercase()))
        .filter(users::id.ne(NOBODY))
        .select((COLUMNS, users::password_hash))
        .first(db)
        .optional()?;
    row.map(|(user, hash)| Ok((from_row(user)?, hash)))
        .transpose()
}

/// Returns the time at which an account was created.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn created_at(db: &mut Db, user: UserId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let made: Option<NaiveDateTime> = users::table
        .find(user.to_string())
        .select(users::created_at)
        .first(db)
        .optional()?;
    Ok(made.map(read_time))
}

/// Returns the password hash of an account.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn password_hash(db: &mut Db, user: UserId) -> Result<Option<String>, StoreError> {
    Ok(users::table
        .find(user.to_string())
        .select(users::password_hash)
        .first(db)
        .optional()?)
}

/// Replaces the password hash that was verified. Returns false if the account has another hash by
/// now or is disabled, so of two changes that verified the same password only one succeeds.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn replace_password(
    db: &mut Db,
    user: UserId,
    verified: &str,
    hash: &str,
) -> Result<bool, StoreError> {
    let same = users::table
        .find(user.to_string())
        .filter(users::password_hash.eq(verified))
        .filter(users::disabled_at.is_null());
    let rows = diesel::update(same)
        .set(users::password_hash.eq(hash))
        .execute(db)?;
    Ok(rows > 0)
}

/// Returns whether the account is enabled and this is still its password hash. Locks the row until
/// the end of the transaction, so that a change of the password comes before or after everything
/// else in it.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn still_has(db: &mut Db, user: UserId, hash: &str) -> Result<bool, StoreError> {
    replace_password(db, user, hash, hash)
}

/// Replaces the password hash, whatever it was before; for the operator.
///
/// # Errors
/// `NotFound` if there is no such account.
pub(crate) fn reset_password(db: &mut Db, user: UserId, hash: &str) -> Result<(), StoreError> {
    let rows = diesel::update(users::table.find(user.to_string()))
        .set(users::password_hash.eq(hash))
        .execute(db)?;
    if rows == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(())
}

/// Disables logging in to an account. Returns false if it was disabled before or does not exist.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn disable(db: &mut Db, user: UserId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let enabled = users::table
        .find(user.to_string())
        .filter(users::disabled_at.is_null());
    let rows = diesel::update(enabled)
        .set(users::disabled_at.eq(time(now)))
        .execute(db)?;
    Ok(rows > 0)
}

/// Enables logging in to an account again. Returns false if it was not disabled, is being removed,
/// or does not exist.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn enable(db: &mut Db, user: UserId) -> Result<bool, StoreError> {
    let disabled = users::table
        .find(user.to_string())
        .filter(users::disabled_at.is_not_null())
        .filter(users::removal_at.is_null());
    let rows = diesel::update(disabled)
        .set(users::disabled_at.eq(None::<NaiveDateTime>))
        .execute(db)?;
    Ok(rows > 0)
}

/// Marks an account as being removed, which also disables it. Returns false if it was marked before
/// or does not exist.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn begin_removal(
    db: &mut Db,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    disable(db, user, now)?;
    let unmarked = users::table
        .find(user.to_string())
        .filter(users::removal_at.is_null());
    let rows = diesel::update(unmarked)
        .set(users::removal_at.eq(time(now)))
        .execute(db)?;
    Ok(rows > 0)
}

/// Returns the accounts whose removal has begun and not ended, the oldest removal first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn in_removal(db: &mut Db) -> Result<Vec<UserId>, StoreError> {
    let ids: Vec<String> = users::table
        .filter(users::removal_at.is_not_null())
        .order(users::removal_at)
        .select(users::id)
        .load(db)?;
    ids.iter().map(|id| read_id(id)).collect()
}

/// Completes a removal: deletes the account with the little data that is left. Returns false if it
/// does not exist, or its removal has not begun.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn end_removal(db: &mut Db, user: UserId) -> Result<bool, StoreError> {
    let marked = users::table
        .find(user.to_string())
        .filter(users::removal_at.is_not_null());
    Ok(diesel::delete(marked).execute(db)? > 0)
}

/// Returns every account, the oldest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn all(db: &mut Db) -> Result<Vec<User>, StoreError> {
    let rows: Vec<UserRow> = users::table
        .filter(users::id.ne(NOBODY))
        .select(COLUMNS)
        .order((users::created_at, users::id))
        .load(db)?;
    rows.into_iter().map(from_row).collect()
}
