//! The behaviour that sockets, event streams and the command line have in common: a connection
//! registers, joins sessions, observes the expiry of its token or key, and closes when the server
//! drains.

use std::time::Duration;

use actix::prelude::*;
use chrono::Utc;

use crate::actors::messages::{Control, TooManyConnections, Unavailable};
use crate::actors::outbox::Lag;
use crate::actors::subscription::{JoinRequest, Mailbox, Subscriber, Subscription};
use crate::protocol::error::{CloseReason, ErrorCode, Refusal};
use crate::protocol::reply::{Reply, SessionJoined};
use crate::store::fleet::presence::{self, Counted};

use super::Service;
use super::grant::Grant;
use super::timings::EXPIRY_WARNING;

/// The reason why a connection could not be registered.
#[derive(Debug)]
pub(crate) enum NotRegistered {
    /// The user has reached the maximum number of connections.
    TooMany,
    /// The login has ended, or the key was revoked, since it was verified.
    Ended,
    /// The check could not be made now.
    Unavailable(Refusal),
}

/// An authenticated connection, which obeys the orders of the registry.
pub(crate) trait Connected: Actor<Context: AsyncContext<Self>> {
    fn send_reply(&mut self, reply: &Reply, ctx: &mut Self::Context);

    fn end(&mut self, reason: CloseReason, ctx: &mut Self::Context);

    /// Warns the client before its token or key expires, and ends the connection at its expiry. The
    /// timers are returned so that a renewal can cancel them.
    fn keep_time(grant: &Grant, ctx: &mut Self::Context) -> Vec<SpawnHandle> {
        let Some(expires_at) = grant.expires_at else {
            return Vec::new();
        };
        let reason = grant.close_reason();
        let left = (expires_at - Utc::now()).to_std().unwrap_or_default();
        let warning = ctx.run_later(
            left.saturating_sub(EXPIRY_WARNING),
            move |connection, ctx| connection.send_reply(&Reply::TokenExpiring { expires_at }, ctx),
        );
        let end = ctx.run_later(left, move |connection, ctx| connection.end(reason, ctx));
        vec![warning, end]
    }

    /// Obeys an order of the registry.
    fn follow(&mut self, order: Control, ctx: &mut Self::Context) {
        match order {
            Control::Close(reason) => self.end(reason, ctx),
            Control::Drain {
                reconnect_after,
                deadline,
            } => {
                let millis = |wait: Duration| wait.as_millis().try_into().unwrap_or(u64::MAX);
                ctx.run_later(deadline, |connection, ctx| {
                    connection.end(CloseReason::Restart, ctx);
                });
                let drain = Reply::Drain {
                    reconnect_after_ms: millis(reconnect_after),
                    deadline_ms: millis(deadline),
                };
                self.send_reply(&drain, ctx);
            }
        }
    }
}

impl Service {
    /// Registers a connection, and checks that its login or key is still in force. After an error
    /// the caller ends the connection.
    ///
    /// # Errors
    /// Returns the reason why the connection is refused.
    pub(crate) async fn register_connection(
        &self,
        subscriber: Subscriber,
        grant: Grant,
        control: Recipient<Control>,
    ) -> Result<(), NotRegistered> {
        let registered = subscriber.register(grant.user, grant.credential, control);
        match registered.await {
            Ok(Ok(())) => {}
            Ok(Err(TooManyConnections)) => return Err(NotRegistered::TooMany),
            Err(_) => return Err(NotRegistered::Unavailable(not_now())),
        }
        // It may have ended after it was verified and before the registry knew this connection.
        match self.is_still_valid(&grant).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotRegistered::Ended),
            Err(refusal) => Err(NotRegistered::Unavailable(refusal)),
        }
    }

    /// Joins a session. The caller has verified that the session belongs to the owner.
    ///
    /// # Errors
    /// `overloaded`.
    pub(crate) async fn join(
        &self,
        subscriber: Subscriber,
        request: JoinRequest,
        mailbox: Mailbox,
        lag: Lag,
    ) -> Result<(SessionJoined, Subscription), Refusal> {
        let members = Counted::Members(request.session);
        let joined = subscriber.join(request, mailbox, lag).await;
        let (mut reply, mut subscription) = joined.map_err(|Unavailable| not_now())?;
        subscription.keep(self.presence.enter(members));
        reply.members += self.elsewhere(members).await;
        Ok((reply, subscription))
    }

    /// Returns the number at other nodes, as they last reported it, or 0 if it cannot be read.
    async fn elsewhere(&self, what: Counted) -> usize {
        if self.node.is_alone() {
            return 0;
        }
        let node = self.node.id();
        let read = self
            .store
            .read(move |db| presence::elsewhere(db, node, &[what]));
        read.await.map_or(0, |numbers| numbers.into_iter().sum())
    }
}

/// Returns the refusal for a session that cannot be joined at the moment.
pub(crate) fn not_now() -> Refusal {
    Refusal::new(
        ErrorCode::Overloaded,
        "the session can't be joined right now",
    )
}
