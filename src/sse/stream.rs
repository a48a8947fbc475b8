//! One event stream: messages in, lines out.
//!
//! While the client takes nothing, the actor waits for room in the one place between it and the body,
//! and its mailbox is the bounded outbound queue, as a socket's is. So it pulls missed events from the
//! log at the reader's speed, and holds one batch at most.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use chrono::Utc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::actors::live_counts::GaugeGuard;
use crate::actors::membership::Membership;
use crate::actors::messages::{
    Control, Deliver, Join, Joined, Register, Replay, ReplayDepth, SessionClosed, Unregister,
    Withdraw,
};
use crate::actors::outbox::{Lag, Outbox, Pressure, capacity};
use crate::domain::ids::ConnectionId;
use crate::protocol::error::{CloseReason, ErrorCode, Finer, Refusal};
use crate::protocol::reply::{self, Reply};
use crate::protocol::sse::Lines;
use crate::service::accounts::unauthenticated;
use crate::service::timings::{EXPIRY_WARNING, HEARTBEAT, RECONNECT_MIN_MS};
use crate::service::{ANSWER_WITHIN, Service};
use crate::store::new_id;

use super::open::Opening;

/// How often the stream looks after itself.
const TICK: Duration = Duration::from_millis(500);

/// One open stream.
pub(super) struct EventStream {
    id: ConnectionId,
    service: Arc<Service>,
    opening: Opening,
    out: mpsc::Sender<Bytes>,
    opened: Option<oneshot::Sender<Result<(), Refusal>>>,
    /// The log's incarnation, once joined.
    epoch: String,
    membership: Option<Membership>,
    pressure: Arc<Pressure>,
    lag: Lag,
    spoke: Instant,
    ending: bool,
    _counted: GaugeGuard,
}

impl EventStream {
    pub(super) fn new(
        service: Arc<Service>,
        opening: Opening,
        out: mpsc::Sender<Bytes>,
        opened: oneshot::Sender<Result<(), Refusal>>,
    ) -> Self {
        Self {
            id: new_id(),
            pressure: Pressure::new(service.config.limits.outbound_bytes),
            _counted: service.live_counts.connections.enter(),
            service,
            opening,
            out,
            opened: Some(opened),
            epoch: String::new(),
            membership: None,
            lag: Arc::new(AtomicBool::new(false)),
            spoke: Instant::now(),
            ending: false,
        }
    }

    /// Counts the connection, then joins. Nothing is handled before: what the room pushes meanwhile
    /// waits in the mailbox.
    fn join(&self, ctx: &mut Context<Self>) {
        let address = ctx.address();
        let Opening {
            identity,
            session,
            position,
            cut,
            ..
        } = &self.opening;
        let enter = Register {
            id: self.id,
            user: identity.user.id,
            family: identity.access.family,
            control: address.clone().recipient(),
            force_close: Arc::clone(cut),
        };
        let member = Outbox {
            id: self.id,
            deliver: address.clone().recipient(),
            replay: address.clone().recipient(),
            closed: address.recipient(),
            pressure: Arc::clone(&self.pressure),
            lag: Arc::clone(&self.lag),
            force_close: Arc::clone(cut),
        };
        let join = Join {
            session: *session,
            owner: identity.user.id,
            position: Some(position.clone()),
            replay_depth: ReplayDepth::Whole,
            member,
        };
        let (service, access) = (Arc::clone(&self.service), identity.access);
        let joining = async move {
            let entered = service.registry.send(enter).await.map_err(|_| busy())?;
            entered.map_err(|_| too_many())?;
            // The login may have ended after its check and before the registry knew of this stream.
            if !service.still_stands(access).await? {
                return Err(unauthenticated());
            }
            let joined = service.registry.send(join).await.map_err(|_| busy())?;
            joined.map_err(|_| busy())
        };
        let joining = async move {
            let joined = tokio::time::timeout(ANSWER_WITHIN, joining).await;
            joined.unwrap_or_else(|_| Err(busy()))
        };
        ctx.wait(
            joining
                .into_actor(self)
                .map(|joined, stream, ctx| stream.joined(joined, ctx)),
        );
    }

    fn joined(&mut self, joined: Result<Joined, Refusal>, ctx: &mut Context<Self>) {
        let answer = |stream: &mut Self, answer| {
            if let Some(opened) = stream.opened.take() {
                // Whoever asked may have gone; the other end of `out` is gone then too.
                let _ = opened.send(answer);
            }
        };
        let Joined {
            reply,
            next_seq,
            door,
            ..
        } = match joined {
            Ok(joined) => joined,
            Err(refusal) => {
                answer(self, Err(refusal));
                return ctx.stop();
            }
        };
        answer(self, Ok(()));
        self.epoch.clone_from(&reply.epoch);
        self.membership = Some(Membership::new(door, Arc::clone(&self.lag), next_seq));
        self.keep_time(ctx);
        let mut lines = Lines::default();
        lines.retry(RECONNECT_MIN_MS);
        lines.control(&reply::encode(None, &Reply::SessionJoined(reply)));
        self.send(lines, ctx);
    }

    fn keep_time(&self, ctx: &mut Context<Self>) {
        let expires_at = self.opening.identity.access.expires_at;
        let left = (expires_at - Utc::now()).to_std().unwrap_or_default();
        ctx.run_interval(TICK, Self::tick);
        ctx.run_later(left.saturating_sub(EXPIRY_WARNING), move |stream, ctx| {
            stream.say(&Reply::TokenExpiring { expires_at }, ctx);
        });
        ctx.run_later(left, |stream, ctx| {
            stream.end(CloseReason::TokenExpired, ctx);
        });
        let out = self.out.clone();
        ctx.spawn(
            async move { out.closed().await }
                .into_actor(self)
                .map(|(), _, ctx| ctx.stop()),
        );
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        if (self.opening.hung_up)() {
            return ctx.stop();
        }
        if self.spoke.elapsed() >= HEARTBEAT {
            return self.say(&Reply::Heartbeat {}, ctx);
        }
        // The flag may have been set after the mailbox ran dry.
        self.pull();
    }

    fn say(&mut self, reply: &Reply, ctx: &mut Context<Self>) {
        let mut lines = Lines::default();
        lines.control(&reply::encode(None, reply));
        self.send(lines, ctx);
    }

    /// Hands lines to the body, and asks for more events only when it has taken them. Until then
    /// nothing else is handled.
    fn send(&mut self, lines: Lines, ctx: &mut Context<Self>) {
        if lines.is_empty() {
            return self.pull();
        }
        let out = self.out.clone();
        let last = self.ending;
        let taken = async move {
            // An error: the client is gone.
            if out.send(lines.into_bytes()).await.is_err() || last {
                return false;
            }
            out.reserve().await.is_ok()
        };
        ctx.wait(taken.into_actor(self).map(|taken, stream, ctx| {
            if !taken {
                return ctx.stop();
            }
            stream.spoke = Instant::now();
            stream.pull();
        }));
    }

    fn pull(&mut self) {
        if let Some(membership) = &mut self.membership {
            membership.pull(self.id);
        }
    }

    /// Whether the token's time is over. A slow reader's mailbox comes before the actor's timers.
    fn outlived(&self) -> bool {
        self.opening.identity.access.expires_at <= Utc::now()
    }

    fn end(&mut self, reason: CloseReason, ctx: &mut Context<Self>) {
        let refusal = match reason {
            CloseReason::TokenExpired => {
                Refusal::new(ErrorCode::TokenExpired, "the access token has expired")
            }
            CloseReason::Revoked => unauthenticated(),
            // A drain was announced, and the end says the rest.
            _ => return ctx.stop(),
        };
        let mut lines = Lines::default();
        lines.control(&reply::encode_refusal(None, &refusal));
        self.ending = true;
        self.send(lines, ctx);
    }
}

fn busy() -> Refusal {
    Refusal::new(
        ErrorCode::Overloaded,
        "the session can't be joined right now",
    )
}

fn too_many() -> Refusal {
    Refusal::finer(Finer::TooManyStreams, "too many connections of this user")
}

impl Actor for EventStream {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(capacity(self.service.config.limits.outbound_events));
        self.join(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        let (id, session) = (self.id, self.opening.session);
        match self.membership.take() {
            Some(membership) => membership.leave(id),
            // The room may have taken it in all the same.
            None => self.service.registry.do_send(Withdraw { id, session }),
        }
        self.service.registry.do_send(Unregister { id });
    }
}

impl Handler<Deliver> for EventStream {
    type Result = ();

    fn handle(&mut self, Deliver { frame, .. }: Deliver, ctx: &mut Self::Context) {
        self.pressure.took(&frame);
        if self.outlived() {
            return self.end(CloseReason::TokenExpired, ctx);
        }
        let Some(membership) = &mut self.membership else {
            return;
        };
        let mut lines = Lines::default();
        for frame in membership.fresh([frame]) {
            lines.event(&self.epoch, frame.seq, &frame.text);
        }
        self.send(lines, ctx);
    }
}

impl Handler<Replay> for EventStream {
    type Result = ();

    fn handle(&mut self, replay: Replay, ctx: &mut Self::Context) {
        if self.outlived() {
            return self.end(CloseReason::TokenExpired, ctx);
        }
        let Some(membership) = &mut self.membership else {
            return;
        };
        let mut lines = Lines::default();
        for frame in membership.fresh(replay.frames) {
            lines.event(&self.epoch, frame.seq, &frame.text);
        }
        membership.answered();
        self.send(lines, ctx);
    }
}

impl Handler<SessionClosed> for EventStream {
    type Result = ();

    fn handle(&mut self, closed: SessionClosed, ctx: &mut Self::Context) {
        let SessionClosed {
            session: session_id,
            reason,
        } = closed;
        self.ending = true;
        self.say(&Reply::SessionClosed { session_id, reason }, ctx);
    }
}

impl Handler<Control> for EventStream {
    type Result = ();

    fn handle(&mut self, control: Control, ctx: &mut Self::Context) {
        match control {
            Control::Close(reason) => self.end(reason, ctx),
            Control::Drain {
                reconnect_after,
                deadline,
            } => {
                let millis = |wait: Duration| wait.as_millis().try_into().unwrap_or(u64::MAX);
                ctx.run_later(deadline, |stream, ctx| {
                    stream.end(CloseReason::Restart, ctx);
                });
                let drain = Reply::Drain {
                    reconnect_after_ms: millis(reconnect_after),
                    deadline_ms: millis(deadline),
                };
                self.say(&drain, ctx);
            }
        }
    }
}
