//! Refresh-token families. A family is one login; each rotation uses up its token and adds the next
//! one. A used token that is presented again was copied, so its whole family is revoked (RFC 9700,
//! section 4.14.2).

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::columns::{read_id, time};
use super::schema::{refresh_tokens, token_families, users};
use super::users::{COLUMNS, User, UserRow, from_row};
use crate::domain::ids::{FamilyId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

#[derive(Debug, Clone)]
pub(crate) struct NewFamily {
    pub id: FamilyId,
    pub user_id: UserId,
    pub created_at: DateTime<Utc>,
    /// The expiry of its newest token; each rotation extends it.
    pub expires_at: DateTime<Utc>,
}

/// A presented refresh token and its intended successor.
#[derive(Debug, Clone)]
pub(crate) struct Presented {
    /// The hash of the token.
    pub hash: String,
    /// The hash of the request's id, if the client gave one.
    pub request_hash: Option<String>,
    /// The hash of the new token.
    pub successor_hash: String,
}

/// Time for which a client that lost the answer may repeat the request that used a refresh token.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// The result of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// The new token is in force.
    Rotated {
        user: User,
        /// The family to which both tokens belong.
        family: FamilyId,
    },
    /// The token was used before, and its family has been revoked.
    Reused {
        user: User,
        /// The family that was revoked.
        family: FamilyId,
    },
    /// The token is unknown or expired, or its family was revoked before.
    Unknown,
}

/// Creates a family with its first token.
///
/// # Errors
/// `Query` if the user does not exist.
pub(crate) fn open_family(
    db: &mut Db,
    family: &NewFamily,
    token_hash: &str,
) -> Result<(), StoreError> {
    diesel::insert_into(token_families::table)
        .values((
            token_families::id.eq(family.id.to_string()),
            token_families::user_id.eq(family.user_id.to_string()),
            token_families::created_at.eq(time(family.created_at)),
            token_families::expires_at.eq(time(family.expires_at)),
        ))
        .execute(db)?;
    add_token(db, &family.id.to_string(), token_hash, family.created_at)
}

fn add_token(db: &mut Db, family: &str, hash: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(hash),
            refresh_tokens::family_id.eq(family),
            refresh_tokens::created_at.eq(time(now)),
        ))
        .execute(db)?;
    Ok(())
}

#[derive(Queryable)]
struct PresentedRow {
    family: String,
    expires_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
    user: UserRow,
    spent_at: Option<NaiveDateTime>,
    request_hash: Option<String>,
    successor_hash: Option<String>,
}

/// Uses up the presented token and stores its successor. Of two concurrent calls with the same
/// token exactly one gets `Rotated`, the other `Reused`. The exception is the same request,
/// repeated in time by a client that did not get its answer: the successor, which nobody has used,
/// is replaced then.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn rotate(
    db: &mut Db,
    presented: &Presented,
    now: DateTime<Utc>,
    new_expires_at: DateTime<Utc>,
) -> Result<Rotation, StoreError> {
    // The write comes first and decides: on PostgreSQL, a second call waits here for the first's
    // commit.
    let spent = spend(db, &presented.hash, presented, now)?;
    let found: Option<PresentedRow> = refresh_tokens::table
        .inner_join(token_families::table.inner_join(users::table))
        .filter(refresh_tokens::token_hash.eq(&presented.hash))
        .filter(users::disabled_at.is_null())
        .select((
            token_families::id,
            token_families::expires_at,
            token_families::revoked_at,
            COLUMNS,
            refresh_tokens::spent_at,
            refresh_tokens::request_hash,
            refresh_tokens::successor_hash,
        ))
        .first(db)
        .optional()?;
    let Some(found) = found else {
        return Ok(Rotation::Unknown);
    };
    if found.revoked_at.is_some() || found.expires_at <= time(now) {
        return Ok(Rotation::Unknown);
    }
    let family = found.family.clone();
    let family_id = read_id(&family)?;
    if !spent && !repeated(db, &found, presented, now)? {
        // Of several concurrent calls only one finds the family in force and revokes it.
        return Ok(if revoke(db, &family, now)? {
            Rotation::Reused {
                user: from_row(found.user)?,
                family: family_id,
            }
        } else {
            Rotation::Unknown
        });
    }
    // The condition also covers a revocation that was committed after the family was read.
    let renewed = diesel::update(
        token_families::table
            .find(&family)
            .filter(token_families::revoked_at.is_null()),
    )
    .set(token_families::expires_at.eq(time(new_expires_at)))
    .execute(db)?;
    if renewed == 0 {
        return Ok(Rotation::Unknown);
    }
    add_token(db, &family, &presented.successor_hash, now)?;
    Ok(Rotation::Rotated {
        user: from_row(found.user)?,
        family: family_id,
    })
}

/// Uses up a token in favour of the presented one's successor. Returns false if it was used before.
fn spend(
    db: &mut Db,
    token_hash: &str,
    presented: &Presented,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = diesel::update(
        refresh_tokens::table
            .find(token_hash)
            .filter(refresh_tokens::spent_at.is_null()),
    )
    .set((
        refresh_tokens::spent_at.eq(time(now)),
        refresh_tokens::request_hash.eq(&presented.request_hash),
        refresh_tokens::successor_hash.eq(&presented.successor_hash),
    ))
    .execute(db)?;
    Ok(rows > 0)
}

/// Returns whether this repeats the request that used the token, within the grace period. The
/// successor that it got before is used up then. A successor that was used already shows that the
/// answer had arrived.
fn repeated(
    db: &mut Db,
    found: &PresentedRow,
    presented: &Presented,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let same_request =
        presented.request_hash.is_some() && presented.request_hash == found.request_hash;
    let in_time = found.spent_at.is_some_and(|at| time(now) < at + GRACE);
    let Some(successor) = found
        .successor_hash
        .as_deref()
        .filter(|_| same_request && in_time)
    else {
        return Ok(false);
    };
    if !spend(db, successor, presented, now)? {
        return Ok(false);
    }
    // The time of the first use stays, so that repetition does not extend the grace period.
    diesel::update(refresh_tokens::table.find(&presented.hash))
        .set(refresh_tokens::successor_hash.eq(&presented.successor_hash))
        .execute(db)?;
    Ok(true)
}

fn revoke(db: &mut Db, family: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let rows = diesel::update(
        token_families::table
            .find(family)
            .filter(token_families::revoked_at.is_null()),
    )
    .set(token_families::revoked_at.eq(time(now)))
    .execute(db)?;
    Ok(rows > 0)
}

/// Returns the user of a family that is in force and belongs to that user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn live_user(
    db: &mut Db,
    family: FamilyId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = token_families::table
        .inner_join(users::table)
        .filter(token_families::id.eq(family.to_string()))
        .filter(token_families::user_id.eq(user.to_string()))
        .filter(token_families::revoked_at.is_null())
        .filter(token_families::expires_at.gt(time(now)))
        .filter(users::disabled_at.is_null())
        .select(COLUMNS)
        .first(db)
        .optional()?;
    row.map(from_row).transpose()
}

/// Revokes the family of a token, used or not. Returns `None` if the token is unknown or its family
/// had ended.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn revoke_by_token(
    db: &mut Db,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(User, FamilyId)>, StoreError> {
    let found: Option<(UserRow, String)> = refresh_tokens::table
        .inner_join(token_families::table.inner_join(users::table))
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((COLUMNS, token_families::id))
        .first(db)
        .optional()?;
    let Some((user, family)) = found else {
        return Ok(None);
    };
    if !revoke(db, &family, now)? {
        return Ok(None);
    }
    Ok(Some((from_row(user)?, read_id(&family)?)))
}
