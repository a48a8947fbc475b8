//! Members joining and leaving a room: the first event that a member gets, and the
//! reply to its join.

use std::sync::atomic::Ordering;

use actix::prelude::*;

use crate::protocol::command::Position;
use crate::protocol::reply::{NotRecovered, SessionJoined};

use super::{Head, Member, Room};
use crate::actors::messages::{Join, Joined, Leave, ReplayDepth, RoomRecipients, Unavailable};

impl Room {
    /// Returns the first event for a new member, whether it gets missed events, and why they cannot
    /// be replayed, if so.
    fn place(
        &self,
        head: &Head,
        position: Option<&Position>,
        replay_depth: ReplayDepth,
    ) -> (i64, bool, Option<NotRecovered>) {
        let live = head.seq + 1;
        let Some(position) = position else {
            return (live, false, None);
        };
        let (lost, limit) = match replay_depth {
            ReplayDepth::Limited => (live, self.settings.replay_events),
            ReplayDepth::Whole => (head.purged + 1, 0),
        };
        if position
            .epoch
            .as_ref()
            .is_some_and(|epoch| *epoch != head.epoch)
        {
            (lost, false, Some(NotRecovered::EpochMismatch))
        } else if position.last_seq > head.seq {
            (lost, false, Some(NotRecovered::FuturePosition))
        } else if position.last_seq < head.purged
            || (limit > 0 && head.seq - position.last_seq > limit)
        {
            (lost, false, Some(NotRecovered::TooFarBehind))
        } else {
            (position.last_seq + 1, true, None)
        }
    }

    /// Moves the head to the end of the log that the sender of the join has read. A client may come
    /// from another node with events that this room does not know yet, and its reply must show the
    /// run's current status wherever it runs.
    fn learn(&mut self, join: &Join, ctx: &mut Context<Self>) {
        let (Some(head), Some(known)) = (&mut self.head, &join.known) else {
            return;
        };
        if known.epoch != head.epoch || known.last_seq < head.seq {
            return;
        }
        let is_ahead = join.position.as_ref().is_some_and(|position| {
            position.last_seq > head.seq && position.last_seq <= known.last_seq
        });
        if is_ahead {
            self.see(known, ctx);
        } else if self.run.is_none() && known.last_seq == head.seq {
            head.status = known.status;
        }
    }

    fn admit(&mut self, join: Join, ctx: &mut Context<Self>) -> Result<Joined, Unavailable> {
        let Some(head) = &self.head else {
            self.facilities.metrics.joins.count("unavailable");
            self.leave_if_idle();
            return Err(Unavailable);
        };
        let id = join.member.id;
        let again = self.members.contains_key(&id);
        let position = if again { None } else { join.position.as_ref() };
        let (next_seq, recovered, reason) = self.place(head, position, join.replay_depth);
        let behind = next_seq <= head.seq;
        let without = if again { "again" } else { "live" };
        let without = if recovered { "recovered" } else { without };
        let outcome = reason.map_or(without, NotRecovered::as_str);
        self.facilities.metrics.joins.count(outcome);
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
                    lagging: behind.then(|| self.facilities.live_counts.lagging.enter()),
                },
            );
        }
        reply.members = self.members.len();
        let room = RoomRecipients {
            leave: ctx.address().recipient(),
            catch_up: ctx.address().recipient(),
        };
        Ok(Joined {
            reply,
            next_seq,
            room,
        })
    }
}

impl Handler<Join> for Room {
    type Result = Result<Joined, Unavailable>;

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) -> Self::Result {
        self.seen += 1;
        self.learn(&join, ctx);
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
