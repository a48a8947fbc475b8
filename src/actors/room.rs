//! A session's room: its members, the end of its log, its live run.
//!
//! The room is where "stored" becomes "shown": events come in as [`Publish`], already committed, and
//! go out to the members' outboxes. It never waits for a member: one whose mailbox is full is marked
//! as lagging, and pulls what it missed at its own speed by `CatchUp`.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use actix::prelude::*;
use tokio::sync::oneshot;

use crate::domain::ids::{ConnectionId, RunId, SessionId, UserId};
use crate::domain::run::Status;
use crate::protocol::command::Position;
use crate::protocol::reply::{NotRecovered, SessionJoined};

use super::census::Presence;
use super::messages::{
    Abort, Admit, Cancel, Close, Door, Join, Joined, Launch, Leave, NotLive, Publish, Reach,
    Resume, RoomIdle, RunEnded, RunOutcome, SessionClosed, Settle, Unavailable,
};
use super::outbox::{Outbox, Pushed};
use super::patience::position;
use super::ring::Ring;
use super::run::{EvaluationRun, Facilities, MAX_LOST};

/// What a room needs to know.
#[derive(Debug, Clone)]
pub struct RoomSettings {
    /// Missed events that a join replays at most.
    pub replay_events: i64,
}

/// The end of a session's log, as far as it is published.
pub(super) struct Head {
    pub(super) epoch: String,
    pub(super) seq: i64,
    pub(super) status: Status,
}

pub(super) struct Member {
    pub(super) outbox: Outbox,
    /// Nothing is pushed to it until it has caught up.
    pub(super) lagging: Option<Presence>,
}

struct Live {
    id: RunId,
    /// Where the session stood before; it stands there again if there is nothing to run.
    before: Option<Status>,
    actor: Addr<EvaluationRun>,
}

/// One session's room.
pub struct Room {
    pub(super) session: SessionId,
    owner: UserId,
    pub(super) settings: RoomSettings,
    pub(super) facilities: Facilities,
    registry: Recipient<RoomIdle>,
    /// Messages that the registry passed on and this room has handled.
    seen: u64,
    /// None until it is read, and where it could not be.
    pub(super) head: Option<Head>,
    pub(super) ring: Ring,
    pub(super) members: BTreeMap<ConnectionId, Member>,
    run: Option<Live>,
    /// How often the live run's actor was lost.
    lost: u32,
    awaiting_end: Vec<oneshot::Sender<()>>,
    _presence: Presence,
}

impl Room {
    /// A room that reads the end of its log when it starts.
    pub fn new(
        session: SessionId,
        owner: UserId,
        settings: RoomSettings,
        facilities: Facilities,
        registry: Recipient<RoomIdle>,
    ) -> Self {
        let presence = facilities.census.rooms.enter();
        Self {
            session,
            owner,
            settings,
            facilities,
            registry,
            seen: 0,
            head: None,
            ring: Ring::default(),
            members: BTreeMap::new(),
            run: None,
            lost: 0,
            awaiting_end: Vec::new(),
            _presence: presence,
        }
    }

    fn load(&self, ctx: &mut Context<Self>) {
        let read = position(self.facilities.store.clone(), self.owner, self.session);
        // Nothing is handled before the head is known: every message needs it.
        ctx.wait(read.into_actor(self).map(|position, room, ctx| match position {
            Ok(Some(position)) => {
                room.head = Some(Head {
                    epoch: position.epoch,
                    seq: position.last_seq,
                    status: position.status,
                });
                // A run that a crash or another room left behind goes on where it stood.
                if let (Status::InProgress, Some(run)) = (position.status, position.run_id) {
                    room.launch(run, ctx);
                }
                // A new room has its first message still to handle.
                if room.seen > 0 {
                    room.leave_if_idle();
                }
            }
            Ok(None) => room.leave_if_idle(),
            Err(error) => {
                tracing::error!(session = %room.session, %error, "the room's log can't be read");
                room.leave_if_idle();
            }
        }));
    }

    fn launch(&mut self, run: RunId, ctx: &mut Context<Self>) {
        if self
            .run
            .as_ref()
            .is_some_and(|live| live.id == run && live.actor.connected())
        {
            return;
        }
        let lost = self.lost;
        let actor = EvaluationRun::new(
            self.session,
            run,
            lost,
            self.facilities.clone(),
            ctx.address().recipient(),
            ctx.address().recipient(),
        )
        .start();
        let before = self
            .head
            .as_mut()
            .map(|head| std::mem::replace(&mut head.status, Status::InProgress));
        self.run = Some(Live {
            id: run,
            before,
            actor,
        });
    }

    /// Tells the registry; only the registry, which knows what is on its way here, ends the room.
    pub(super) fn leave_if_idle(&self) {
        if self.members.is_empty() && self.run.is_none() {
            self.registry.do_send(RoomIdle {
                session: self.session,
                seen: self.seen,
            });
        }
    }

    /// Where a newcomer starts, and whether it gets what it missed.
    fn place(
        &self,
        head: &Head,
        position: Option<&Position>,
        reach: Reach,
    ) -> (i64, bool, Option<NotRecovered>) {
        let live = head.seq + 1;
        let Some(position) = position else {
            return (live, false, None);
        };
        let (lost, limit) = match reach {
            Reach::Limited => (live, self.settings.replay_events),
            Reach::Whole => (1, 0),
        };
        if position
            .epoch
            .as_ref()
            .is_some_and(|epoch| *epoch != head.epoch)
        {
            (lost, false, Some(NotRecovered::EpochMismatch))
        } else if position.last_seq > head.seq {
            (lost, false, Some(NotRecovered::FuturePosition))
        } else if limit > 0 && head.seq - position.last_seq > limit {
            (lost, false, Some(NotRecovered::TooFarBehind))
        } else {
            (position.last_seq + 1, true, None)
        }
    }

    fn admit(&mut self, join: Join, ctx: &mut Context<Self>) -> Result<Joined, Unavailable> {
        let Some(head) = &self.head else {
            self.facilities.meters.joins.count("unavailable");
            self.leave_if_idle();
            return Err(Unavailable);
        };
        let id = join.member.id;
        let again = self.members.contains_key(&id);
        let position = if again { None } else { join.position.as_ref() };
        let (next_seq, recovered, reason) = self.place(head, position, join.reach);
        let behind = next_seq <= head.seq;
        let without = if again { "again" } else { "live" };
        let without = if recovered { "recovered" } else { without };
        let outcome = reason.map_or(without, NotRecovered::as_str);
        self.facilities.meters.joins.count(outcome);
        let mut reply = SessionJoined {
            session_id: self.session,
            status: head.status,
            epoch: head.epoch.clone(),
            last_seq: head.seq,
            recovered,
            reason,
            members: 0,
        };
        if !again {
            join.member.lag.store(behind, Ordering::Release);
            self.members.insert(
                id,
                Member {
                    outbox: join.member,
                    lagging: behind.then(|| self.facilities.census.lagging.enter()),
                },
            );
        }
        reply.members = self.members.len();
        let door = Door {
            leave: ctx.address().recipient(),
            catch_up: ctx.address().recipient(),
        };
        Ok(Joined {
            reply,
            next_seq,
            behind,
            door,
        })
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1024);
        self.load(ctx);
    }
}

impl Handler<Join> for Room {
    type Result = Result<Joined, Unavailable>;

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) -> Self::Result {
        self.seen += 1;
        self.admit(join, ctx)
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, Leave { id }: Leave, _: &mut Self::Context) {
        self.members.remove(&id);
        self.leave_if_idle();
    }
}

impl Handler<Launch> for Room {
    type Result = ();

    fn handle(&mut self, launch: Launch, ctx: &mut Self::Context) {
        self.seen += 1;
        if self.head.is_some() {
            self.launch(launch.run, ctx);
        } else {
            self.leave_if_idle();
        }
    }
}

impl Handler<Resume> for Room {
    type Result = ();

    fn handle(&mut self, resume: Resume, ctx: &mut Self::Context) {
        self.seen += 1;
        match (&self.run, resume.turn) {
            (Some(live), Some(turn)) if live.id == resume.run => live.actor.do_send(Admit { turn }),
            // Cancelled and started again before its turn came: the new one waits for its own.
            (Some(_), _) => {}
            // It has ended since.
            (None, Some(_)) => self.leave_if_idle(),
            // The room may be older than the run.
            (None, None) => self.load(ctx),
        }
    }
}

impl Handler<Cancel> for Room {
    type Result = Result<RunId, NotLive>;

    fn handle(&mut self, cancel: Cancel, _: &mut Self::Context) -> Self::Result {
        self.seen += 1;
        let Some(live) = &self.run else {
            self.leave_if_idle();
            return Err(NotLive);
        };
        live.actor.do_send(Abort {
            reason: cancel.reason,
        });
        Ok(live.id)
    }
}

impl Handler<Settle> for Room {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, settle: Settle, _: &mut Self::Context) -> Self::Result {
        let Some(live) = &self.run else {
            return Box::pin(async {});
        };
        live.actor.do_send(Abort {
            reason: settle.reason,
        });
        let (ended, end) = oneshot::channel();
        self.awaiting_end.push(ended);
        Box::pin(async move {
            // A room that is gone has ended its run as well.
            let _ = end.await;
        })
    }
}

impl Handler<Publish> for Room {
    type Result = ();

    fn handle(&mut self, Publish { frames }: Publish, _: &mut Self::Context) {
        let Some(head) = &mut self.head else { return };
        for frame in frames {
            head.seq = frame.seq;
            self.members.retain(|_, member| {
                if member.lagging.is_some() {
                    return true;
                }
                match member.outbox.push(self.session, &frame) {
                    Pushed::Delivered => true,
                    Pushed::Full => {
                        member.lagging = Some(self.facilities.census.lagging.enter());
                        self.facilities.meters.lags.inc();
                        true
                    }
                    Pushed::Gone => false,
                }
            });
            self.ring.push(frame);
        }
    }
}

impl Handler<RunEnded> for Room {
    type Result = ();

    fn handle(&mut self, ended: RunEnded, ctx: &mut Self::Context) {
        let Some(live) = self.run.take_if(|live| live.id == ended.run) else {
            return;
        };
        match ended.outcome {
            RunOutcome::Lost if self.lost < MAX_LOST => {
                self.lost += 1;
                self.facilities.meters.runs_lost.inc();
                tracing::error!(session = %self.session, run = %ended.run, "the run was lost: taken up again");
                return self.launch(ended.run, ctx);
            }
            RunOutcome::Ended(status) => {
                self.lost = 0;
                if let Some(head) = &mut self.head {
                    head.status = status;
                }
            }
            RunOutcome::Released => {
                self.lost = 0;
                if let (Some(head), Some(before)) = (&mut self.head, live.before) {
                    head.status = before;
                }
            }
            RunOutcome::Lost => self.lost = 0,
        }
        for waiting in self.awaiting_end.drain(..) {
            let _ = waiting.send(());
        }
        self.leave_if_idle();
    }
}

impl Handler<Close> for Room {
    type Result = ();

    fn handle(&mut self, close: Close, ctx: &mut Self::Context) {
        if let Some(reason) = close.reason {
            for member in self.members.values() {
                member.outbox.closed.do_send(SessionClosed {
                    session: self.session,
                    reason,
                });
            }
        }
        ctx.stop();
    }
}
