//! A room whose session another node may work on: it looks now and then, and shows what it finds as if it had
//! come from a run of its own.

use std::time::Duration;

use actix::prelude::*;

use crate::domain::event::CancelReason;
use crate::store::StoreError;
use crate::store::fleet::tail::Found;

use super::{Head, Room};
use crate::actors::messages::{Frame, SessionClosed};

/// How often a room looks that somebody watches and whose run is not here.
const LOOK: Duration = Duration::from_secs(1);

/// A room with a run of its own looks this many times less: only for a new owner, or that it is deleted.
const OWN: u32 = 5;

impl Room {
    /// Looks from now on, where there may be another node.
    pub(super) fn watch_others(&self, ctx: &mut Context<Self>) {
        if self.facilities.tail.is_none() {
            return;
        }
        let mut turns = 0_u32;
        ctx.run_interval(LOOK, move |room, ctx| {
            turns = turns.wrapping_add(1);
            let is_wanted = !room.members.is_empty() || room.run.is_some();
            let has_turn = room.run.is_none() || turns.is_multiple_of(OWN);
            if is_wanted && has_turn && !room.facilities.node.is_alone() {
                room.look(ctx);
            }
        });
    }

    /// Asks the database where the session stands. One question at a time: the answer is newer than any that
    /// was asked for meanwhile.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let (Some(tail), Some(head)) = (&self.facilities.tail, &self.head) else {
            return;
        };
        if self.looking {
            return;
        }
        self.looking = true;
        let (tail, session, after) = (tail.clone(), self.session, head.seq);
        let looking = async move { tail.look(session, after).await };
        ctx.spawn(looking.into_actor(self).map(|found, room, ctx| {
            room.looking = false;
            if room.found(found) {
                room.look(ctx);
            }
        }));
    }

    /// Takes what was found; whether more is there.
    pub(super) fn found(&mut self, found: Result<Option<Found>, StoreError>) -> bool {
        let Some(head) = &mut self.head else {
            return false;
        };
        let found = match found {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.is_gone();
                return false;
            }
            // It is looked again soon.
            Err(error) => {
                tracing::debug!(session = %self.session, %error, "no news of the session");
                return false;
            }
        };
        if found.epoch != head.epoch {
            self.is_replaced(&found);
            return false;
        }
        if self
            .run
            .as_ref()
            .is_some_and(|live| live.fence < found.fence)
        {
            tracing::info!(session = %self.session, "another node has the run: it stops here");
            self.facilities.metrics.fenced.inc();
            self.release();
        }
        let frames = found.frames.into_iter();
        self.show(frames.map(|(seq, text)| Frame { seq, text }));
        let Some(head) = &mut self.head else {
            return false;
        };
        head.purged = head.purged.max(found.purged_seq);
        // What is older than the head says nothing of how it stands now.
        if self.run.is_none() && found.last_seq == head.seq {
            head.status = found.status;
        }
        let more = found.last_seq > head.seq;
        self.leave_if_idle();
        more
    }

    /// The session was deleted by another node.
    fn is_gone(&mut self) {
        self.dismiss("deleted");
        if let Some(live) = &mut self.run {
            live.abort(CancelReason::Deleted);
        }
        self.leave_if_idle();
    }

    /// Its log is another than the one that the members have seen, as after a restore.
    fn is_replaced(&mut self, found: &Found) {
        tracing::warn!(session = %self.session, "the log was replaced: its members begin anew");
        self.release();
        self.dismiss("log_replaced");
        self.ring = super::Ring::default();
        self.head = Some(Head {
            epoch: found.epoch.clone(),
            seq: found.last_seq,
            purged: found.purged_seq,
            status: found.status,
        });
        self.leave_if_idle();
    }

    fn dismiss(&mut self, reason: &'static str) {
        for member in std::mem::take(&mut self.members).into_values() {
            member.outbox.closed.do_send(SessionClosed {
                session: self.session,
                reason,
            });
        }
    }
}
