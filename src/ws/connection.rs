//! One WebSocket connection: the actor that translates between frames and messages.
//!
//! It decides nothing about evaluations. Commands are carried out one after another, so that
//! replies keep the order of the commands. While the peer does not read, this actor is not polled:
//! its mailbox is the bounded outbound queue, and rooms handle a full one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use actix_web_actors::ws::{self, Message, ProtocolError, WebsocketContext};
use bytestring::ByteString;
use tokio::time::Instant;

use crate::actors::live_counts::GaugeGuard;
use crate::actors::messages::{Control, Deliver, ForceClose, Replay, SessionClosed};
use crate::actors::outbox::capacity;
use crate::actors::subscription::{Subscriber, Subscription};
use crate::domain::ids::SessionId;
use crate::protocol::error::CloseReason;
use crate::protocol::reply::{self, Reply};
use crate::service::Service;
use crate::service::accounts::Identity;
use crate::service::grant::Grant;
use crate::service::limits::Limit;
use crate::service::subscriptions::Connected;
use crate::service::timings::HEARTBEAT;

use super::greeting;
use super::inbound::{Assembler, Inbound};

/// Interval between two checks of the connection's own deadlines.
const TICK: Duration = Duration::from_millis(500);

pub(crate) struct Connection {
    pub(super) service: Arc<Service>,
    pub(super) subscriber: Subscriber,
    pub(super) address: IpAddr,
    /// The access token or API key of the upgrade request, if it had one.
    token: Option<String>,
    pub(super) identity: Option<Identity>,
    pub(super) sessions: HashMap<SessionId, Subscription>,
    /// The session for which a join has been requested and not yet been answered.
    pub(super) joining: Option<SessionId>,
    assembler: Assembler,
    pub(super) commands: Limit,
    pub(super) refused: u32,
    pub(super) unreadable: u32,
    heard: Instant,
    pinged: Instant,
    ticked: Instant,
    /// When the last message was sent to the client.
    spoke: Instant,
    pub(super) expiry: Vec<SpawnHandle>,
    closing: bool,
    _counted: GaugeGuard,
}

impl Connection {
    /// Makes a connection that is not authenticated yet; `token` is the credential of the upgrade
    /// request.
    pub(crate) fn new(
        service: Arc<Service>,
        force_close: ForceClose,
        address: IpAddr,
        token: Option<String>,
    ) -> Self {
        let limits = &service.config.limits;
        Self {
            assembler: Assembler::new(
                greeting::max_message_bytes(limits),
                Limit::new(limits.frames_per_second, limits.frames_burst),
                service.metrics.rate_limited.of("frames").cloned(),
            ),
            subscriber: Subscriber::new(
                service.registry.clone(),
                limits.outbound_bytes,
                force_close,
            ),
            commands: Limit::new(limits.commands_per_second, limits.commands_burst),
            _counted: service.live_counts.connections.enter(),
            service,
            address,
            token,
            identity: None,
            sessions: HashMap::new(),
            joining: None,
            refused: 0,
            unreadable: 0,
            heard: Instant::now(),
            pinged: Instant::now(),
            ticked: Instant::now(),
            spoke: Instant::now(),
            expiry: Vec::new(),
            closing: false,
        }
    }

    pub(super) fn say(&mut self, text: ByteString, ctx: &mut WebsocketContext<Self>) {
        self.spoke = Instant::now();
        ctx.text(text);
    }

    /// Ends the connection if its token or key has expired, and returns whether it did. Every
    /// delivery calls it too, since the mailbox of a slow reader is handled before the actor's
    /// timers.
    fn outlived(&mut self, ctx: &mut WebsocketContext<Self>) -> bool {
        let over = self
            .identity
            .as_ref()
            .map(|who| who.grant)
            .filter(Grant::has_expired);
        if let Some(grant) = over {
            self.close(grant.close_reason(), ctx);
        }
        over.is_some()
    }

    pub(super) fn close(&mut self, reason: CloseReason, ctx: &mut WebsocketContext<Self>) {
        if self.closing {
            return;
        }
        self.closing = true;
        let code = reason.code().to_string();
        self.service.metrics.closes.count(&code);
        tracing::debug!(connection = %self.subscriber.id(), code = reason.code(), "closing");
        ctx.close(Some(ws::CloseReason {
            code: ws::CloseCode::from(reason.code()),
            description: Some(reason.text().to_owned()),
        }));
        // This comes last, because it drops everything that is queued for this actor.
        ctx.stop();
    }

    fn tick(&mut self, ctx: &mut WebsocketContext<Self>) {
        // A late tick means that the socket was full and has just accepted data. The pong of a slow
        // reader waits behind all the data that it has yet to read, so its silence must not count.
        if self.ticked.elapsed() > 4 * TICK {
            self.heard = Instant::now();
        }
        self.ticked = Instant::now();
        for subscription in self.sessions.values_mut() {
            subscription.catch_up();
        }
        // The registry closes connections during a drain, but does not know this one yet.
        if self.identity.is_none() && self.service.is_draining() {
            return self.close(CloseReason::Restart, ctx);
        }
        if self.heard.elapsed() > greeting::DEAD_AFTER {
            return self.close(CloseReason::TimedOut, ctx);
        }
        if self.pinged.elapsed() >= HEARTBEAT {
            self.pinged = Instant::now();
            self.refused = 0;
            ctx.ping(b"");
        }
        // A browser does not show pings to its page, which can only count what it has been told.
        if self.spoke.elapsed() >= HEARTBEAT {
            self.say(reply::encode(None, &Reply::Heartbeat {}), ctx);
        }
    }
}

impl Actor for Connection {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let outbound = self.service.config.limits.outbound_events;
        ctx.set_mailbox_capacity(capacity(outbound));
        ctx.run_interval(TICK, Self::tick);
        ctx.run_later(greeting::AUTHENTICATE_WITHIN, |connection, ctx| {
            if connection.identity.is_none() {
                connection.close(CloseReason::TimedOut, ctx);
            }
        });
        if let Some(token) = self.token.take() {
            self.authenticate(None, token, ctx);
        }
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if !self.closing {
            self.service.metrics.closes.count("none");
        }
        if let Some(session) = self.joining.take() {
            self.withdraw(session);
        }
        for (_, subscription) in self.sessions.drain() {
            subscription.leave();
        }
        self.subscriber.unregister();
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Connection {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        if self.closing {
            return;
        }
        self.heard = Instant::now();
        match self.assembler.take(frame) {
            Ok(Inbound::Text(text)) => self.command(&text, ctx),
            Ok(Inbound::Ping(payload)) => ctx.pong(&payload),
            Ok(Inbound::Nothing) => {}
            Ok(Inbound::Closed) => {
                self.closing = true;
                self.service.metrics.closes.count("client");
                ctx.close(None);
                ctx.stop();
            }
            Err(reason) => self.close(reason, ctx),
        }
    }
}

impl Handler<Deliver> for Connection {
    type Result = ();

    fn handle(&mut self, Deliver { session, frame }: Deliver, ctx: &mut Self::Context) {
        self.subscriber.took(&frame);
        if self.outlived(ctx) {
            return;
        }
        let Some(subscription) = self.sessions.get_mut(&session) else {
            return;
        };
        let fresh = subscription.deliver([frame]);
        subscription.catch_up();
        for frame in fresh {
            self.say(frame.text, ctx);
        }
    }
}

impl Handler<Replay> for Connection {
    type Result = ();

    fn handle(&mut self, replay: Replay, ctx: &mut Self::Context) {
        if self.outlived(ctx) {
            return;
        }
        let Some(subscription) = self.sessions.get_mut(&replay.session) else {
            return;
        };
        let fresh = subscription.replayed(replay.frames);
        for frame in fresh {
            self.say(frame.text, ctx);
        }
        if !replay.caught_up {
            // The next batch is requested only after this one has left the actor, which waits for
            // the socket. Otherwise a room that answers from memory would be faster than any
            // reader.
            let left = tokio::task::yield_now().into_actor(self);
            ctx.spawn(left.map(move |(), connection, _| {
                if let Some(subscription) = connection.sessions.get_mut(&replay.session) {
                    subscription.catch_up();
                }
            }));
        }
    }
}

impl Handler<SessionClosed> for Connection {
    type Result = ();

    fn handle(&mut self, closed: SessionClosed, ctx: &mut Self::Context) {
        if self.sessions.remove(&closed.session).is_some() {
            let SessionClosed {
                session: session_id,
                reason,
            } = closed;
            self.send_reply(&Reply::SessionClosed { session_id, reason }, ctx);
        }
    }
}

impl Connected for Connection {
    fn send_reply(&mut self, reply: &Reply, ctx: &mut Self::Context) {
        self.say(reply::encode(None, reply), ctx);
    }

    fn end(&mut self, reason: CloseReason, ctx: &mut Self::Context) {
        self.close(reason, ctx);
    }
}

impl Handler<Control> for Connection {
    type Result = ();

    fn handle(&mut self, order: Control, ctx: &mut Self::Context) {
        self.follow(order, ctx);
    }
}

#[cfg(test)]
#[path = "tests/connection.rs"]
mod tests;
