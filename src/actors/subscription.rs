//! A connection as rooms know it, and its side of each session that it watches: which event comes next, and
//! whether it lags. A socket, an event stream and the command line are all such connections.

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
    CatchUp, Control, Deliver, Door, ForceClose, Frame, Join, Joined, Leave, LogEnd, Register,
    Replay, ReplayDepth, SessionClosed, TooManyConnections, Unavailable, Unregister, Withdraw,
};
use super::outbox::{Lag, Outbox, Pressure};
use super::registry::Registry;

/// The mailbox of whoever takes what rooms send.
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

/// What is asked of a session that is joined.
#[derive(Debug, Clone)]
pub(crate) struct JoinRequest {
    /// The session, which the sender knows to belong to `owner`.
    pub session: SessionId,
    pub owner: UserId,
    /// Where the session's log was when the sender looked, if it did.
    pub known: Option<LogEnd>,
    /// Where the client stands; none: live only.
    pub position: Option<Position>,
    /// How much of the log the join brings.
    pub replay_depth: ReplayDepth,
}

/// A connection that can join sessions. Clones are the same connection.
#[derive(Clone)]
pub(crate) struct Subscriber {
    id: ConnectionId,
    registry: Addr<Registry>,
    pressure: Arc<Pressure>,
    force_close: ForceClose,
}

impl Subscriber {
    /// A new connection, in whose mailbox at most `outbound_bytes` of events wait (0: no limit), and which
    /// `force_close` ends from outside.
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

    /// Makes it known to the registry, which ends it with its login or key and sends it away in a drain. Whoever is
    /// known already has renewed the token.
    ///
    /// # Errors
    /// The registry does not answer, or lets nobody of that user in.
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

    /// Joins a session, whose events then go to `mailbox`. One that is joined already keeps the `lag` that its
    /// subscription has. Whoever does not take the answer has to [`Self::withdraw`].
    ///
    /// # Errors
    /// The room can't be had now.
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
            door,
            ..
        } = joined.unwrap_or(Err(Unavailable))?;
        Ok((reply, Subscription::new(id, door, lag, next_seq)))
    }

    /// Undoes a join whose answer nobody takes any more.
    pub(crate) fn withdraw(&self, session: SessionId) {
        let id = self.id;
        self.registry.do_send(Withdraw { id, session });
    }

    /// A live event has been taken out of the mailbox.
    pub(crate) fn took(&self, frame: &Frame) {
        self.pressure.took(frame);
    }

    /// The connection is gone.
    pub(crate) fn unregister(&self) {
        self.registry.do_send(Unregister { id: self.id });
    }
}

/// One joined session of a connection.
pub(crate) struct Subscription {
    id: ConnectionId,
    door: Door,
    lag: Lag,
    next_seq: i64,
    asking: bool,
    /// While it is there, other nodes count it among the session's members.
    here: Option<Here>,
}

impl Subscription {
    /// A session that the connection `id` joined just now.
    pub(crate) fn new(id: ConnectionId, door: Door, lag: Lag, next_seq: i64) -> Self {
        Self {
            id,
            door,
            lag,
            next_seq,
            asking: false,
            here: None,
        }
    }

    /// Counts it among the session's members for as long as it lives.
    pub(crate) fn keep(&mut self, here: Here) {
        self.here = Some(here);
    }

    /// The frames that the client has not had, in order. Pushed and pulled frames may overlap where a
    /// member lagged and caught up; the sequence number decides.
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

    /// The same of the answer to [`Self::catch_up`]; from now on it may be asked again.
    pub(crate) fn replayed(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        self.asking = false;
        self.deliver(frames)
    }

    /// Asks the room for the next batch if the room has stopped pushing. The connection calls it after
    /// everything it sends: it runs only while its socket takes more, so it pulls at the reader's speed.
    pub(crate) fn catch_up(&mut self) {
        if self.asking || !self.lag.load(Ordering::Acquire) {
            return;
        }
        self.asking = true;
        self.door.catch_up.do_send(CatchUp {
            id: self.id,
            next_seq: self.next_seq,
        });
    }

    pub(crate) fn leave(self) {
        self.door.leave.do_send(Leave { id: self.id });
    }

    /// The flag that the room sets.
    pub(crate) fn lag(&self) -> Lag {
        Arc::clone(&self.lag)
    }
}
