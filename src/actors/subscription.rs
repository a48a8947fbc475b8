//! A connection as rooms know it, and its subscription to each session: the next event
//! that it expects, and whether it lags. A socket, an event stream and the command line
//! are all such connections.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix::dev::ToEnvelope;
use actix::prelude::*;

use crate::domain::credential::Credential;
use crate::domain::ids::{ConnectionId, SessionId, UserId};
use crate::protocol::command::Position;
use crate::protocol::reply::SessionJoined;
use crate::store::new_id;

use super::fleet::presence::Here;
use super::messages::{
    CatchUp, Control, Deliver, ForceClose, Frame, Join, Joined, Leave, LogEnd, Register, Replay,
    ReplayDepth, RoomRecipients, SessionClosed, TooManyConnections, Unavailable, Unregister,
    Withdraw,
};
use super::outbox::{Lag, Outbox, Pressure};
use super::registry::Registry;

/// The recipients of what rooms send to a connection.
#[derive(Clone)]
pub(crate) struct Mailbox {
    deliver: Recipient<Deliver>,
    replay: Recipient<Replay>,
    closed: Recipient<SessionClosed>,
}

impl Mailbox {
    pub(crate) fn of<A>(actor: &Addr<A>) -> Self
    where
        A: Handler<Deliver> + Handler<Replay> + Handler<SessionClosed>,
        A::Context: ToEnvelope<A, Deliver> + ToEnvelope<A, Replay> + ToEnvelope<A, SessionClosed>,
    {
        Self {
            deliver: actor.clone().recipient(),
            replay: actor.clone().recipient(),
            closed: actor.clone().recipient(),
        }
    }
}

/// A request to join a session.
#[derive(Debug, Clone)]
pub(crate) struct JoinRequest {
    /// The session, which the sender knows to belong to `owner`.
    pub session: SessionId,
    pub owner: UserId,
    /// The end of the session's log that the sender has read, if it has.
    pub known: Option<LogEnd>,
    /// The last event that the client has; `None` for live events only.
    pub position: Option<Position>,
    pub replay_depth: ReplayDepth,
}

/// A connection that can join sessions. Clones stand for the same connection.
#[derive(Clone)]
pub(crate) struct Subscriber {
    id: ConnectionId,
    registry: Addr<Registry>,
    pressure: Arc<Pressure>,
    force_close: ForceClose,
}

impl Subscriber {
    /// Creates a connection. At most `outbound_bytes` of events are queued for it (0: no limit),
    /// and `force_close` closes it from outside.
    pub(crate) fn new(
        registry: Addr<Registry>,
        outbound_bytes: usize,
        force_close: ForceClose,
    ) -> Self {
        Self {
            id: new_id(),
            registry,
            pressure: Pressure::new(outbound_bytes),
            force_close,
        }
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// Registers the connection, so that the registry closes it when its login or API key ends, and
    /// in a drain. Registering again renews the credential.
    ///
    /// # Errors
    /// The registry does not answer, or the user has too many connections.
    pub(crate) async fn register(
        self,
        user: UserId,
        credential: Credential,
        control: Recipient<Control>,
    ) -> Result<Result<(), TooManyConnections>, MailboxError> {
        let Self {
            id,
            registry,
            force_close,
            ..
        } = self;
        let register = Register {
            id,
            user,
            credential,
            control,
            force_close,
        };
        registry.send(register).await
    }

    /// Joins a session, whose events then go to `mailbox`. If it is joined already,
    /// `lag` must be the flag of the existing subscription. A caller that drops the
    /// future must call [`Self::withdraw`].
    ///
    /// # Errors
    /// The room cannot be reached now.
    pub(crate) async fn join(
        self,
        request: JoinRequest,
        mailbox: Mailbox,
        lag: Lag,
    ) -> Result<(SessionJoined, Subscription), Unavailable> {
        let JoinRequest {
            session,
            owner,
            known,
            position,
            replay_depth,
        } = request;
        let Mailbox {
            deliver,
            replay,
            closed,
        } = mailbox;
        let id = self.id;
        let member = Outbox {
            id,
            deliver,
            replay,
            closed,
            pressure: self.pressure,
            lag: Arc::clone(&lag),
            force_close: self.force_close,
        };
        let join = Join {
            session,
            owner,
            known,
            position,
            replay_depth,
            member,
        };
        let joined = self.registry.send(join).await;
        let Joined {
            reply,
            next_seq,
            room,
            ..
        } = joined.unwrap_or(Err(Unavailable))?;
        let mut subscription = Subscription::new(id, room, lag, next_seq);
        subscription.complete = reply.reason.is_none();
        Ok((reply, subscription))
    }

    /// Reverts a join whose answer is not awaited any more.
    pub(crate) fn withdraw(&self, session: SessionId) {
        let id = self.id;
        self.registry.do_send(Withdraw { id, session });
    }

    /// Records that a live event was taken out of the mailbox.
    pub(crate) fn took(&self, frame: &Frame) {
        self.pressure.took(frame);
    }

    /// Reports the connection as closed.
    pub(crate) fn unregister(&self) {
        self.registry.do_send(Unregister { id: self.id });
    }
}

/// A connection's subscription to one session.
pub(crate) struct Subscription {
    id: ConnectionId,
    room: RoomRecipients,
    lag: Lag,
    next_seq: i64,
    asking: bool,
    /// False if the join was refused what the client had missed.
    complete: bool,
    /// Makes other nodes count the member while it lives.
    here: Option<Here>,
}

impl Subscription {
    /// Creates the subscription of the connection `id` after it has joined.
    pub(crate) fn new(id: ConnectionId, room: RoomRecipients, lag: Lag, next_seq: i64) -> Self {
        Self {
            id,
            room,
            lag,
            next_seq,
            asking: false,
            complete: true,
            here: None,
        }
    }

    /// Keeps the guard that counts it among the session's members.
    pub(crate) fn keep(&mut self, here: Here) {
        self.here = Some(here);
    }

    /// Returns the frames that the client does not have yet, in order. Live and replayed frames may
    /// overlap after a member has caught up; the sequence number decides.
    pub(crate) fn deliver(&mut self, frames: impl IntoIterator<Item = Frame>) -> Vec<Frame> {
        let mut fresh = Vec::new();
        for frame in frames {
            if frame.seq == self.next_seq {
                self.next_seq += 1;
                fresh.push(frame);
            }
        }
        fresh
    }

    /// Does the same with the answer to [`Self::catch_up`], which may then be called again.
    pub(crate) fn replayed(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        self.asking = false;
        self.deliver(frames)
    }

    /// Requests the next batch if the room has stopped sending live events. The connection
    /// calls it after each send: it only runs while its socket accepts more, so it reads
    /// at the client's speed.
    pub(crate) fn catch_up(&mut self) {
        if self.asking || !self.lag.load(Ordering::Acquire) {
            return;
        }
        self.asking = true;
        self.room.catch_up.do_send(CatchUp {
            id: self.id,
            next_seq: self.next_seq,
        });
    }

    /// Returns whether the client has been given everything after the position that it joined from.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(crate) fn leave(self) {
        self.room.leave.do_send(Leave { id: self.id });
    }

    /// The flag that the room sets when the member lags.
    pub(crate) fn lag(&self) -> Lag {
        Arc::clone(&self.lag)
    }
}
