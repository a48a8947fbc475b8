//! What every connection does alike, be it a socket, an event stream or the command line: it registers, joins
//! sessions, keeps the time of its token or key, and goes when the server drains.

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

/// Why a connection is not let in.
#[derive(Debug)]
pub(crate) enum NotRegistered {
    /// The user has as many connections as are allowed.
    TooMany,
    /// The login has ended, or the key was revoked, since it was checked.
    Ended,
    /// It can't be told now.
    Unavailable(Refusal),
}

/// A connection whose client is known, as the registry orders it about.
pub(crate) trait Connected: Actor<Context: AsyncContext<Self>> {
    fn tell(&mut self, reply: &Reply, ctx: &mut Self::Context);

    fn end(&mut self, reason: CloseReason, ctx: &mut Self::Context);

    /// Warns the client before the time of its token or key is over, and ends the connection then. The handles are
    /// for whoever renews the token.
    fn keep_time(grant: &Grant, ctx: &mut Self::Context) -> Vec<SpawnHandle> {
        let Some(expires_at) = grant.expires_at else {
            return Vec::new();
        };
        let reason = grant.at_its_end();
        let left = (expires_at - Utc::now()).to_std().unwrap_or_default();
        let warning = ctx.run_later(
            left.saturating_sub(EXPIRY_WARNING),
            move |connection, ctx| connection.tell(&Reply::TokenExpiring { expires_at }, ctx),
        );
        let end = ctx.run_later(left, move |connection, ctx| connection.end(reason, ctx));
        vec![warning, end]
    }

    /// Does what the registry orders.
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
                self.tell(&drain, ctx);
            }
        }
    }
}

impl Service {
    /// Makes a connection known, and looks whether its login or key still stands. Whoever gets an error ends the
    /// connection.
    ///
    /// # Errors
    /// Why it is not let in.
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
        // It may have ended after its check and before the registry knew of this connection.
        match self.still_stands(&grant).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotRegistered::Ended),
            Err(refusal) => Err(NotRegistered::Unavailable(refusal)),
        }
    }

    /// Joins a session, which the caller knows to be the owner's.
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

    /// How many there are at other nodes, as they said last; none where it can't be read now.
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

/// What a client is told that can't join a session now.
pub(crate) fn not_now() -> Refusal {
    Refusal::new(
        ErrorCode::Overloaded,
        "the session can't be joined right now",
    )
}
