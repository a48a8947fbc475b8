//! Follows a session that another node may work on: the room polls its log, and shows what it finds
//! as if a run of its own had published it.

use std::time::Duration;

use actix::prelude::*;
use bytestring::ByteString;
use chrono::Utc;
use tokio::time::Instant;

use crate::bus::{Events, Signal};
use crate::domain::event::CancelReason;
use crate::domain::run::Status;
use crate::protocol::event::time_of;
use crate::store::fleet::tail::Found;
use crate::store::{Db, StoreError, restore};

use super::{Head, Room};
use crate::actors::messages::{Frame, LookAround, News, SessionClosed};

/// Delay of a new room's first poll, which finds events that were announced before the room's
/// signals reached this node.
const NEW: Duration = Duration::from_millis(250);

/// Polling intervals while another node works on the run: if signals of others are reliable, and if
/// they may get lost.
const LIVE_ELSEWHERE: [Duration; 2] = [Duration::from_secs(1), Duration::from_millis(250)];

/// The same without a live run; one may start on any node.
const QUIET: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(1)];

/// Polling interval while the run is on this node, to notice another owner or the deletion.
const OWN: Duration = Duration::from_secs(5);

/// The reason for a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The polling interval has passed.
    Turn,
    Told,
}

impl Room {
    /// Starts polling, if other nodes may exist.
    pub(super) fn watch_others(&mut self, ctx: &mut Context<Self>) {
        if self.facilities.tail.is_none() {
            return;
        }
        if let Some(next) = self.polling.next.take() {
            ctx.cancel_future(next);
        }
        // The timer runs at the shortest interval, so that a change of the polling
        // interval takes effect soon.
        let pause = match self.polling.last {
            None => NEW,
            Some(_) => LIVE_ELSEWHERE[usize::from(!self.facilities.node.hears_well())],
        };
        self.polling.next = Some(ctx.run_later(pause, |room, ctx| {
            let interval = room.polling_interval();
            if room
                .polling
                .last
                .is_none_or(|last| last.elapsed() >= interval)
            {
                room.poll_if_watched(ctx);
            }
            room.watch_others(ctx);
        }));
    }

    fn polling_interval(&self) -> Duration {
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

    /// Polls because the interval has passed, if anyone needs the result.
    fn poll_if_watched(&mut self, ctx: &mut Context<Self>) {
        let is_wanted = !self.members.is_empty() || self.run.is_some();
        if is_wanted && !self.facilities.node.is_alone() {
            self.poll(Why::Turn, ctx);
        }
    }

    /// Reads the session's state from the database. Only one query runs at a time; its result is
    /// newer than anything requested meanwhile.
    fn poll(&mut self, why: Why, ctx: &mut Context<Self>) {
        let (Some(tail), Some(head)) = (&self.facilities.tail, &self.head) else {
            return;
        };
        if self.polling.is_under_way || self.polling.is_replacing {
            return;
        }
        self.polling.is_under_way = true;
        self.polling.last = Some(Instant::now());
        self.polling.told = 0;
        let (tail, session, after) = (tail.clone(), self.session, head.seq);
        let epoch = head.epoch.clone();
        let looking = async move { tail.look(session, after).await };
        ctx.spawn(looking.into_actor(self).map(move |found, room, ctx| {
            room.polling.is_under_way = false;
            // What was shown when the query was sent had been stored before.
            if let Ok(Some(found)) = &found
                && found.epoch == epoch
                && found.last_seq < after
            {
                let last_seq = found.last_seq;
                return room.begin_log_anew(epoch, last_seq, after, ctx);
            }
            if why == Why::Turn {
                room.count_untold(&found);
            }
            let more = room.found(found);
            // A signal may have arrived after the query was sent.
            let told = std::mem::take(&mut room.polling.told);
            if more || room.head.as_ref().is_some_and(|head| told > head.seq) {
                room.poll(why, ctx);
            }
        }));
    }

    fn count_untold(&self, found: &Result<Option<Found>, StoreError>) {
        if let (Ok(Some(found)), Some(head)) = (found, &self.head) {
            let is_new = |(seq, _): &&(i64, _)| *seq > head.seq.max(self.polling.told);
            let untold = found.frames.iter().filter(is_new).count();
            self.facilities
                .metrics
                .found_by_polling
                .inc_by(untold as u64);
        }
    }

    /// Announces newly stored events to the other nodes.
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

    /// Shows events that another node has sent, if they follow directly. Returns false if the log
    /// has to be read instead.
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
        // While this node works on the run, such events come from an earlier or a later owner.
        if self.run.is_some() || events.epoch != head.epoch || first > head.seq + 1 || !follows {
            return false;
        }
        // The next poll finds out if the run has ended.
        head.status = Status::InProgress;
        self.measure(&events.frames);
        let frames = events.frames.into_iter();
        self.show(frames.map(|(seq, text)| Frame { seq, text }));
        true
    }

    /// Records the age of events of another node just before they are shown.
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

    /// Applies the result of a poll. Returns true if more events are in the log.
    pub(super) fn found(&mut self, found: Result<Option<Found>, StoreError>) -> bool {
        let Some(head) = &mut self.head else {
            return false;
        };
        let found = match found {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.end_deleted();
                return false;
            }
            // The next poll repeats the query.
            Err(error) => {
                tracing::debug!(session = %self.session, %error, "no news of the session");
                return false;
            }
        };
        if found.epoch != head.epoch {
            let head = Head {
                epoch: found.epoch,
                seq: found.last_seq,
                purged: found.purged_seq,
                status: found.status,
            };
            self.start_over(head, found.fence);
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
        // A result older than the published head says nothing about the current status.
        if self.run.is_none() && found.last_seq == head.seq {
            head.status = found.status;
        }
        let more = found.last_seq > head.seq;
        self.leave_if_idle();
        more
    }

    /// Ends the room after another node has deleted the session.
    fn end_deleted(&mut self) {
        self.dismiss("deleted");
        if let Some(live) = &mut self.run {
            live.abort(CancelReason::Deleted);
        }
        self.leave_if_idle();
    }

    /// Starts over after the log was replaced by another, as by restoring a backup.
    pub(super) fn start_over(&mut self, head: Head, fence: i64) {
        tracing::warn!(session = %self.session, "the log was replaced: its members begin anew");
        // Whoever replaces a log changes the owner: a run with the present fence belongs to the new
        // one already.
        if self.run.as_ref().is_some_and(|live| live.fence < fence) {
            self.release();
        }
        self.dismiss("log_replaced");
        self.ring = super::Ring::default();
        self.head = Some(head);
        self.leave_if_idle();
    }

    /// Gives the log a new epoch after the database has lost events that were shown, as by a
    /// failover to a server that had not received them. Other events would get their numbers, and
    /// whoever has seen the lost ones would miss those without noticing.
    pub(super) fn begin_log_anew(
        &mut self,
        epoch: String,
        last_seq: i64,
        shown: i64,
        ctx: &mut Context<Self>,
    ) {
        if std::mem::replace(&mut self.polling.is_replacing, true) {
            return;
        }
        let (store, session) = (self.facilities.store.clone(), self.session);
        let replace = async move {
            let change = move |db: &mut Db| restore::begin_log_anew(db, session, &epoch, shown);
            store.write(change).await
        };
        ctx.spawn(replace.into_actor(self).map(move |outcome, room, ctx| {
            room.polling.is_replacing = false;
            match outcome {
                Ok(is_done) => {
                    if is_done {
                        tracing::error!(
                            session = %room.session,
                            last_seq,
                            shown,
                            "the database has lost events that were shown, as a failover without synchronous \
                             replication does: the log begins anew. For evaluations that nobody watches run \
                             `judge-auditor after-restore`"
                        );
                    }
                    if is_done && !room.facilities.node.is_alone() {
                        // Rooms of other nodes read the log, and find the new epoch.
                        room.facilities.bus.tell(Signal::Stored {
                            session: room.session,
                            last_seq: shown + 1,
                            events: None,
                        });
                    }
                    // So does this one, which tells its members.
                    room.poll(Why::Told, ctx);
                }
                // The next poll finds the loss again.
                Err(error) => {
                    tracing::debug!(session = %room.session, %error, "the log can't begin anew yet");
                }
            }
        }));
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
        self.polling.told = self.polling.told.max(last_seq);
        self.poll(Why::Told, ctx);
    }
}

impl Handler<LookAround> for Room {
    type Result = ();

    fn handle(&mut self, _: LookAround, ctx: &mut Self::Context) {
        if self.polling.is_under_way {
            // The running query may be older than this message.
            self.polling.told = i64::MAX;
        }
        self.poll_if_watched(ctx);
        self.watch_others(ctx);
    }
}
