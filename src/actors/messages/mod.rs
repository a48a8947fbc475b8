//! The protocol between the actors, grouped by edge. A request is a verb, a fact a past form.

mod assessment;
pub(super) mod delivery;

use std::time::Duration;

use actix::{Message, Recipient};
use tokio::sync::OwnedSemaphorePermit;

use crate::bus::Events;
use crate::domain::credential::Credential;
use crate::domain::event::CancelReason;
use crate::domain::ids::{ConnectionId, RunId, SessionId, UserId};
use crate::domain::run::Status;
use crate::protocol::command::Position;
use crate::protocol::error::CloseReason;
use crate::protocol::reply::SessionJoined;
use crate::store;

pub(crate) use assessment::{Assess, Assessed, Dismiss, Reply};
pub(crate) use delivery::{Deliver, ForceClose, Frame, Replay, SessionClosed};

use super::outbox::Outbox;

// ---- connection → registry ----

/// A connection has said who it is.
#[derive(Message)]
#[rtype(result = "Result<(), TooManyConnections>")]
pub(crate) struct Register {
    pub id: ConnectionId,
    pub user: UserId,
    /// What it has shown.
    pub credential: Credential,
    /// Where it takes orders.
    pub control: Recipient<Control>,
    /// Ends it by force.
    pub force_close: ForceClose,
}

/// The user has as many connections as are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyConnections;

/// A connection is gone.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Unregister {
    pub id: ConnectionId,
}

/// Puts a connection into a session's room; the registry passes it on to the room.
#[derive(Message)]
#[rtype(result = "Result<Joined, Unavailable>")]
pub(crate) struct Join {
    /// The session, which the sender knows to belong to `owner`.
    pub session: SessionId,
    pub owner: UserId,
    /// Where the session's log was when the sender looked, if it did: another node may have written what the
    /// room has not heard of yet.
    pub known: Option<LogEnd>,
    /// Where the client stands; none: live only.
    pub position: Option<Position>,
    /// How far back the join reaches.
    pub replay_depth: ReplayDepth,
    /// How to reach the connection.
    pub member: Outbox,
}

/// Where a session and its log stand.
pub(crate) type LogEnd = store::evaluations::Position;

/// How much of the log a join brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplayDepth {
    /// What was missed, up to the limit; nothing where the position is not good.
    Limited,
    /// What was missed, however much; everything where the position is not good.
    Whole,
}

/// A connection that asked to join has gone, or waits no longer: takes it out again, if it got in.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Withdraw {
    pub id: ConnectionId,
    pub session: SessionId,
}

/// A connection is in the room.
#[derive(Debug)]
pub(crate) struct Joined {
    /// What the client is told.
    pub reply: SessionJoined,
    /// The first event that the connection is to send.
    pub next_seq: i64,
    /// The way back to the room.
    pub door: Door,
}

/// The room can't be had now: the database does not answer, the room is closing, or its thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

// ---- service → registry → room ----

/// Sets a stored run going. Asking twice does nothing more.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Launch {
    pub session: SessionId,
    pub owner: UserId,
    pub run: RunId,
    /// Which of the session's owners this node is.
    pub fence: i64,
}

/// Takes up, in their turn, the runs that are nobody's, from now on.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Recover;

/// A run goes on here: this node has claimed it.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Resume {
    pub session: SessionId,
    pub owner: UserId,
    pub run: RunId,
    /// Which of the session's owners this node is.
    pub fence: i64,
    /// What the claim has got for it.
    pub turn: Option<Turn>,
}

/// A run of this node may have nobody who works on it, since an answer of the database was lost: the room looks.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct LookAfter {
    pub session: SessionId,
    pub owner: UserId,
}

/// The node was taken for dead, and others go on with its runs: nothing more is done with them here.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Disown;

/// The turn of a run that waited for it before it was taken up.
#[derive(Debug)]
pub(crate) struct Turn {
    /// One of the places at work; none for a run whose time is over, which only has to be told so.
    pub slot: Option<OwnedSemaphorePermit>,
    /// One of the places where claimed runs are loaded; given back when the run is.
    pub loading: Option<OwnedSemaphorePermit>,
}

/// Ends the live run.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Result<RunId, NotLive>")]
pub(crate) struct Cancel {
    pub session: SessionId,
    pub owner: UserId,
    pub reason: CancelReason,
}

/// There is no live run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotLive;

/// Ends the live run, if any, and answers when it is over.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Settle {
    pub session: SessionId,
    pub reason: CancelReason,
}

/// The session is no more: tells its members and ends the room.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Close {
    pub session: SessionId,
    /// What the members are told; `None` says nothing, for a room that is merely idle.
    pub reason: Option<&'static str>,
}

// ---- beat → registry → room; bus → registry → room ----

/// Something may have happened at another node that nobody told of.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct LookAround;

/// A session's log has got further at another node.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct News {
    pub last_seq: i64,
    /// What was stored, where the bus carries that.
    pub events: Option<Events>,
}

// ---- service → registry ----

/// Logins were ended, or keys revoked: closes their connections.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Revoke {
    pub credentials: Vec<Credential>,
}

/// Asks for the logins and keys that connections of this process belong to, each once.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "Vec<Credential>")]
pub(crate) struct LiveCredentials;

/// Asks for a sign of life: that the registry takes its messages, and every thread of the rooms its work, is
/// the answer.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "Result<(), Unavailable>")]
pub(crate) struct Probe;

/// Sends every connection away, spread over the window.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Drain {
    /// How long it may take in all.
    pub window: Duration,
}

// ---- registry → connection ----

/// An order to a connection.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
#[rtype(result = "()")]
pub(crate) enum Control {
    Close(CloseReason),
    /// Tell the client, and close with `Restart` at the deadline.
    Drain {
        /// When the client is asked to come back.
        reconnect_after: Duration,
        /// When the socket is closed.
        deadline: Duration,
    },
}

// ---- connection → room ----

/// The ways from a connection to a room.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub leave: Recipient<Leave>,
    /// Asks for what was missed.
    pub catch_up: Recipient<CatchUp>,
}

/// A connection leaves a room.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Leave {
    pub id: ConnectionId,
}

/// A connection that was left behind asks for the next batch.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct CatchUp {
    pub id: ConnectionId,
    /// The first event that it lacks.
    pub next_seq: i64,
}

// ---- room → registry ----

/// A room has neither members nor a run.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct RoomIdle {
    pub session: SessionId,
    /// How many messages the registry had passed on when it said so; if it has passed on more since,
    /// the room is not idle after all.
    pub seen: u64,
}

// ---- room → run ----

/// The run's turn has come.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Admit {
    /// With what it needs.
    pub turn: Turn,
}

/// Stops without a word: another node goes on with the run.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Release;

#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Abort {
    pub reason: CancelReason,
}

// ---- run → room ----

/// Events that are stored and may be shown.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Publish {
    pub frames: Vec<Frame>,
}

/// The run's actor has stopped; everything of it that is stored is published.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct RunEnded {
    pub run: RunId,
    /// Which of its owners it worked for.
    pub fence: i64,
    pub outcome: RunOutcome,
}

/// How a run's actor stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunOutcome {
    /// With the run's last event.
    Ended(Status),
    /// Its session is deleted, or another node has it: nothing is left to do here.
    Released,
    /// Without an end, by a panic or a refused query: the run has to be taken up again.
    Lost,
}
