//! Accounts.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{read_id, read_time, time};
use super::connection::Db;
use super::error::StoreError;
use super::schema::users;
use super::trash::NOBODY;
use crate::domain::ids::UserId;

/// An account, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// As the user wrote it; unique whatever its case.
    pub username: String,
    /// As the user wrote it; unique whatever its case.
    pub email: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// An account to make.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// 1 or more characters, without NUL.
    pub username: String,
    /// 1 or more characters, without NUL.
    pub email: String,
    /// A PHC string.
    pub password_hash: String,
    /// Now.
    pub created_at: DateTime<Utc>,
}

pub(super) type UserRow = (String, String, String, NaiveDateTime);

/// The columns of [`UserRow`].
pub(super) const COLUMNS: (users::id, users::username, users::email, users::created_at) =
    (users::id, users::username, users::email, users::created_at);

pub(super) fn from_row((id, username, email, created_at): UserRow) -> Result<User, StoreError> {
    Ok(User {
        id: read_id(&id)?,
        username,
        email,
        created_at: read_time(created_at),
    })
}

/// Makes an account.
///
/// # Errors
/// `Duplicate("username")` or `Duplicate("email")`, compared without case.
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
    })
}

/// The account of that name, whatever its case, and its password hash.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn by_username(db: &mut Db, username: &str) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<(UserRow, String)> = users::table
        .filter(users::username_lower.eq(username.to_lowercase()))
        .filter(users::id.ne(NOBODY))
        .select((COLUMNS, users::password_hash))
        .first(db)
        .optional()?;
    row.map(|(user, hash)| Ok((from_row(user)?, hash)))
        .transpose()
}

/// The password hash of an account.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn password_hash(db: &mut Db, user: UserId) -> Result<Option<String>, StoreError> {
    Ok(users::table
        .find(user.to_string())
        .select(users::password_hash)
        .first(db)
        .optional()?)
}

/// Puts another password hash in place.
///
/// # Errors
/// `NotFound` if there is no such account.
pub fn set_password(db: &mut Db, user: UserId, hash: &str) -> Result<(), StoreError> {
    let rows = diesel::update(users::table.find(user.to_string()))
        .set(users::password_hash.eq(hash))
        .execute(db)?;
    if rows == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(())
}

/// Whether this is still the account's password hash. Holds the row until the end of the transaction: a
/// change comes before, or after whatever else is done in it.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn still_has(db: &mut Db, user: UserId, hash: &str) -> Result<bool, StoreError> {
    let same = users::table
        .find(user.to_string())
        .filter(users::password_hash.eq(hash));
    let rows = diesel::update(same)
        .set(users::password_hash.eq(hash))
        .execute(db)?;
    Ok(rows > 0)
}

/// Every account, the oldest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub fn all(db: &mut Db) -> Result<Vec<User>, StoreError> {
    let rows: Vec<UserRow> = users::table
        .filter(users::id.ne(NOBODY))
        .select(COLUMNS)
        .order((users::created_at, users::id))
        .load(db)?;
    rows.into_iter().map(from_row).collect()
}
