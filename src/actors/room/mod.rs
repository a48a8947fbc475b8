//! A session's room: its members, the end of its log, and its live run if this node works on it.
//!
//! Only the room publishes: events arrive as [`Publish`] once they are committed, and go out to the
//! members' outboxes. It never waits for a member. A member whose mailbox is full is marked as
//! lagging, and reads the missed events at its own speed by `CatchUp`.

mod catch_up;
mod following;
mod join;
mod polling;
mod ring;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use actix::prelude::*;
use tokio::sync::oneshot;

use crate::domain::event::CancelReason;
use crate::domain::ids::{ConnectionId, RunId, SessionId, UserId};
use crate::domain::run::Status;
use crate::store::evaluations::Position;
use crate::store::{self, Db, retry};

use super::live_counts::GaugeGuard;
use super::messages::{
    Abort, Admit, Cancel, Close, Disown, Frame, Launch, LookAfter, NotLive, Publish, Release,
    Resume, RoomIdle, RunEnded, RunOutcome, SessionClosed, Settle,
};
use super::outbox::{Outbox, Pushed};
use super::run::{EvaluationRun, Facilities, MAX_LOST};

use polling::Polling;
use ring::Ring;

#[derive(Debug, Clone)]
pub(crate) struct RoomSettings {
    /// Maximum number of missed events that a join replays.
    pub replay_events: i64,
}

/// The end of a session's log, as far as it is published.
struct Head {
    epoch: String,
    seq: i64,
    /// The last event that retention has removed.
    purged: i64,
    status: Status,
}

struct Member {
    outbox: Outbox,
    /// Set while the member has not caught up; no live events are sent to it meanwhile.
    lagging: Option<GaugeGuard>,
}

struct Live {
    id: RunId,
    /// The fence of this node's ownership of the session.
    fence: i64,
    /// The status before the run started, restored if there is nothing to run.
    before: Option<Status>,
    /// The cancellation that was requested and acknowledged. The actor may be lost before it is
    /// stored; the actor that resumes the run gets the same request.
    cancel: Option<CancelReason>,
    actor: Addr<EvaluationRun>,
}

impl Live {
    /// Cancels the run. The first reason stands, as it was acknowledged to its requester.
    fn abort(&mut self, reason: CancelReason) {
        let reason = *self.cancel.get_or_insert(reason);
        self.actor.do_send(Abort { reason });
    }
}

pub(crate) struct Room {
    session: SessionId,
    owner: UserId,
    settings: RoomSettings,
    facilities: Facilities,
    registry: Recipient<RoomIdle>,
    /// The number of messages of the registry that this room has handled.
    seen: u64,
    /// `None` until the log's end is read, or if reading it failed.
    head: Option<Head>,
    ring: Ring,
    members: BTreeMap<ConnectionId, Member>,
    run: Option<Live>,
    /// The number of times that the live run's actor was lost.
    lost: u32,
    awaiting_end: Vec<oneshot::Sender<()>>,
    polling: Polling,
    _counted: GaugeGuard,
}

impl Room {
    /// Creates a room, which reads the end of its log when it starts.
    pub(crate) fn new(
        session: SessionId,
        owner: UserId,
        settings: RoomSettings,
        facilities: Facilities,
        registry: Recipient<RoomIdle>,
    ) -> Self {
        let counted = facilities.live_counts.rooms.enter();
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
            polling: Polling::default(),
            _counted: counted,
        }
    }

    /// Reads the end of the log, then calls `then` with it.
    fn load(
        &self,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, &Position, &mut Context<Self>) + 'static,
    ) {
        let (store, owner, session) = (self.facilities.store.clone(), self.owner, self.session);
        let read = async move {
            let query = move |db: &mut Db| store::evaluations::position(db, owner, session);
            retry::read("the room", session, &store, query).await
        };
        // No message is handled before the head is known, because each needs it.
        ctx.wait(read.into_actor(self).map(|position, room, ctx| {
            match position {
                Ok(Some(position)) => {
                    // A run whose log is given a new epoch has a new owner then.
                    if room.see(&position, ctx) {
                        then(room, &position, ctx);
                    }
                    // A new room has yet to handle the message that it was created for.
                    if room.seen == 0 {
                        return;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(session = %room.session, %error, "the room's log can't be read");
                }
            }
            room.leave_if_idle();
        }));
    }

    /// Moves the head to the end of the log. Events in between were stored by a run that could not
    /// publish them: the members read them from the log. Returns false if the log has lost events
    /// that were shown; it is being given a new epoch then.
    fn see(&mut self, position: &Position, ctx: &mut Context<Self>) -> bool {
        let head = Head {
            epoch: position.epoch.clone(),
            seq: position.last_seq,
            purged: position.purged_seq,
            status: position.status,
        };
        let Some(before) = self.head.take() else {
            self.head = Some(head);
            return true;
        };
        if before.epoch != head.epoch {
            self.start_over(head, position.fence);
            return true;
        }
        let published = before.seq;
        self.head = Some(Head {
            seq: published.max(position.last_seq),
            ..head
        });
        if position.last_seq < published && self.facilities.tail.is_some() {
            let epoch = position.epoch.clone();
            self.begin_log_anew(epoch, position.last_seq, published, ctx);
            return false;
        }
        if position.last_seq > published {
            let live_counts = &self.facilities.live_counts;
            for member in self.members.values_mut() {
                member.outbox.lag.store(true, Ordering::Release);
                member
                    .lagging
                    .get_or_insert_with(|| live_counts.lagging.enter());
            }
        }
        true
    }

    /// Starts an actor for a run of this node that an earlier room left behind. A run of another
    /// node is left alone, and an unowned run must be claimed first.
    fn take_up(&mut self, position: &Position, ctx: &mut Context<Self>) {
        let own = Some(self.facilities.node.id());
        if let (Status::InProgress, Some(run)) = (position.status, position.run_id)
            && position.node == own
        {
            self.launch(run, position.fence, ctx);
        }
    }

    fn launch(&mut self, run: RunId, fence: i64, ctx: &mut Context<Self>) {
        // Even if the actor is gone: each actor reports how it stopped, also after a panic, and the
        // run is only restarted on that report.
        if let Some(live) = &self.run {
            if live.fence >= fence {
                return;
            }
            if live.id == run {
                // It belongs to an ownership that this node has lost since.
                self.release();
            }
        }
        let lost = self.lost;
        let actor = EvaluationRun::new(
            self.session,
            (run, fence),
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
            fence,
            before,
            cancel: None,
            actor,
        });
    }

    /// Drops the run because another node continues it. Tasks waiting for its end are woken.
    fn release(&mut self) {
        if let Some(live) = self.run.take() {
            live.actor.do_send(Release);
            self.lost = 0;
            for waiting in self.awaiting_end.drain(..) {
                let _ = waiting.send(());
            }
        }
    }

    /// Reports the room as idle. Only the registry ends a room, as it knows which messages
    /// are on their way.
    fn leave_if_idle(&self) {
        if self.members.is_empty() && self.run.is_none() {
            self.registry.do_send(RoomIdle {
                session: self.session,
                seen: self.seen,
            });
        }
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1024);
        self.load(ctx, Self::take_up);
        self.watch_others(ctx);
    }
}

impl Handler<Launch> for Room {
    type Result = ();

    fn handle(&mut self, launch: Launch, ctx: &mut Self::Context) {
        self.seen += 1;
        if self.head.is_some() {
            self.launch(launch.run, launch.fence, ctx);
        } else {
            self.leave_if_idle();
        }
    }
}

impl Handler<Resume> for Room {
    type Result = ();

    fn handle(&mut self, resume: Resume, ctx: &mut Self::Context) {
        self.seen += 1;
        if self.head.is_none() {
            return self.leave_if_idle();
        }
        // A run that has ended since reports it itself, and a newer run waits for its own turn.
        self.launch(resume.run, resume.fence, ctx);
        if let (Some(live), Some(permits)) = (&self.run, resume.permits)
            && live.fence == resume.fence
        {
            live.actor.do_send(Admit { permits });
        }
    }
}

impl Handler<LookAfter> for Room {
    type Result = ();

    fn handle(&mut self, _: LookAfter, ctx: &mut Self::Context) {
        self.seen += 1;
        // The room's knowledge may be older than the run.
        self.load(ctx, Self::take_up);
    }
}

impl Handler<Disown> for Room {
    type Result = ();

    fn handle(&mut self, _: Disown, _: &mut Self::Context) {
        self.release();
        self.leave_if_idle();
    }
}

impl Handler<Cancel> for Room {
    type Result = Result<RunId, NotLive>;

    fn handle(&mut self, cancel: Cancel, _: &mut Self::Context) -> Self::Result {
        self.seen += 1;
        let Some(live) = &mut self.run else {
            self.leave_if_idle();
            return Err(NotLive);
        };
        live.abort(cancel.reason);
        Ok(live.id)
    }
}

impl Handler<Settle> for Room {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, settle: Settle, _: &mut Self::Context) -> Self::Result {
        let Some(live) = &mut self.run else {
            return Box::pin(async {});
        };
        live.abort(settle.reason);
        let (ended, end) = oneshot::channel();
        self.awaiting_end.push(ended);
        Box::pin(async move {
            // A room that is gone has ended its run.
            let _ = end.await;
        })
    }
}

impl Handler<Publish> for Room {
    type Result = ();

    fn handle(&mut self, Publish { frames }: Publish, _: &mut Self::Context) {
        self.tell(&frames);
        self.show(frames);
    }
}

impl Room {
    /// Sends stored events to the members that are not lagging.
    fn show(&mut self, frames: impl IntoIterator<Item = Frame>) {
        let Some(head) = &mut self.head else { return };
        for frame in frames {
            // Already found in the log: the members have it or read it there.
            if frame.seq <= head.seq {
                continue;
            }
            // Events in the gap were stored by a run that could not publish them yet.
            let hole = frame.seq != head.seq + 1;
            head.seq = frame.seq;
            let lagging = &self.facilities.live_counts.lagging;
            self.members.retain(|_, member| {
                if member.lagging.is_some() {
                    return true;
                }
                if hole {
                    // Set before the push, because the member reads the flag after it.
                    member.outbox.lag.store(true, Ordering::Release);
                    member.lagging = Some(lagging.enter());
                }
                match member.outbox.push(self.session, &frame) {
                    Pushed::Delivered => true,
                    Pushed::Full => {
                        member.lagging.get_or_insert_with(|| lagging.enter());
                        self.facilities.metrics.lags.inc();
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
        let Some(live) = self
            .run
            .take_if(|live| live.id == ended.run && live.fence == ended.fence)
        else {
            return;
        };
        match ended.outcome {
            RunOutcome::Lost if self.lost < MAX_LOST => {
                self.lost += 1;
                self.facilities.metrics.runs_lost.inc();
                tracing::error!(session = %self.session, run = %ended.run, "the run was lost: taken up again");
                self.launch(ended.run, ended.fence, ctx);
                if let (Some(again), Some(reason)) = (&mut self.run, live.cancel) {
                    again.abort(reason);
                }
                return;
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
                // The run's end may be stored although it was never published.
                if !self.members.is_empty() {
                    self.load(ctx, |_, _, _| {});
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
            if let Some(live) = &mut self.run {
                live.abort(CancelReason::Deleted);
            }
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
