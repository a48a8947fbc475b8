//! The security record. Entries are inserted, listed, and removed at their maximum age; nothing
//! changes an entry.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::{name, read_id, read_name, read_time, text, time};
use super::schema::security_events;
use crate::domain::ids::{Id, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Marker type of an entry's id.
pub(crate) enum Entry {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A successful login; the subject is the login.
    Login,
    /// A login with a wrong password or an unknown name.
    LoginFailed,
    /// Logins were refused by a rate limit; at most one entry for each minute and address.
    LoginLimited,
    /// An account was registered through the API.
    Registered,
    /// An account was created on the command line.
    UserAdded,
    /// An account was disabled on the command line, and its logins ended.
    UserDisabled,
    /// An account was enabled again on the command line.
    UserEnabled,
    /// The removal of an account began, by its owner or on the command line; the detail says which.
    UserRemoved,
    /// A used refresh token was presented again; the subject, a login, was ended.
    RefreshReused,
    /// The subject, a login, was ended by its owner.
    Logout,
    /// The password was changed, and every other login was ended.
    PasswordChanged,
    /// A new password was set on the command line, and every login was ended.
    PasswordReset,
    /// Logins were ended on the command line: the subject, or all.
    LoginsEnded,
    /// The subject, an evaluation, was deleted.
    EvaluationDeleted,
    /// A page of a foreign origin tried to open a socket; at most one entry for each minute and
    /// address.
    OriginRefused,
    /// An access token that is invalid or whose login has ended; at most one entry for each minute
    /// and address.
    TokenRefused,
    /// The subject, an API key, was created.
    KeyMade,
    /// API keys were revoked: the subject, or all.
    KeyRevoked,
    /// An API key that does not exist, is not in force, or came from an address that it may not be
    /// used from; at most one entry for each minute and address.
    KeyRefused,
    /// The signing keys were reloaded.
    KeysReloaded,
    /// Entries were lost; the detail gives their number.
    EntriesDropped,
}

impl Kind {
    pub(crate) const ALL: [Self; 21] = [
        Self::Login,
        Self::LoginFailed,
        Self::LoginLimited,
        Self::Registered,
        Self::UserAdded,
        Self::UserDisabled,
        Self::UserEnabled,
        Self::UserRemoved,
        Self::RefreshReused,
        Self::Logout,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::LoginsEnded,
        Self::EvaluationDeleted,
        Self::OriginRefused,
        Self::TokenRefused,
        Self::KeyMade,
        Self::KeyRevoked,
        Self::KeyRefused,
        Self::KeysReloaded,
        Self::EntriesDropped,
    ];

    /// Returns whether the entry is about something that was refused, rather than done.
    pub(crate) fn is_refusal(self) -> bool {
        match self {
            Self::LoginFailed
            | Self::LoginLimited
            | Self::RefreshReused
            | Self::OriginRefused
            | Self::TokenRefused
            | Self::KeyRefused
            | Self::EntriesDropped => true,
            Self::Login
            | Self::Registered
            | Self::UserAdded
            | Self::UserDisabled
            | Self::UserEnabled
            | Self::UserRemoved
            | Self::Logout
            | Self::PasswordChanged
            | Self::PasswordReset
            | Self::LoginsEnded
            | Self::EvaluationDeleted
            | Self::KeyMade
            | Self::KeyRevoked
            | Self::KeysReloaded => false,
        }
    }

    /// Returns the name in the record and on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::LoginLimited => "login_limited",
            Self::Registered => "registered",
            Self::UserAdded => "user_added",
            Self::UserDisabled => "user_disabled",
            Self::UserEnabled => "user_enabled",
            Self::UserRemoved => "user_removed",
            Self::RefreshReused => "refresh_reused",
            Self::Logout => "logout",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::LoginsEnded => "logins_ended",
            Self::EvaluationDeleted => "evaluation_deleted",
            Self::OriginRefused => "origin_refused",
            Self::TokenRefused => "token_refused",
            Self::KeyMade => "key_made",
            Self::KeyRevoked => "key_revoked",
            Self::KeyRefused => "key_refused",
            Self::KeysReloaded => "keys_reloaded",
            Self::EntriesDropped => "entries_dropped",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecurityEvent {
    pub id: Id<Entry>,
    pub at: DateTime<Utc>,
    pub kind: Kind,
    /// The account, where there is one.
    pub user_id: Option<UserId>,
    /// The account's name. Never text that a client typed, since people type passwords into the
    /// wrong field.
    pub username: Option<String>,
    pub address: Option<String>,
    /// The id of the login, API key or evaluation concerned.
    pub subject: Option<String>,
    /// A short addition in words.
    pub detail: Option<String>,
}

type Row = (
    String,
    NaiveDateTime,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// The log target of entries, by which log filters select them.
const LOG_TARGET: &str = "judge_auditor::security";

impl SecurityEvent {
    /// Writes the entry as one line to the log. Text that a client chose comes after the address
    /// and is quoted, so that it cannot imitate another line or another address.
    pub(crate) fn log(&self) {
        let address = self.address.as_deref().map(tracing::field::display);
        let user = self.username.as_deref().map(tracing::field::display);
        let subject = self.subject.as_deref().map(tracing::field::display);
        let detail = self.detail.as_deref();
        let kind = self.kind.as_str();
        if self.kind.is_refusal() {
            tracing::warn!(target: LOG_TARGET, address, user, subject, detail, "{kind}");
        } else {
            tracing::info!(target: LOG_TARGET, address, user, subject, detail, "{kind}");
        }
    }
}

/// Adds an entry, in the transaction of the change that it describes, and logs it. If the
/// transaction fails to commit, the log has a line too many rather than one too few.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn record(db: &mut Db, event: &SecurityEvent) -> Result<(), StoreError> {
    insert(db, event)?;
    event.log();
    Ok(())
}

/// Adds an entry that was logged before.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn insert(db: &mut Db, event: &SecurityEvent) -> Result<(), StoreError> {
    diesel::insert_into(security_events::table)
        .values((
            security_events::id.eq(event.id.to_string()),
            security_events::at.eq(time(event.at)),
            security_events::kind.eq(name(&event.kind)?),
            security_events::user_id.eq(event.user_id.map(|id| id.to_string())),
            security_events::username.eq(&event.username),
            security_events::address.eq(&event.address),
            security_events::subject.eq(&event.subject),
            security_events::detail.eq(event.detail.as_deref().map(text)),
        ))
        .execute(db)?;
    Ok(())
}

/// The filter of a list of entries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub since: Option<DateTime<Utc>>,
    /// Matches any of these kinds; empty matches all.
    pub kinds: Vec<Kind>,
    pub user: Option<UserId>,
    /// Maximum number of entries; the newest are returned.
    pub limit: i64,
}

/// Returns the newest entries, in ascending order of time.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn list(db: &mut Db, wanted: &Wanted) -> Result<Vec<SecurityEvent>, StoreError> {
    let mut query = security_events::table
        .select(security_events::all_columns)
        .into_boxed();
    if let Some(since) = wanted.since {
        query = query.filter(security_events::at.ge(time(since)));
    }
    if !wanted.kinds.is_empty() {
        let names: Vec<&str> = wanted.kinds.iter().map(|kind| kind.as_str()).collect();
        query = query.filter(security_events::kind.eq_any(names));
    }
    if let Some(user) = wanted.user {
        query = query.filter(security_events::user_id.eq(user.to_string()));
    }
    let rows: Vec<Row> = query
        .order((security_events::at.desc(), security_events::id.desc()))
        .limit(wanted.limit)
        .load(db)?;
    rows.into_iter().rev().map(from_row).collect()
}

fn from_row(
    (id, at, kind, user_id, username, address, subject, detail): Row,
) -> Result<SecurityEvent, StoreError> {
    Ok(SecurityEvent {
        id: read_id(&id)?,
        at: read_time(at),
        kind: read_name(&kind)?,
        user_id: user_id.as_deref().map(read_id).transpose()?,
        username,
        address,
        subject,
        detail,
    })
}

/// Returns whether the account has logged in from that address since then.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn has_logged_in_from(
    db: &mut Db,
    user: UserId,
    address: &str,
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let logins: i64 = security_events::table
        .filter(security_events::user_id.eq(user.to_string()))
        .filter(security_events::address.eq(address))
        .filter(security_events::at.ge(time(since)))
        .filter(security_events::kind.eq(Kind::Login.as_str()))
        .count()
        .get_result(db)?;
    Ok(logins > 0)
}

#[cfg(test)]
#[path = "tests/security_internals.rs"]
mod tests;
