//! A room and its members that fell behind: they pull at their own speed, or are cut.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::prelude::*;
use tokio::time::Instant;

use crate::domain::ids::ConnectionId;
use crate::store;

use super::messages::{CatchUp, Frame, Replay};
use super::room::Room;

/// How often a room with lagging members looks for those that take nothing at all.
const WATCH: Duration = Duration::from_secs(1);

/// Frames that one replay holds at most.
const REPLAY_FRAMES: usize = 256;

/// Bytes that one replay holds at most, unless its first frame alone is larger.
const REPLAY_BYTES: usize = 64 << 10;

impl Room {
    /// Cuts members that have lagged for too long without asking for more. A room without laggards
    /// has no timer.
    pub(super) fn watch(&mut self, ctx: &mut Context<Self>) {
        if self.watching {
            return;
        }
        self.watching = true;
        ctx.run_later(WATCH, |room, ctx| {
            room.watching = false;
            let stall = room.settings.stall;
            room.members.retain(|id, member| {
                let stalled = member.lagging_since.is_some_and(|since| since.elapsed() >= stall);
                if stalled {
                    tracing::info!(connection = %id, session = %room.session, "a member takes nothing: cut");
                    room.facilities.meters.evictions.inc();
                    (member.outbox.cut)();
                }
                !stalled
            });
            let lagging = room.members.values().filter(|member| member.lagging_since.is_some()).count();
            room.lagging.set(lagging);
            if lagging > 0 {
                room.watch(ctx);
            }
            room.leave_if_idle();
        });
    }

    /// Hands a member the next batch, and lets it follow the live events if that was the last.
    fn replay(&mut self, id: ConnectionId, frames: Vec<Frame>) {
        let Some(head) = &self.head else { return };
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let caught_up = frames.last().is_none_or(|last| last.seq >= head.seq);
        member.lagging_since = if caught_up {
            None
        } else {
            Some(Instant::now())
        };
        self.facilities.meters.replayed.inc_by(frames.len() as u64);
        // Before the batch is sent: what is pushed from now on stands behind it in the mailbox.
        member.outbox.lag.store(!caught_up, Ordering::Release);
        member.outbox.replay.do_send(Replay {
            session: self.session,
            frames,
            caught_up,
        });
    }
}

impl Handler<CatchUp> for Room {
    type Result = ();

    fn handle(&mut self, CatchUp { id, next_seq }: CatchUp, ctx: &mut Self::Context) {
        let Some(head) = &self.head else { return };
        if let Some(member) = self.members.get_mut(&id) {
            member.lagging_since = Some(Instant::now());
        }
        if next_seq > head.seq {
            return self.replay(id, Vec::new());
        }
        if let Some(frames) = self.ring.from(next_seq, REPLAY_FRAMES, REPLAY_BYTES) {
            return self.replay(id, frames);
        }
        let (store, session) = (self.facilities.store.clone(), self.session);
        let read = async move {
            store
                .read(move |db| {
                    store::journal::read(
                        db,
                        session,
                        next_seq - 1,
                        REPLAY_FRAMES as i64,
                        REPLAY_BYTES,
                    )
                })
                .await
        };
        ctx.spawn(read.into_actor(self).map(move |frames, room, _| match frames {
            Ok(frames) => {
                // The journal may be ahead of what is published: those events come by themselves.
                let head = room.head.as_ref().map_or(0, |head| head.seq);
                let frames = frames
                    .into_iter()
                    .map(|(seq, text)| Frame { seq, text })
                    .take_while(|frame| frame.seq <= head)
                    .collect();
                room.replay(id, frames);
            }
            Err(error) => {
                // The client comes back with its position and finds everything.
                tracing::warn!(session = %room.session, %error, "the log can't be read: member cut");
                if let Some(member) = room.members.remove(&id) {
                    (member.outbox.cut)();
                }
                room.leave_if_idle();
            }
        }));
    }
}
