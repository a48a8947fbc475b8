//! The actor of one event stream: messages in, lines out.
//!
//! While the client does not read, the actor waits for capacity in the channel to the body, and its
//! mailbox is the bounded outbound queue, as it is for a socket. It therefore pulls missed events
//! from the log at the reader's speed, and holds at most one batch.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::actors::live_counts::GaugeGuard;
use crate::actors::messages::{
    Control, Deliver, ForceClose, LogEnd, Replay, ReplayDepth, SessionClosed,
};
use crate::actors::outbox::{Lag, capacity};
use crate::actors::subscription::{JoinRequest, Mailbox, Subscriber, Subscription};
use crate::domain::ids::SessionId;
use crate::protocol::command::Position;
use crate::protocol::error::{CloseReason, ErrorCode, Finer, Refusal};
use crate::protocol::reply::{self, Reply, SessionJoined};
use crate::protocol::sse::Lines;
use crate::service::accounts::{Identity, unauthenticated};
use crate::service::subscriptions::{Connected, NotRegistered, not_now};
use crate::service::timings::{HEARTBEAT, RECONNECT_MIN_MS};
use crate::service::{ANSWER_WITHIN, Service};

/// Interval between two checks of the stream's own deadlines.
const TICK: Duration = Duration::from_millis(500);

/// The parameters of a new stream.
pub(crate) struct Opening {
    pub identity: Identity,
    /// The session to stream. Opening the stream checks that it belongs to the user.
    pub session: SessionId,
    /// The position in the log after which the client wants events.
    pub position: Position,
    /// Closes the connection by force.
    pub force_close: ForceClose,
    /// Returns whether the client has closed its side, which an idle response does not notice.
    pub hung_up: Box<dyn Fn() -> bool>,
}

pub(super) struct EventStream {
    service: Arc<Service>,
    subscriber: Subscriber,
    opening: Opening,
    /// The end of the log when the stream was requested.
    known: LogEnd,
    out: mpsc::Sender<Bytes>,
    opened: Option<oneshot::Sender<Result<(), Refusal>>>,
    /// The log's incarnation, which is known once the session is joined.
    epoch: String,
    subscription: Option<Subscription>,
    spoke: Instant,
    ending: bool,
    _counted: GaugeGuard,
}

impl EventStream {
    pub(super) fn new(
        service: Arc<Service>,
        opening: Opening,
        known: LogEnd,
        out: mpsc::Sender<Bytes>,
        opened: oneshot::Sender<Result<(), Refusal>>,
    ) -> Self {
        Self {
            subscriber: Subscriber::new(
                service.registry.clone(),
                service.config.limits.outbound_bytes,
                Arc::clone(&opening.force_close),
            ),
            _counted: service.live_counts.connections.enter(),
            service,
            opening,
            known,
            out,
            opened: Some(opened),
            epoch: String::new(),
            subscription: None,
            spoke: Instant::now(),
            ending: false,
        }
    }

    /// Registers the connection, then joins the session. Nothing else is handled before: what the
    /// room pushes meanwhile waits in the mailbox.
    fn join(&self, ctx: &mut Context<Self>) {
        let Opening {
            identity,
            session,
            position,
            ..
        } = &self.opening;
        let (owner, grant) = (identity.user.id, identity.grant);
        let request = JoinRequest {
            session: *session,
            owner,
            known: Some(self.known.clone()),
            position: Some(position.clone()),
            replay_depth: ReplayDepth::Whole,
        };
        let (service, subscriber) = (Arc::clone(&self.service), self.subscriber.clone());
        let (mailbox, control) = (Mailbox::of(&ctx.address()), ctx.address().recipient());
        let joining = async move {
            let registered = service
                .register_connection(subscriber.clone(), grant, control)
                .await;
            registered.map_err(|why| match why {
                NotRegistered::TooMany => too_many(),
                NotRegistered::Ended => unauthenticated(),
                NotRegistered::Unavailable(refusal) => refusal,
            })?;
            service
                .join(subscriber, request, mailbox, Lag::default())
                .await
        };
        let joining = async move {
            let joined = tokio::time::timeout(ANSWER_WITHIN, joining).await;
            joined.unwrap_or_else(|_| Err(not_now()))
        };
        ctx.wait(
            joining
                .into_actor(self)
                .map(|joined, stream, ctx| stream.joined(joined, ctx)),
        );
    }

    fn joined(
        &mut self,
        joined: Result<(SessionJoined, Subscription), Refusal>,
        ctx: &mut Context<Self>,
    ) {
        let answer = |stream: &mut Self, answer| {
            if let Some(opened) = stream.opened.take() {
                // The caller may be gone; the receiver of `out` is dropped then too.
                let _ = opened.send(answer);
            }
        };
        let (reply, subscription) = match joined {
            Ok(joined) => joined,
            Err(refusal) => {
                answer(self, Err(refusal));
                return ctx.stop();
            }
        };
        answer(self, Ok(()));
        self.epoch.clone_from(&reply.epoch);
        self.subscription = Some(subscription);
        self.look_after(ctx);
        let mut lines = Lines::default();
        lines.retry(RECONNECT_MIN_MS);
        lines.control(&reply::encode(None, &Reply::SessionJoined(reply)));
        self.send(lines, ctx);
    }

    fn look_after(&self, ctx: &mut Context<Self>) {
        ctx.run_interval(TICK, Self::tick);
        Self::keep_time(&self.opening.identity.grant, ctx);
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
            return self.send_reply(&Reply::Heartbeat {}, ctx);
        }
        // The flag may have been set after the mailbox ran empty.
        self.catch_up();
    }

    /// Hands lines to the body, and asks for more events only when the body has taken them. Until
    /// then nothing else is handled.
    fn send(&mut self, lines: Lines, ctx: &mut Context<Self>) {
        if lines.is_empty() {
            return self.catch_up();
        }
        let out = self.out.clone();
        let last = self.ending;
        let taken = async move {
            // An error means that the client is gone.
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
            stream.catch_up();
        }));
    }

    fn catch_up(&mut self) {
        if let Some(subscription) = &mut self.subscription {
            subscription.catch_up();
        }
    }

    /// Ends the stream if its token or key has expired, and returns whether it did.
    fn outlived(&mut self, ctx: &mut Context<Self>) -> bool {
        let grant = self.opening.identity.grant;
        let over = grant.has_expired();
        if over {
            self.end(grant.close_reason(), ctx);
        }
        over
    }
}

impl Connected for EventStream {
    fn send_reply(&mut self, reply: &Reply, ctx: &mut Context<Self>) {
        let mut lines = Lines::default();
        lines.control(&reply::encode(None, reply));
        self.send(lines, ctx);
    }

    fn end(&mut self, reason: CloseReason, ctx: &mut Context<Self>) {
        let refusal = match reason {
            CloseReason::TokenExpired => {
                Refusal::new(ErrorCode::TokenExpired, "the access token has expired")
            }
            CloseReason::Revoked => unauthenticated(),
            // A drain was announced before, and the end of the stream says the rest.
            _ => return ctx.stop(),
        };
        let mut lines = Lines::default();
        lines.control(&reply::encode_refusal(None, &refusal));
        self.ending = true;
        self.send(lines, ctx);
    }
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
        match self.subscription.take() {
            Some(subscription) => subscription.leave(),
            // The room may have accepted the join all the same.
            None => self.subscriber.withdraw(self.opening.session),
        }
        self.subscriber.unregister();
    }
}

impl Handler<Deliver> for EventStream {
    type Result = ();

    fn handle(&mut self, Deliver { frame, .. }: Deliver, ctx: &mut Self::Context) {
        self.subscriber.took(&frame);
        if self.outlived(ctx) {
            return;
        }
        let Some(subscription) = &mut self.subscription else {
            return;
        };
        let mut lines = Lines::default();
        for frame in subscription.deliver([frame]) {
            lines.event(&self.epoch, frame.seq, &frame.text);
        }
        self.send(lines, ctx);
    }
}

impl Handler<Replay> for EventStream {
    type Result = ();

    fn handle(&mut self, replay: Replay, ctx: &mut Self::Context) {
        if self.outlived(ctx) {
            return;
        }
        let Some(subscription) = &mut self.subscription else {
            return;
        };
        let mut lines = Lines::default();
        for frame in subscription.replayed(replay.frames) {
            lines.event(&self.epoch, frame.seq, &frame.text);
        }
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
        self.send_reply(&Reply::SessionClosed { session_id, reason }, ctx);
    }
}

impl Handler<Control> for EventStream {
    type Result = ();

    fn handle(&mut self, order: Control, ctx: &mut Self::Context) {
        self.follow(order, ctx);
    }
}
