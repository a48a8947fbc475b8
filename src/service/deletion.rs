//! The end of an evaluation: its run, its rows, its room.

use actix::Recipient;

use crate::actors::live_counts::LiveCounts;
use crate::actors::messages::{Close, Settle};
use crate::domain::event::CancelReason;
use crate::domain::ids::{SessionId, UserId};
use crate::protocol::error::Refusal;
use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::{self, Db, Store, StoreError, retry};

use super::accounts::Identity;
use super::record::event;
use super::{Service, detach, to_the_end, unanswered};

impl Service {
    /// Deletes an evaluation with its log; ends a live run first.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub async fn delete_evaluation(
        &self,
        who: &Identity,
        session: SessionId,
    ) -> Result<(), Refusal> {
        let owner = who.user.id;
        self.limits.deletes.check(&owner)?;
        self.position(owner, session).await?;
        let settle = Settle {
            session,
            reason: CancelReason::Deleted,
        };
        self.cores.stop(session);
        self.registry
            .send(settle)
            .timeout(super::ANSWER_WITHIN)
            .await
            .map_err(unanswered)?;
        let entry = SecurityEvent {
            subject: Some(session.to_string()),
            ..event(Kind::EvaluationDeleted, Some(&who.user), Some(who.address))
        };
        let rooms = self.registry.clone().recipient();
        let live_counts = self.live_counts.clone();
        let deletion = delete(
            live_counts,
            self.store.clone(),
            rooms,
            owner,
            session,
            entry,
        );
        let deleted = to_the_end(&self.live_counts, deletion).await;
        self.upkeep.notify_one();
        if deleted? {
            Ok(())
        } else {
            Err(Refusal::not_found())
        }
    }
}

/// Deletes the rows, and closes the room once they are gone: its members must not wait for an
/// evaluation that is no more.
async fn delete(
    live_counts: LiveCounts,
    database: Store,
    rooms: Recipient<Close>,
    owner: UserId,
    session: SessionId,
    entry: SecurityEvent,
) -> Result<bool, StoreError> {
    let close = Close {
        session,
        reason: Some("deleted"),
    };
    let rows = move |db: &mut Db| {
        let deleted = store::evaluations::delete(db, owner, session)?;
        if deleted {
            security::record(db, &entry)?;
        }
        Ok(deleted)
    };
    let deleted = database.write(rows).await;
    match &deleted {
        Ok(_) => rooms.do_send(close),
        // Whoever asked is told at once; what came of it shows when the database is back.
        Err(StoreError::InDoubt(_)) => {
            detach(&live_counts, async move {
                database.settled().await;
                let read = move |db: &mut Db| store::evaluations::position(db, owner, session);
                match retry::read("the deletion", session, &database, read).await {
                    Ok(None) => rooms.do_send(close),
                    Ok(Some(_)) => {}
                    Err(error) => {
                        tracing::error!(%session, %error, "whether it is deleted can't be read");
                    }
                }
            });
        }
        Err(_) => {}
    }
    deleted
}

#[cfg(test)]
#[path = "tests/deletion.rs"]
mod tests;
