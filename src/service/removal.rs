//! Deletes accounts: nothing that the user stored outlives the account.
//!
//! One transaction marks the account, which ends its logins and revokes its keys. Its data is then
//! deleted in slices, so that no other writer waits for a large one; the account's own row goes
//! last. A removal that is interrupted, by a stop or by the loss of the database, is continued by
//! the next periodic sweep.

use std::future::Future;

use actix::Addr;
use chrono::{DateTime, Utc};

use crate::actors::messages::{Close, LiveCredentials, Revoke, Settle};
use crate::actors::registry::Registry;
use crate::domain::credential::Credential;
use crate::domain::event::CancelReason;
use crate::domain::ids::{ApiKeyId, FamilyId, SessionId, UserId};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::DeleteAccount;
use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::{self, Db, Store, StoreError, api_keys, logins, users};

use super::accounts::Identity;
use super::record::event;
use super::{Service, detach, refusal, to_the_end, unanswered};

/// Maximum number of ids in one query.
const ROWS: i64 = 100;

impl Service {
    /// Deletes the account of the caller with all its data. Its logins and connections end first.
    ///
    /// # Errors
    /// `forbidden` for an API key, `invalid_credentials`, `rate_limited`, `overloaded`.
    pub(crate) async fn delete_account(
        &self,
        who: &Identity,
        body: DeleteAccount,
    ) -> Result<(), Refusal> {
        who.grant.login()?;
        let stored = self
            .verified(who, body.current_password, "at the deletion of the account")
            .await?;
        let entry = SecurityEvent {
            detail: Some("by its owner".to_owned()),
            ..event(Kind::UserRemoved, Some(&who.user), Some(who.address))
        };
        let user = who.user.id;
        let (database, revocation) = (self.store.clone(), self.revocation());
        let begun = to_the_end(&self.live_counts, async move {
            let begin = move |db: &mut Db| {
                // The password may have been changed since it was verified.
                if !users::still_has(db, user, &stored)? {
                    return Ok(None);
                }
                begin(db, user, &entry).map(Some)
            };
            let ended = database.write(begin).await?;
            let begun = ended.is_some();
            if let Some(credentials) = ended {
                revocation.of(credentials);
            }
            Ok(begun)
        });
        if !begun.await? {
            let message = "the current password is wrong";
            return Err(Refusal::new(ErrorCode::InvalidCredentials, message));
        }
        let (database, registry) = (self.store.clone(), self.registry.clone());
        let removal = detach(&self.live_counts, async move {
            remove_data(&database, user, &InRooms(registry)).await
        });
        // Once it is marked, the account is gone for its user; a sweep finishes the removal.
        if let Ok(Err(error)) = removal.await {
            tracing::warn!(%user, %error, "the removal of an account goes on later");
        }
        self.upkeep.notify_one();
        Ok(())
    }

    /// Continues removals that were interrupted, and those that were begun on the command line.
    ///
    /// # Errors
    /// Returns the error of the database; the remaining removals are left for the next call.
    pub(crate) async fn finish_removals(&self) -> Result<(), StoreError> {
        for user in self.store.read(users::in_removal).await? {
            let rooms = InRooms(self.registry.clone());
            remove_data(&self.store, user, &rooms).await?;
            self.upkeep.notify_one();
        }
        Ok(())
    }

    /// Closes the connections of logins and keys that were ended by another process (another node,
    /// or a command on the command line), and those of expired keys.
    ///
    /// # Errors
    /// Returns the error of the database, or `overloaded`.
    pub(crate) async fn close_ended_credentials(&self) -> Result<(), Refusal> {
        let live = self
            .registry
            .send(LiveCredentials)
            .timeout(super::ANSWER_WITHIN)
            .await
            .map_err(unanswered)?;
        if live.is_empty() {
            return Ok(());
        }
        let ended = self
            .store
            .read(move |db| ended_among(db, &live, Utc::now()))
            .await
            .map_err(refusal)?;
        if !ended.is_empty() {
            self.registry.do_send(Revoke { credentials: ended });
        }
        Ok(())
    }
}

/// Returns those of the logins and keys that are no longer in force.
///
/// # Errors
/// `Unavailable`, `Query`.
fn ended_among(
    db: &mut Db,
    credentials: &[Credential],
    now: DateTime<Utc>,
) -> Result<Vec<Credential>, StoreError> {
    let (mut families, mut keys) = (Vec::new(), Vec::new());
    for credential in credentials {
        match *credential {
            Credential::Login(family) => families.push(family),
            Credential::Key(key) => keys.push(key),
        }
    }
    let families = logins::ended_among(db, &families, now)?;
    Ok(together(families, api_keys::ended_among(db, &keys, now)?))
}

fn together(families: Vec<FamilyId>, keys: Vec<ApiKeyId>) -> Vec<Credential> {
    let families = families.into_iter().map(Credential::Login);
    families
        .chain(keys.into_iter().map(Credential::Key))
        .collect()
}

/// Marks the account as being removed, ends its logins and revokes its keys. Returns the ended
/// logins and keys.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn begin(
    db: &mut Db,
    user: UserId,
    entry: &SecurityEvent,
) -> Result<Vec<Credential>, StoreError> {
    let now = Utc::now();
    if users::begin_removal(db, user, now)? {
        security::record(db, entry)?;
    }
    let families = logins::revoke_all(db, user, now)?;
    Ok(together(families, api_keys::revoke_all(db, user, now)?))
}

/// Actions on an evaluation's run and room when the evaluation is deleted.
pub(crate) trait Rooms {
    /// Ends the live run; called before the deletion.
    fn settle(&self, session: SessionId) -> impl Future<Output = ()> + Send;
    /// Closes the room; called after the deletion.
    fn close(&self, session: SessionId);
}

/// For processes without rooms, such as commands on the command line.
pub(crate) struct NoRooms;

impl Rooms for NoRooms {
    async fn settle(&self, _: SessionId) {}

    fn close(&self, _: SessionId) {}
}

/// Acts on the rooms of this process.
struct InRooms(Addr<Registry>);

impl Rooms for InRooms {
    async fn settle(&self, session: SessionId) {
        let settle = Settle {
            session,
            reason: CancelReason::Deleted,
        };
        let settled = self.0.send(settle).timeout(super::ANSWER_WITHIN).await;
        if let Err(error) = settled {
            // The run finds at its next commit that the evaluation is gone.
            tracing::warn!(%session, %error, "a run of an account that is removed did not end in time");
        }
    }

    fn close(&self, session: SessionId) {
        self.0.do_send(Close {
            session,
            reason: Some("deleted"),
        });
    }
}

/// Deletes all data of an account that is marked as being removed, and then the account.
///
/// # Errors
/// `Unavailable`, `InDoubt`, `Query`; the next call deletes the remaining data.
pub(crate) async fn remove_data(
    store: &Store,
    user: UserId,
    rooms: &impl Rooms,
) -> Result<(), StoreError> {
    loop {
        let ids = store.read(move |db| store::evaluations::ids(db, user, None, ROWS));
        let ids = ids.await?;
        if ids.is_empty() {
            break;
        }
        for session in ids {
            rooms.settle(session).await;
            let deleted = store.write(move |db| store::evaluations::delete(db, user, session));
            deleted.await?;
            rooms.close(session);
        }
    }
    let most = store::collections::MAX_COLLECTIONS;
    let all = store.read(move |db| store::collections::list(db, user, None, most));
    for collection in all.await? {
        let deleted = store.write(move |db| store::collections::delete(db, user, collection.id));
        deleted.await?;
    }
    // Deletion only hides rows at first. The account is removed once its texts are really gone.
    while store.write(store::trash::remove_slice).await? > 0 {}
    // Its preferences, daily usage, logins and keys go with it, as does everything that was added
    // while this ran.
    store
        .write(move |db| users::end_removal(db, user))
        .await
        .map(drop)
}

#[cfg(test)]
#[path = "tests/removal.rs"]
mod tests;
