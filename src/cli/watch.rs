//! Watches a session from inside the process, as a connection does from outside.

use std::sync::Arc;

use actix::prelude::*;
use anyhow::{Result, anyhow};
use bytestring::ByteString;
use tokio::sync::mpsc;

use crate::actors::membership::Membership;
use crate::actors::messages::{Deliver, Frame, Join, Joined, Replay, ReplayDepth, SessionClosed};
use crate::actors::outbox::{Lag, Outbox, Pressure};
use crate::domain::ids::{ConnectionId, SessionId, UserId};
use crate::protocol::command::Position;
use crate::service::Service;
use crate::store::new_id;

/// Hands every event on, in order.
struct Watcher {
    id: ConnectionId,
    pressure: Arc<Pressure>,
    membership: Option<Membership>,
    events: mpsc::UnboundedSender<ByteString>,
}

impl Watcher {
    fn pass_on(&mut self, frames: Vec<Frame>) {
        let Some(membership) = &mut self.membership else {
            return;
        };
        for frame in membership.fresh(frames) {
            // Nobody listens any more when the audit is over.
            let _ = self.events.send(frame.text);
        }
        membership.pull(self.id);
    }
}

impl Actor for Watcher {
    type Context = Context<Self>;
}

/// The watcher is in the room.
#[derive(Message)]
#[rtype(result = "()")]
struct Entered(Membership);

impl Handler<Entered> for Watcher {
    type Result = ();

    fn handle(&mut self, Entered(mut membership): Entered, _: &mut Self::Context) {
        membership.pull(self.id);
        self.membership = Some(membership);
    }
}

impl Handler<Deliver> for Watcher {
    type Result = ();

    fn handle(&mut self, Deliver { frame, .. }: Deliver, _: &mut Self::Context) {
        self.pressure.took(&frame);
        self.pass_on(vec![frame]);
    }
}

impl Handler<Replay> for Watcher {
    type Result = ();

    fn handle(&mut self, replay: Replay, _: &mut Self::Context) {
        if let Some(membership) = &mut self.membership {
            membership.answered();
        }
        self.pass_on(replay.frames);
    }
}

impl Handler<SessionClosed> for Watcher {
    type Result = ();

    fn handle(&mut self, _: SessionClosed, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

/// The session's events from its first on.
pub(super) async fn watch(
    service: &Service,
    owner: UserId,
    session: SessionId,
) -> Result<mpsc::UnboundedReceiver<ByteString>> {
    let (events, receiver) = mpsc::unbounded_channel();
    let (id, pressure, lag) = (new_id(), Pressure::new(0), Lag::default());
    let watcher = Watcher {
        id,
        pressure: Arc::clone(&pressure),
        membership: None,
        events,
    }
    .start();
    let member = Outbox {
        id,
        deliver: watcher.clone().recipient(),
        replay: watcher.clone().recipient(),
        closed: watcher.clone().recipient(),
        pressure,
        lag: Arc::clone(&lag),
        force_close: Arc::new(|| {}),
    };
    let position = Some(Position {
        epoch: None,
        last_seq: 0,
    });
    let joined = service
        .registry
        .send(Join {
            session,
            owner,
            position,
            replay_depth: ReplayDepth::Whole,
            member,
        })
        .await?;
    let Joined { door, next_seq, .. } =
        joined.map_err(|_| anyhow!("the session can't be watched"))?;
    watcher
        .send(Entered(Membership::new(door, lag, next_seq)))
        .await?;
    Ok(receiver)
}
