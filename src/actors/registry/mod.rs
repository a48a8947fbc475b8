//! The registry: creates rooms on demand, counts connections, and forwards the messages of one
//! session to its room.

mod claims;
mod connections;
mod rooms;
#[cfg(test)]
mod tests;
pub(crate) mod threads;

use std::time::Duration;

use actix::prelude::*;
use tokio::time::Instant;

use crate::bus::{Heard, Signal};
use crate::domain::credential::Credential;
use crate::domain::ids::{ConnectionId, RunId, SessionId, UserId};
use crate::protocol::error::CloseReason;
use crate::store::fleet::presence::Counted;

use super::messages::{
    Cancel, Close, Control, Disown, Drain, Join, Joined, Launch, Leave, LiveCredentials, LookAfter,
    LookAround, News, NotLive, Probe, Recover, Register, Resume, Revoke, RoomIdle, Settle,
    TooManyConnections, Unavailable, Unregister, Withdraw,
};
use super::room::{Room, RoomSettings};
use super::run::Facilities;

use claims::claim_runs;
use connections::Connections;
use rooms::Rooms;
use threads::RoomThreads;

/// Time that a connection has to close itself before its socket is shut down.
const CLOSE_GRACE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone)]
pub(crate) struct RegistrySettings {
    /// Maximum number of connections of one user; 0 for no limit.
    pub connections_per_user: usize,
    pub room: RoomSettings,
    pub threads: RoomThreads,
}

/// The registry of a process.
pub(crate) struct Registry {
    settings: RegistrySettings,
    facilities: Facilities,
    rooms: Rooms<Addr<Room>>,
    connections: Connections,
    /// The deadline of the drain, once one has begun.
    drained_by: Option<Instant>,
}

impl Registry {
    pub(crate) fn new(settings: RegistrySettings, facilities: Facilities) -> Self {
        Self {
            settings,
            facilities,
            rooms: Rooms::default(),
            connections: Connections::default(),
            drained_by: None,
        }
    }

    /// Returns the room of a session, created if needed, and counts the message that is about to
    /// be forwarded to it.
    fn room(&mut self, session: SessionId, owner: UserId, ctx: &mut Context<Self>) -> Addr<Room> {
        let RegistrySettings { room, threads, .. } = &self.settings;
        let facilities = &self.facilities;
        let open = || {
            facilities.bus.follow(session);
            let idle = ctx.address().recipient();
            // Created here rather than on its own thread, so that live counts include
            // it from now on.
            let room = Room::new(session, owner, room.clone(), facilities.clone(), idle);
            Room::start_in_arbiter(threads.of(session), |_| room)
        };
        self.rooms.enter(session, open).clone()
    }

    /// Closes the connections of ended logins and revoked API keys.
    fn revoke(&self, credentials: &[Credential], ctx: &mut Context<Self>) {
        for id in self.connections.of_credentials(credentials) {
            self.dismiss(id, CloseReason::Revoked, ctx);
        }
    }

    /// Asks a connection to close, and shuts its socket down if it has not done so in time.
    fn dismiss(&self, id: ConnectionId, reason: CloseReason, ctx: &mut Context<Self>) {
        let Some(entry) = self.connections.get(id) else {
            return;
        };
        entry.control.do_send(Control::Close(reason));
        ctx.run_later(CLOSE_GRACE, move |act, _| {
            if let Some(entry) = act.connections.get(id) {
                (entry.force_close)();
            }
        });
    }
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4096);
    }
}

impl Handler<Register> for Registry {
    type Result = ResponseActFuture<Self, Result<(), TooManyConnections>>;

    fn handle(&mut self, register: Register, _: &mut Self::Context) -> Self::Result {
        let (id, control) = (register.id, register.control.clone());
        let limit = self.settings.connections_per_user;
        let counted = Counted::Connections(register.user);
        let (user, presence) = (register.user, self.facilities.presence.clone());
        let here = || presence.enter(counted);
        let is_new = match self.connections.register(register, limit, here) {
            Ok(is_new) => is_new,
            Err(refused) => return Box::pin(fut::ready(Err(refused))),
        };
        if let Some(end) = self.drained_by.filter(|_| is_new) {
            // The connection was accepted just before the drain began.
            control.do_send(Control::Drain {
                reconnect_after: Duration::ZERO,
                deadline: end.saturating_duration_since(Instant::now()),
            });
        }
        if !is_new || limit == 0 {
            return Box::pin(fut::ready(Ok(())));
        }
        // The connection is already counted, so that other nodes see it while this query runs.
        let elsewhere = async move { presence.elsewhere(counted).await };
        Box::pin(elsewhere.into_actor(self).map(move |elsewhere, act, _| {
            if elsewhere > 0 && act.connections.count_of(user) + elsewhere > limit {
                act.connections.unregister(id);
                return Err(TooManyConnections);
            }
            Ok(())
        }))
    }
}

impl Handler<Unregister> for Registry {
    type Result = ();

    fn handle(&mut self, Unregister { id }: Unregister, _: &mut Self::Context) {
        self.connections.unregister(id);
    }
}

impl Handler<Join> for Registry {
    type Result = ResponseFuture<Result<Joined, Unavailable>>;

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) -> Self::Result {
        let room = self.room(join.session, join.owner, ctx);
        // Sent before the future is polled, so that later messages cannot overtake it.
        let sent = room.send(join);
        Box::pin(async move { sent.await.unwrap_or(Err(Unavailable)) })
    }
}

impl Handler<Withdraw> for Registry {
    type Result = ();

    fn handle(&mut self, Withdraw { id, session }: Withdraw, _: &mut Self::Context) {
        if let Some(room) = self.rooms.get(session) {
            room.do_send(Leave { id });
        }
    }
}

impl Handler<Launch> for Registry {
    type Result = ();

    fn handle(&mut self, launch: Launch, ctx: &mut Self::Context) {
        self.room(launch.session, launch.owner, ctx).do_send(launch);
    }
}

impl Handler<Recover> for Registry {
    type Result = ();

    fn handle(&mut self, _: Recover, ctx: &mut Self::Context) {
        let registry = ctx.address();
        let (room, left_behind) = (registry.clone().recipient(), registry.recipient());
        let claims = claim_runs(self.facilities.clone(), room, left_behind);
        ctx.spawn(claims.into_actor(self));
    }
}

impl Handler<Resume> for Registry {
    type Result = ();

    fn handle(&mut self, resume: Resume, ctx: &mut Self::Context) {
        self.room(resume.session, resume.owner, ctx).do_send(resume);
    }
}

impl Handler<LookAfter> for Registry {
    type Result = ();

    fn handle(&mut self, look: LookAfter, ctx: &mut Self::Context) {
        self.room(look.session, look.owner, ctx).do_send(look);
    }
}

impl Handler<Disown> for Registry {
    type Result = ();

    fn handle(&mut self, disown: Disown, _: &mut Self::Context) {
        for room in self.rooms.all() {
            room.do_send(disown);
        }
    }
}

impl Handler<Heard> for Registry {
    type Result = ();

    fn handle(&mut self, heard: Heard, ctx: &mut Self::Context) {
        let signal = match heard {
            Heard::Told(signal) => signal,
            Heard::Missed => return self.handle(LookAround, ctx),
        };
        match signal {
            Signal::Stored {
                session,
                last_seq,
                events,
            } => {
                if let Some(room) = self.rooms.get(session) {
                    // A room with a full mailbox polls by itself.
                    let _ = room.try_send(News { last_seq, events });
                }
            }
            Signal::Due => self.facilities.node.announce_due_run(),
            // Only an existing room can have the run; a new one would be opened in vain.
            Signal::Stop {
                session,
                user,
                reason,
            } if self.rooms.get(session).is_some() => {
                let cancel = Cancel {
                    session,
                    owner: user,
                    reason,
                };
                self.room(session, user, ctx).do_send(cancel);
            }
            Signal::Stop { .. } => {}
            Signal::Gone { session } => {
                if let Some(room) = self.rooms.get(session) {
                    let _ = room.try_send(LookAround);
                }
            }
            Signal::Revoked { credential } => self.revoke(&[credential], ctx),
        }
    }
}

impl Handler<LookAround> for Registry {
    type Result = ();

    fn handle(&mut self, look: LookAround, _: &mut Self::Context) {
        for room in self.rooms.all() {
            let _ = room.try_send(look);
        }
    }
}

impl Handler<Cancel> for Registry {
    type Result = ResponseFuture<Result<RunId, NotLive>>;

    fn handle(&mut self, cancel: Cancel, ctx: &mut Self::Context) -> Self::Result {
        let room = self.room(cancel.session, cancel.owner, ctx);
        let sent = room.send(cancel);
        Box::pin(async move { sent.await.unwrap_or(Err(NotLive)) })
    }
}

impl Handler<Settle> for Registry {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, settle: Settle, _: &mut Self::Context) -> Self::Result {
        let room = self.rooms.get(settle.session).cloned();
        Box::pin(async move {
            // A room that is gone has no run left.
            if let Some(room) = room {
                let _ = room.send(settle).await;
            }
        })
    }
}

impl Handler<Close> for Registry {
    type Result = ();

    fn handle(&mut self, close: Close, _: &mut Self::Context) {
        if let Some(room) = self.rooms.remove(close.session) {
            self.facilities.bus.unfollow(close.session);
            room.do_send(close);
        }
    }
}

impl Handler<RoomIdle> for Registry {
    type Result = ();

    fn handle(&mut self, idle: RoomIdle, _: &mut Self::Context) {
        let RoomIdle { session, seen } = idle;
        if let Some(room) = self.rooms.remove_idle(session, seen) {
            self.facilities.bus.unfollow(session);
            room.do_send(Close {
                session,
                reason: None,
            });
        }
    }
}

impl Handler<Revoke> for Registry {
    type Result = ();

    fn handle(&mut self, revoke: Revoke, ctx: &mut Self::Context) {
        self.revoke(&revoke.credentials, ctx);
    }
}

impl Handler<LiveCredentials> for Registry {
    type Result = MessageResult<LiveCredentials>;

    fn handle(&mut self, _: LiveCredentials, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.connections.credentials())
    }
}

impl Handler<Probe> for Registry {
    type Result = ResponseFuture<Result<(), Unavailable>>;

    fn handle(&mut self, _: Probe, _: &mut Self::Context) -> Self::Result {
        Box::pin(self.settings.threads.clone().prove())
    }
}

impl Handler<Drain> for Registry {
    type Result = ();

    /// Clients are asked to reconnect over the first four fifths of the window, and have the last
    /// fifth to do it, so that they do not all connect to the next server at once.
    fn handle(&mut self, Drain { window }: Drain, _: &mut Self::Context) {
        self.drained_by = Some(Instant::now() + window);
        // No run is claimed that would have to be released at once.
        self.facilities.node.begins_to_leave();
        let grace = window / 5;
        let spread = window - grace;
        let count = u32::try_from(self.connections.all().len())
            .unwrap_or(u32::MAX)
            .max(1);
        for (place, entry) in (0_u32..).zip(self.connections.all()) {
            let reconnect_after = spread * place / count;
            let deadline = reconnect_after + grace;
            entry.control.do_send(Control::Drain {
                reconnect_after,
                deadline,
            });
        }
    }
}
