//! Replays missed events to members that fell behind, at their own speed. A member whose socket
//! accepts nothing never asks for a batch; its connection is closed by `crate::socket`.

use std::sync::atomic::Ordering;

use actix::prelude::*;

use crate::domain::ids::ConnectionId;
use crate::store;

use super::Room;
use crate::actors::messages::{CatchUp, Frame, Replay};

/// Maximum number of events in one replay.
const REPLAY_FRAMES: usize = 256;

/// Maximum size of one replay in bytes, unless its first event alone is larger.
const REPLAY_BYTES: usize = 32 << 10;

impl Room {
    /// Sends a member the next batch, and switches it to live events if the batch is the last.
    fn replay(&mut self, id: ConnectionId, frames: Vec<Frame>) {
        let Some(head) = &self.head else { return };
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let caught_up = frames.last().is_none_or(|last| last.seq >= head.seq);
        member.lagging = (!caught_up).then(|| self.facilities.live_counts.lagging.enter());
        self.facilities.metrics.replayed.inc_by(frames.len() as u64);
        // Before the batch is sent: live events from now on queue behind it in the mailbox.
        member.outbox.lag.store(!caught_up, Ordering::Release);
        member.outbox.replay.do_send(Replay {
            session: self.session,
            frames,
            caught_up,
        });
    }
}

impl Room {
    fn cut(&mut self, id: ConnectionId) {
        if let Some(member) = self.members.remove(&id) {
            (member.outbox.force_close)();
        }
        self.leave_if_idle();
    }
}

impl Handler<CatchUp> for Room {
    type Result = ();

    fn handle(&mut self, CatchUp { id, next_seq }: CatchUp, ctx: &mut Self::Context) {
        let Some(head) = &self.head else { return };
        if let Some(member) = self.members.get_mut(&id) {
            let live_counts = &self.facilities.live_counts;
            member
                .lagging
                .get_or_insert_with(|| live_counts.lagging.enter());
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
            // Retention has removed old events meanwhile. The client reconnects and is told so.
            Ok(frames) if frames.first().is_none_or(|(seq, _)| *seq > next_seq) => {
                let kept_from = frames.first().map(|(seq, _)| *seq);
                if let Some(head) = &mut room.head {
                    head.purged = kept_from.map_or(head.seq, |seq| seq - 1);
                }
                tracing::info!(session = %room.session, next_seq, "the log does not reach back so far: member cut");
                room.cut(id);
            }
            Ok(frames) => {
                // The journal may be ahead of what is published: newer events
                // follow as live events.
                let head = room.head.as_ref().map_or(0, |head| head.seq);
                let frames = frames
                    .into_iter()
                    .map(|(seq, text)| Frame { seq, text })
                    .take_while(|frame| frame.seq <= head)
                    .collect();
                room.replay(id, frames);
            }
            Err(error) => {
                // The client reconnects with its position and finds every event.
                tracing::warn!(session = %room.session, %error, "the log can't be read: member cut");
                room.cut(id);
            }
        }));
    }
}
