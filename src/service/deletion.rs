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
mod tests {
    use std::time::Duration;

    use actix::{Actor, Context, Handler};
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    use super::*;
    use crate::store::testing::{self, TestStore};

    /// No wait of a test is longer.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Hands on which rooms are closed.
    struct Rooms(mpsc::UnboundedSender<SessionId>);

    impl Actor for Rooms {
        type Context = Context<Self>;
    }

    impl Handler<Close> for Rooms {
        type Result = ();

        fn handle(&mut self, close: Close, _: &mut Self::Context) {
            assert_eq!(close.reason, Some("deleted"));
            self.0.send(close.session).unwrap();
        }
    }

    /// Deletes an evaluation of a new account; the answer, and the room that was closed, if any was.
    async fn outcome(
        store: &TestStore,
    ) -> (Result<bool, StoreError>, Option<SessionId>, SessionId) {
        let ada = store.account("ada").await;
        let session = store.evaluation(ada.id, 0).await;
        let (closed, mut closes) = mpsc::unbounded_channel();
        let rooms = Rooms(closed).start().recipient();
        let entry = event(Kind::EvaluationDeleted, Some(&ada), None);
        let live_counts = LiveCounts::default();
        let database = (**store).clone();
        let answer = delete(live_counts, database, rooms, ada.id, session, entry).await;
        let closed = timeout(PATIENCE, closes.recv()).await.unwrap();
        (answer, closed, session)
    }

    #[actix::test]
    async fn what_is_deleted_loses_its_room() {
        let (answer, closed, session) = outcome(&testing::sqlite()).await;
        assert_eq!(answer, Ok(true));
        assert_eq!(closed, Some(session));
    }

    #[actix::test]
    async fn a_commit_whose_answer_comes_too_late_closes_the_room_when_it_is_known() {
        let Some(mut store) = testing::postgres() else {
            return;
        };
        store.commits_late("UPDATE OF user_id ON evaluation_sessions", true);
        let (answer, closed, session) = outcome(&store).await;
        assert!(matches!(answer, Err(StoreError::InDoubt(_))), "{answer:?}");
        assert_eq!(closed, Some(session));
    }

    #[actix::test]
    async fn a_commit_that_failed_after_all_leaves_the_room() {
        let Some(mut store) = testing::postgres() else {
            return;
        };
        store.commits_late("UPDATE OF user_id ON evaluation_sessions", false);
        let (answer, closed, _) = outcome(&store).await;
        assert!(matches!(answer, Err(StoreError::InDoubt(_))), "{answer:?}");
        assert_eq!(closed, None, "it is still there");
    }
}
