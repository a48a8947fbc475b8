//! A room whose session another node may work on: it looks now and then, and shows what it finds as if it had
//! come from a run of its own.

use std::time::Duration;

use actix::prelude::*;
use bytestring::ByteString;
use chrono::Utc;
use tokio::time::Instant;

use crate::bus::{Events, Signal};
use crate::domain::event::CancelReason;
use crate::domain::run::Status;
use crate::protocol::event::time_of;
use crate::store::StoreError;
use crate::store::fleet::tail::Found;

use super::{Head, Room};
use crate::actors::messages::{Frame, LookAround, News, SessionClosed};

/// How soon a new room looks: what was told before its signals reach this node was told to nobody here.
const NEW: Duration = Duration::from_millis(250);

/// How often a room whose run is elsewhere looks: where others' signals are heard, and where they might not be.
const LIVE_ELSEWHERE: [Duration; 2] = [Duration::from_secs(1), Duration::from_millis(250)];

/// The same where no run is live, which may begin anywhere.
const QUIET: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(1)];

/// The same where the run is here: only for a new owner, or that it is deleted.
const OWN: Duration = Duration::from_secs(5);

/// Why a room looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is its turn.
    Turn,
    Told,
}

impl Room {
    /// Looks from now on, where there may be another node.
    pub(super) fn watch_others(&mut self, ctx: &mut Context<Self>) {
        if self.facilities.tail.is_none() {
            return;
        }
        if let Some(next) = self.look.next.take() {
            ctx.cancel_future(next);
        }
        // So often that a change of what is worth a look is noticed soon.
        let pause = match self.look.last {
            None => NEW,
            Some(_) => LIVE_ELSEWHERE[usize::from(!self.facilities.node.hears_well())],
        };
        self.look.next = Some(ctx.run_later(pause, |room, ctx| {
            let pace = room.pace();
            if room.look.last.is_none_or(|last| last.elapsed() >= pace) {
                room.take_a_look(ctx);
            }
            room.watch_others(ctx);
        }));
    }

    fn pace(&self) -> Duration {
        let at = usize::from(!self.facilities.node.hears_well());
        let is_live = self
            .head
            .as_ref()
            .is_some_and(|head| head.status == Status::InProgress);
        if self.run.is_some() {
            OWN
        } else if is_live {
            LIVE_ELSEWHERE[at]
        } else {
            QUIET[at]
        }
    }

    /// Looks without having been told of anything.
    fn take_a_look(&mut self, ctx: &mut Context<Self>) {
        let is_wanted = !self.members.is_empty() || self.run.is_some();
        if is_wanted && !self.facilities.node.is_alone() {
            self.look(Why::Turn, ctx);
        }
    }

    /// Asks the database where the session stands. One question at a time: the answer is newer than any that
    /// was asked for meanwhile.
    fn look(&mut self, why: Why, ctx: &mut Context<Self>) {
        let (Some(tail), Some(head)) = (&self.facilities.tail, &self.head) else {
            return;
        };
        if self.look.is_under_way {
            return;
        }
        self.look.is_under_way = true;
        self.look.last = Some(Instant::now());
        self.look.told = 0;
        let (tail, session, after) = (tail.clone(), self.session, head.seq);
        let looking = async move { tail.look(session, after).await };
        ctx.spawn(looking.into_actor(self).map(move |found, room, ctx| {
            room.look.is_under_way = false;
            if why == Why::Turn {
                room.count_untold(&found);
            }
            let more = room.found(found);
            // Somebody may have spoken after the question was asked.
            let told = std::mem::take(&mut room.look.told);
            if more || room.head.as_ref().is_some_and(|head| told > head.seq) {
                room.look(why, ctx);
            }
        }));
    }

    fn count_untold(&self, found: &Result<Option<Found>, StoreError>) {
        if let (Ok(Some(found)), Some(head)) = (found, &self.head) {
            let is_new = |(seq, _): &&(i64, _)| *seq > head.seq.max(self.look.told);
            let untold = found.frames.iter().filter(is_new).count();
            self.facilities.metrics.found_by_look.inc_by(untold as u64);
        }
    }

    /// Tells other nodes what was stored here.
    pub(super) fn tell(&self, frames: &[Frame]) {
        let (Some(head), Some(last)) = (&self.head, frames.last()) else {
            return;
        };
        if self.facilities.node.is_alone() {
            return;
        }
        let events = Events {
            epoch: head.epoch.clone(),
            frames: frames
                .iter()
                .map(|frame| (frame.seq, frame.text.clone()))
                .collect(),
        };
        self.facilities.bus.tell(Signal::Stored {
            session: self.session,
            last_seq: last.seq,
            events: Some(events),
        });
    }

    /// Shows what another node has told, if it is the next.
    fn show_told(&mut self, events: Events) -> bool {
        let Some(head) = &mut self.head else {
            return false;
        };
        let Some(&(first, _)) = events.frames.first() else {
            return false;
        };
        let follows = (first..)
            .zip(&events.frames)
            .all(|(seq, (is, _))| seq == *is);
        // What comes while this node works on the run comes from an owner after it, or before.
        if self.run.is_some() || events.epoch != head.epoch || first > head.seq + 1 || !follows {
            return false;
        }
        // Whether it has ended is found by the next look.
        head.status = Status::InProgress;
        self.measure(&events.frames);
        let frames = events.frames.into_iter();
        self.show(frames.map(|(seq, text)| Frame { seq, text }));
        true
    }

    /// Measures how old what another node has stored is when it is about to be shown.
    fn measure(&self, frames: &[(i64, ByteString)]) {
        let shown = self.head.as_ref().map_or(i64::MAX, |head| head.seq);
        let newest = frames.last().filter(|(seq, _)| *seq > shown);
        if self.run.is_none()
            && let Some(made) = newest.and_then(|(_, text)| time_of(text))
        {
            let age = (Utc::now() - made).to_std().unwrap_or_default();
            self.facilities
                .metrics
                .hear_seconds
                .observe(age.as_secs_f64());
        }
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
        self.measure(&found.frames);
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

impl Handler<News> for Room {
    type Result = ();

    fn handle(&mut self, News { last_seq, events }: News, ctx: &mut Self::Context) {
        let Some(head) = &self.head else { return };
        if last_seq <= head.seq {
            return;
        }
        if events.is_some_and(|events| self.show_told(events)) {
            return;
        }
        self.look.told = self.look.told.max(last_seq);
        self.look(Why::Told, ctx);
    }
}

impl Handler<LookAround> for Room {
    type Result = ();

    fn handle(&mut self, _: LookAround, ctx: &mut Self::Context) {
        if self.look.is_under_way {
            // It may have been asked before.
            self.look.told = i64::MAX;
        }
        self.take_a_look(ctx);
        self.watch_others(ctx);
    }
}
