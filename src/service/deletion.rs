//! Deletes an evaluation: ends its run, removes its rows, and closes its room.

use std::sync::Arc;
use std::time::Duration;

use actix::Recipient;
use tokio::time::Instant;

use crate::actors::live_counts::LiveCounts;
use crate::actors::messages::{Close, Settle};
use crate::bus::{Bus, Signal};
use crate::domain::event::CancelReason;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::run::Status;
use crate::protocol::error::Refusal;
use crate::store::evaluations::Position;
use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::{self, Db, Store, StoreError, retry};

use super::accounts::Identity;
use super::record::event;
use super::stopping::ENDS_WITHIN;
use super::{Service, detach, refusal, unanswered};

impl Service {
    /// Deletes an evaluation with its log. A live run is ended first.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub(crate) async fn delete_evaluation(
        &self,
        who: &Identity,
        session: SessionId,
    ) -> Result<(), Refusal> {
        let owner = who.user.id;
        self.limits.deletes.check(&owner).await?;
        let position = self.position(owner, session).await?;
        self.ended_elsewhere(owner, session, &position).await?;
        let settle = Settle {
            session,
            reason: CancelReason::Deleted,
        };
        self.cores.stop(session);
        let entry = SecurityEvent {
            subject: Some(session.to_string()),
            ..event(Kind::EvaluationDeleted, Some(&who.user), Some(who.address))
        };
        let rooms = self.registry.clone().recipient();
        let live_counts = self.live_counts.clone();
        let rooms = Rooms {
            here: rooms,
            elsewhere: Arc::clone(&self.bus),
        };
        let deletion = delete(
            live_counts,
            self.store.clone(),
            rooms,
            owner,
            session,
            entry,
        );
        let registry = self.registry.clone();
        // Ending the run and deleting the evaluation must both happen, even if the caller
        // disconnects in between.
        let deleted = detach(&self.live_counts, async move {
            let settled = registry.send(settle).timeout(super::ANSWER_WITHIN);
            settled.await.map_err(unanswered)?;
            deletion.await.map_err(refusal)
        });
        let deleted = deleted.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a change broke");
            Err(Refusal::internal())
        });
        self.upkeep.notify_one();
        if deleted? {
            Ok(())
        } else {
            Err(Refusal::not_found())
        }
    }
}

impl Service {
    /// If another node works on the evaluation's run, asks that node to end it and waits for a
    /// while. A run that does not end finds at its next commit that its evaluation is gone.
    async fn ended_elsewhere(
        &self,
        owner: UserId,
        session: SessionId,
        position: &Position,
    ) -> Result<(), Refusal> {
        const CHECK_INTERVAL: Duration = Duration::from_millis(100);
        let is_elsewhere = |position: &Position| {
            let other = position.node.is_some_and(|node| node != self.node.id());
            position.status == Status::InProgress && other
        };
        if !is_elsewhere(position) {
            return Ok(());
        }
        self.stop_elsewhere(owner, session, CancelReason::Deleted)
            .await?;
        let end = Instant::now() + ENDS_WITHIN;
        while Instant::now() < end && is_elsewhere(&self.position(owner, session).await?) {
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
        Ok(())
    }
}

/// The rooms in which the session may be watched, at this node and at others.
struct Rooms {
    here: Recipient<Close>,
    elsewhere: Arc<dyn Bus>,
}

impl Rooms {
    fn close(&self, session: SessionId) {
        self.here.do_send(Close {
            session,
            reason: Some("deleted"),
        });
        self.elsewhere.tell(Signal::Gone { session });
    }
}

/// Deletes the rows, and closes the room once they are gone, so that its members do not wait for an
/// evaluation that no longer exists.
async fn delete(
    live_counts: LiveCounts,
    database: Store,
    rooms: Rooms,
    owner: UserId,
    session: SessionId,
    entry: SecurityEvent,
) -> Result<bool, StoreError> {
    let rows = move |db: &mut Db| {
        let deleted = store::evaluations::delete(db, owner, session)?;
        if deleted {
            security::record(db, &entry)?;
        }
        Ok(deleted)
    };
    let deleted = database.write(rows).await;
    match &deleted {
        Ok(_) => rooms.close(session),
        // The caller gets its answer at once; the outcome is known only once the database is back.
        Err(StoreError::InDoubt(_)) => {
            detach(&live_counts, async move {
                database.settled().await;
                let read = move |db: &mut Db| store::evaluations::position(db, owner, session);
                match retry::read("the deletion", session, &database, read).await {
                    Ok(None) => rooms.close(session),
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
