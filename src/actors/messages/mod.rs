//! The messages between the actors, grouped by sender and receiver. A request is named by a verb, a
//! notification by a past form.

mod assessment;

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

pub(crate) use super::delivery::{Deliver, ForceClose, Frame, Replay, SessionClosed};
pub(crate) use assessment::{Assess, Assessed, Dismiss, Reply};

use super::outbox::Outbox;

// ---- connection → registry ----

/// A connection has authenticated, or renewed its token.
#[derive(Message)]
#[rtype(result = "Result<(), TooManyConnections>")]
pub(crate) struct Register {
    pub id: ConnectionId,
    pub user: UserId,
    /// The login or API key that it has authenticated with.
    pub credential: Credential,
    /// Receives orders of the registry.
    pub control: Recipient<Control>,
    pub force_close: ForceClose,
}

/// The user has reached the maximum number of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyConnections;

/// A connection is closed.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Unregister {
    pub id: ConnectionId,
}

/// Adds a connection to a session's room; the registry forwards it to the room.
#[derive(Message)]
#[rtype(result = "Result<Joined, Unavailable>")]
pub(crate) struct Join {
    /// The session, which the sender knows to belong to `owner`.
    pub session: SessionId,
    pub owner: UserId,
    /// The end of the session's log that the sender has read, if it has: another node may have
    /// written events that the room does not know yet.
    pub known: Option<LogEnd>,
    /// The last event that the client has; `None` for live events only.
    pub position: Option<Position>,
    pub replay_depth: ReplayDepth,
    pub member: Outbox,
}

/// The position of a session and its log.
pub(crate) type LogEnd = store::evaluations::Position;

/// The amount of the log that is replayed on joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplayDepth {
    /// Missed events up to the limit; none if the client's position is invalid.
    Limited,
    /// All missed events; the whole log if the client's position is invalid.
    Whole,
}

/// Removes a connection that asked to join but is closed or has stopped waiting, if it was added.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Withdraw {
    pub id: ConnectionId,
    pub session: SessionId,
}

/// A connection was added to the room.
#[derive(Debug)]
pub(crate) struct Joined {
    /// The reply for the client.
    pub reply: SessionJoined,
    /// The first event that the connection is to send.
    pub next_seq: i64,
    pub room: RoomRecipients,
}

/// The room cannot be reached now: the database does not answer, the room is closing, or
/// its thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

// ---- service → registry → room ----

/// Starts the actor of a stored run. Sending it twice has no further effect.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Launch {
    pub session: SessionId,
    pub owner: UserId,
    pub run: RunId,
    /// The fence of this node's ownership of the session.
    pub fence: i64,
}

/// Starts claiming unowned runs.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Recover;

/// Starts the actor of a run that this node has claimed.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Resume {
    pub session: SessionId,
    pub owner: UserId,
    pub run: RunId,
    /// The fence of this node's ownership of the session.
    pub fence: i64,
    /// The permits that were taken for the claim.
    pub permits: Option<RunPermits>,
}

/// Makes the room check that a run of this node has an actor; it may have none if an answer of
/// the database was lost.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct LookAfter {
    pub session: SessionId,
    pub owner: UserId,
}

/// Drops all runs, because the node was declared dead and others continue them.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Disown;

/// The permits of a run that waited for them before it was loaded.
#[derive(Debug)]
pub(crate) struct RunPermits {
    /// A worker slot; `None` for a run whose deadline has passed, which only has to be ended.
    pub slot: Option<OwnedSemaphorePermit>,
    /// One of the permits for loading claimed runs; released when the run is loaded.
    pub loading: Option<OwnedSemaphorePermit>,
}

/// Cancels the live run.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Result<RunId, NotLive>")]
pub(crate) struct Cancel {
    pub session: SessionId,
    pub owner: UserId,
    pub reason: CancelReason,
}

/// The session has no live run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotLive;

/// Cancels the live run, if any, and answers when it is over.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Settle {
    pub session: SessionId,
    pub reason: CancelReason,
}

/// Tells the members that the session has ended, and stops the room.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Close {
    pub session: SessionId,
    /// The reason given to members; `None` stops a room that is merely idle.
    pub reason: Option<&'static str>,
}

// ---- beat → registry → room; bus → registry → room ----

/// Makes rooms read the log, because another node may have written events without a signal.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct LookAround;

/// Another node has appended to a session's log.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct News {
    pub last_seq: i64,
    /// The new events, if the bus carries events.
    pub events: Option<Events>,
}

// ---- service → registry ----

/// Closes the connections of logins that were ended and of API keys that were revoked.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Revoke {
    pub credentials: Vec<Credential>,
}

/// Asks for the logins and API keys of this process's connections, each once.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "Vec<Credential>")]
pub(crate) struct LiveCredentials;

/// Liveness probe: it is answered once the registry has taken the message and every room thread
/// has run a task.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "Result<(), Unavailable>")]
pub(crate) struct Probe;

/// Closes every connection, spread over the window.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Drain {
    /// The time for the whole drain.
    pub window: Duration,
}

// ---- registry → connection ----

/// An order of the registry to a connection.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
#[rtype(result = "()")]
pub(crate) enum Control {
    Close(CloseReason),
    /// Announce the restart to the client, and close with `Restart` at the deadline.
    Drain {
        /// The delay after which the client is asked to reconnect.
        reconnect_after: Duration,
        /// The delay after which the socket is closed.
        deadline: Duration,
    },
}

// ---- connection → room ----

/// The recipients through which a connection reaches its room.
#[derive(Debug, Clone)]
pub(crate) struct RoomRecipients {
    pub leave: Recipient<Leave>,
    /// Requests missed events.
    pub catch_up: Recipient<CatchUp>,
}

/// A connection leaves a room.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Leave {
    pub id: ConnectionId,
}

/// A connection that fell behind requests the next batch.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct CatchUp {
    pub id: ConnectionId,
    /// The first missing event.
    pub next_seq: i64,
}

// ---- room → registry ----

/// A room has neither members nor a run.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct RoomIdle {
    pub session: SessionId,
    /// The number of messages that the room had received when it became idle. If the registry has
    /// forwarded more since, the room is not idle after all.
    pub seen: u64,
}

// ---- room → run ----

/// The run may start working.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Admit {
    /// The permits that the run waited for.
    pub permits: RunPermits,
}

/// Stops without writing an end, because another node continues the run.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Release;

#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct Abort {
    pub reason: CancelReason,
}

// ---- run → room ----

/// Stored events, which may now be shown to clients.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Publish {
    pub frames: Vec<Frame>,
}

/// The run's actor has stopped, and all its stored events are published.
#[derive(Message, Debug, Clone, Copy)]
#[rtype(result = "()")]
pub(crate) struct RunEnded {
    pub run: RunId,
    /// The fence of the ownership that it worked under.
    pub fence: i64,
    pub outcome: RunOutcome,
}

/// The way in which a run's actor stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunOutcome {
    /// The run's final event is stored.
    Ended(Status),
    /// The session is deleted or owned by another node, so that nothing is left to do here.
    Released,
    /// A panic or a failed query stopped the actor before the run's end; the run has to be resumed.
    Lost,
}
