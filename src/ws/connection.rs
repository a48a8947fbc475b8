//! One WebSocket connection: frames in, commands out; messages in, frames out.
//!
//! It decides nothing about evaluations. Commands are carried out one after another, so that replies
//! come in the order of the commands. While the peer does not read, this actor is not polled: its
//! mailbox is the bounded outbound queue, and rooms deal with a full one.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix::prelude::*;
use actix_web_actors::ws::{self, Message, ProtocolError, WebsocketContext};
use bytestring::ByteString;
use chrono::Utc;
use tokio::time::Instant;

use crate::actors::census::Presence;
use crate::actors::membership::Membership;
use crate::actors::messages::{
    Control, Cut, Deliver, Enter, Exit, Join, Joined, Replay, SessionClosed,
};
use crate::actors::outbox::{Outbox, Pressure};
use crate::domain::ids::{ConnectionId, SessionId};
use crate::protocol::command::{self, Command, Position};
use crate::protocol::error::{CloseReason, ErrorCode, Refusal};
use crate::protocol::reply::{self, Reply};
use crate::service::accounts::Identity;
use crate::service::limits::Limit;
use crate::service::{ANSWER_WITHIN, Service};
use crate::store::new_id;

use super::greeting;
use super::inbound::{Assembler, Inbound};

/// How often the connection looks after itself.
const TICK: Duration = Duration::from_millis(500);

/// Unreadable commands in a row before the peer is taken for something else.
const MAX_UNREADABLE: u32 = 20;

/// Commands over the rate, within one heartbeat, that count as abuse.
const MAX_REFUSED: u32 = 100;

/// What came of a command.
enum Done {
    Reply(ByteString),
    Close(ByteString, CloseReason),
    Greet(Identity),
    Renewed(Identity),
    Joined(SessionId, Box<Joined>, crate::actors::outbox::Lag),
    Left(SessionId),
}

/// One connection.
pub struct Connection {
    id: ConnectionId,
    service: Arc<Service>,
    cut: Cut,
    /// A token that came with the upgrade.
    token: Option<String>,
    identity: Option<Identity>,
    sessions: HashMap<SessionId, Membership>,
    assembler: Assembler,
    pressure: Arc<Pressure>,
    commands: Limit,
    refused: u32,
    unreadable: u32,
    heard: Instant,
    pinged: Instant,
    spoke: bool,
    expiry: Vec<SpawnHandle>,
    closing: bool,
    _presence: Presence,
}

impl Connection {
    /// A connection that nobody has joined yet; `token` came with the upgrade.
    pub fn new(service: Arc<Service>, cut: Cut, token: Option<String>) -> Self {
        let limits = &service.config.limits;
        let outbound_bytes = if limits.outbound_bytes == 0 {
            usize::MAX
        } else {
            limits.outbound_bytes
        };
        Self {
            id: new_id(),
            assembler: Assembler::new(greeting::max_message_bytes(limits)),
            pressure: Pressure::new(outbound_bytes),
            commands: Limit::new(limits.commands_per_second, limits.commands_burst),
            _presence: service.census.connections.enter(),
            service,
            cut,
            token,
            identity: None,
            sessions: HashMap::new(),
            refused: 0,
            unreadable: 0,
            heard: Instant::now(),
            pinged: Instant::now(),
            spoke: false,
            expiry: Vec::new(),
            closing: false,
        }
    }

    fn say(&mut self, text: ByteString, ctx: &mut WebsocketContext<Self>) {
        self.spoke = true;
        ctx.text(text);
    }

    fn close(&mut self, reason: CloseReason, ctx: &mut WebsocketContext<Self>) {
        if self.closing {
            return;
        }
        self.closing = true;
        tracing::debug!(connection = %self.id, code = reason.code(), "closing");
        ctx.close(Some(ws::CloseReason {
            code: ws::CloseCode::from(reason.code()),
            description: Some(reason.text().to_owned()),
        }));
        // Last: it drops what is queued for this actor.
        ctx.stop();
    }

    /// Reads one text message and answers it.
    fn command(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        let envelope = command::decode(text);
        let id = envelope.id;
        if let Err(refusal) = self.commands.check() {
            self.refused += 1;
            self.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
            if self.refused > MAX_REFUSED {
                self.close(CloseReason::RateAbuse, ctx);
            }
            return;
        }
        match envelope.command {
            Ok(command) => {
                self.unreadable = 0;
                self.obey(id, command, ctx);
            }
            Err(refusal) => {
                self.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
                if matches!(refusal.code, ErrorCode::BadRequest | ErrorCode::UnknownType) {
                    self.unreadable += 1;
                    if self.unreadable >= MAX_UNREADABLE {
                        self.close(CloseReason::ProtocolViolation, ctx);
                    }
                }
            }
        }
    }

    fn obey(&mut self, id: Option<String>, command: Command, ctx: &mut WebsocketContext<Self>) {
        if let Command::Authenticate { token } = command {
            return self.authenticate(id, token, ctx);
        }
        let Some(identity) = self.identity.clone() else {
            let refusal = Refusal::new(ErrorCode::Unauthenticated, "authenticate first");
            return self.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
        };
        let (service, owner) = (Arc::clone(&self.service), identity.user.id);
        match command {
            Command::Authenticate { .. } => {}
            Command::Ping { data } => {
                let pong = reply::encode_pong(id.as_deref(), data.as_deref(), Utc::now());
                self.say(pong, ctx);
            }
            Command::JoinSession {
                session_id,
                position,
            } => {
                self.join(id, &identity, session_id, position, ctx);
            }
            Command::LeaveSession { session_id } if self.sessions.contains_key(&session_id) => {
                self.carry_out(id, async move { Ok(Done::Left(session_id)) }, ctx);
            }
            Command::LeaveSession { session_id } => {
                let refused = async move {
                    service.position(owner, session_id).await?;
                    Err(Refusal::new(
                        ErrorCode::NotJoined,
                        "this connection is not in that session",
                    ))
                };
                self.carry_out(id, refused, ctx);
            }
            Command::StartEvaluation {
                session_id,
                client_request_id,
            } => {
                let reply_to = id.clone();
                let start = async move {
                    let run_id = service
                        .start_evaluation(owner, session_id, client_request_id)
                        .await?;
                    let reply = Reply::EvaluationStarted { session_id, run_id };
                    Ok(Done::Reply(reply::encode(reply_to.as_deref(), &reply)))
                };
                self.carry_out(id, start, ctx);
            }
            Command::CancelEvaluation { session_id } => {
                let reply_to = id.clone();
                let cancel = async move {
                    let run_id = service.cancel_evaluation(owner, session_id).await?;
                    let reply = Reply::EvaluationCancelling { session_id, run_id };
                    Ok(Done::Reply(reply::encode(reply_to.as_deref(), &reply)))
                };
                self.carry_out(id, cancel, ctx);
            }
        }
    }

    /// Before the first token nobody is known, and a bad one ends the connection; later one renews the
    /// connection's time, if it is the same user's.
    fn authenticate(
        &mut self,
        id: Option<String>,
        token: String,
        ctx: &mut WebsocketContext<Self>,
    ) {
        let service = Arc::clone(&self.service);
        let known = self.identity.as_ref().map(|identity| identity.user.id);
        let reply_to = id.clone();
        let check = async move {
            match (service.identify(&token).await, known) {
                (Ok(identity), None) => Ok(Done::Greet(identity)),
                (Ok(identity), Some(user)) if identity.user.id == user => {
                    Ok(Done::Renewed(identity))
                }
                (Ok(_), Some(_)) => {
                    let refusal = Refusal::new(ErrorCode::Forbidden, "the token is another user's");
                    let error = reply::encode_refusal(reply_to.as_deref(), &refusal);
                    Ok(Done::Close(error, CloseReason::Revoked))
                }
                (Err(refusal), None) if !refusal.code.retryable() => {
                    let reason = match refusal.code {
                        ErrorCode::TokenExpired => CloseReason::TokenExpired,
                        _ => CloseReason::BadToken,
                    };
                    Ok(Done::Close(
                        reply::encode_refusal(reply_to.as_deref(), &refusal),
                        reason,
                    ))
                }
                (Err(refusal), _) => Err(refusal),
            }
        };
        self.carry_out(id, check, ctx);
    }

    fn join(
        &mut self,
        id: Option<String>,
        identity: &Identity,
        session: SessionId,
        position: Option<Position>,
        ctx: &mut WebsocketContext<Self>,
    ) {
        let limit = greeting::max_sessions(&self.service.config.limits);
        if self.sessions.len() >= limit && !self.sessions.contains_key(&session) {
            let message = format!("a connection may join {limit} sessions");
            let refusal = Refusal::new(ErrorCode::LimitExceeded, message);
            return self.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
        }
        let lag = self
            .sessions
            .get(&session)
            .map_or_else(|| Arc::new(AtomicBool::new(false)), Membership::lag);
        let address = ctx.address();
        let member = Outbox {
            id: self.id,
            deliver: address.clone().recipient(),
            replay: address.clone().recipient(),
            closed: address.recipient(),
            pressure: Arc::clone(&self.pressure),
            lag: Arc::clone(&lag),
            cut: Arc::clone(&self.cut),
        };
        let (service, owner) = (Arc::clone(&self.service), identity.user.id);
        let join = async move {
            service.position(owner, session).await?;
            let join = Join {
                session,
                owner,
                position,
                member,
            };
            let busy = || {
                Refusal::new(
                    ErrorCode::Overloaded,
                    "the session can't be joined right now",
                )
            };
            let joined = service.registry.send(join).await.map_err(|_| busy())?;
            Ok(Done::Joined(
                session,
                Box::new(joined.map_err(|_| busy())?),
                lag,
            ))
        };
        self.carry_out(id, join, ctx);
    }

    /// Runs one command to its end before the next frame or message is looked at; within a bound, since
    /// the connection's timers stand still meanwhile.
    fn carry_out(
        &mut self,
        id: Option<String>,
        work: impl Future<Output = Result<Done, Refusal>> + 'static,
        ctx: &mut WebsocketContext<Self>,
    ) {
        let bounded = async move {
            tokio::time::timeout(ANSWER_WITHIN, work)
                .await
                .unwrap_or_else(|_| {
                    Err(Refusal::new(
                        ErrorCode::Overloaded,
                        "the server is too busy right now",
                    ))
                })
        };
        ctx.wait(bounded.into_actor(self).map(move |done, connection, ctx| {
            connection.done(id.as_deref(), done, ctx);
        }));
    }

    fn done(
        &mut self,
        id: Option<&str>,
        done: Result<Done, Refusal>,
        ctx: &mut WebsocketContext<Self>,
    ) {
        match done {
            Err(refusal) => self.say(reply::encode_refusal(id, &refusal), ctx),
            Ok(Done::Reply(text)) => self.say(text, ctx),
            Ok(Done::Close(text, reason)) => {
                self.say(text, ctx);
                self.close(reason, ctx);
            }
            Ok(Done::Greet(identity) | Done::Renewed(identity)) => self.enter(id, identity, ctx),
            Ok(Done::Joined(session, joined, lag)) => {
                let Joined {
                    reply,
                    next_seq,
                    door,
                    ..
                } = *joined;
                self.say(reply::encode(id, &Reply::SessionJoined(reply)), ctx);
                let membership = self
                    .sessions
                    .entry(session)
                    .or_insert_with(|| Membership::new(door, lag, next_seq));
                membership.pull(self.id);
            }
            Ok(Done::Left(session)) => {
                if let Some(membership) = self.sessions.remove(&session) {
                    membership.leave(self.id);
                }
                self.say(
                    reply::encode(
                        id,
                        &Reply::SessionLeft {
                            session_id: session,
                        },
                    ),
                    ctx,
                );
            }
        }
    }

    /// Takes the connection into the registry, then greets.
    fn enter(&mut self, id: Option<&str>, identity: Identity, ctx: &mut WebsocketContext<Self>) {
        let enter = Enter {
            id: self.id,
            user: identity.user.id,
            family: identity.access.family,
            control: ctx.address().recipient(),
            cut: Arc::clone(&self.cut),
        };
        let registry = self.service.registry.clone();
        let id = id.map(ToOwned::to_owned);
        let entering = async move { registry.send(enter).timeout(ANSWER_WITHIN).await };
        ctx.wait(
            entering
                .into_actor(self)
                .map(move |entered, connection, ctx| match entered {
                    Ok(Ok(())) => connection.welcome(id.as_deref(), identity, ctx),
                    Ok(Err(_)) => {
                        let refusal = Refusal::new(
                            ErrorCode::LimitExceeded,
                            "too many connections of this user",
                        );
                        connection.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
                        connection.close(CloseReason::TooManyConnections, ctx);
                    }
                    Err(_) => connection.close(CloseReason::GoingAway, ctx),
                }),
        );
    }

    fn welcome(&mut self, id: Option<&str>, identity: Identity, ctx: &mut WebsocketContext<Self>) {
        let now = Utc::now();
        let welcome = greeting::welcome(self.id, &identity, &self.service.config, now);
        self.say(reply::encode(id, &Reply::Welcome(Box::new(welcome))), ctx);
        for handle in self.expiry.drain(..) {
            ctx.cancel_future(handle);
        }
        let expires_at = identity.access.expires_at;
        let left = (expires_at - now).to_std().unwrap_or_default();
        let warn = left.saturating_sub(greeting::EXPIRY_WARNING);
        self.expiry
            .push(ctx.run_later(warn, move |connection, ctx| {
                let warning = reply::encode(None, &Reply::TokenExpiring { expires_at });
                connection.say(warning, ctx);
            }));
        self.expiry.push(ctx.run_later(left, |connection, ctx| {
            connection.close(CloseReason::TokenExpired, ctx);
        }));
        self.identity = Some(identity);
    }

    fn tick(&mut self, ctx: &mut WebsocketContext<Self>) {
        for membership in self.sessions.values_mut() {
            membership.pull(self.id);
        }
        if self.heard.elapsed() > greeting::DEAD_AFTER {
            return self.close(CloseReason::TimedOut, ctx);
        }
        if self.pinged.elapsed() >= greeting::HEARTBEAT {
            self.pinged = Instant::now();
            self.refused = 0;
            if !std::mem::take(&mut self.spoke) {
                ctx.text(reply::encode(None, &Reply::Heartbeat {}));
            }
            ctx.ping(b"");
        }
    }
}

impl Actor for Connection {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let outbound = self.service.config.limits.outbound_events;
        ctx.set_mailbox_capacity(if outbound == 0 {
            usize::MAX >> 1
        } else {
            outbound
        });
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
        for (_, membership) in self.sessions.drain() {
            membership.leave(self.id);
        }
        self.service.registry.do_send(Exit { id: self.id });
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
        self.pressure.took(&frame);
        let Some(membership) = self.sessions.get_mut(&session) else {
            return;
        };
        let fresh = membership.fresh([frame]);
        membership.pull(self.id);
        for text in fresh {
            self.say(text, ctx);
        }
    }
}

impl Handler<Replay> for Connection {
    type Result = ();

    fn handle(&mut self, replay: Replay, ctx: &mut Self::Context) {
        let Some(membership) = self.sessions.get_mut(&replay.session) else {
            return;
        };
        let fresh = membership.fresh(replay.frames);
        membership.answered();
        if !replay.caught_up {
            membership.pull(self.id);
        }
        for text in fresh {
            self.say(text, ctx);
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
            self.say(
                reply::encode(None, &Reply::SessionClosed { session_id, reason }),
                ctx,
            );
        }
    }
}

impl Handler<Control> for Connection {
    type Result = ();

    fn handle(&mut self, control: Control, ctx: &mut Self::Context) {
        match control {
            Control::Close(reason) => self.close(reason, ctx),
            Control::Drain {
                reconnect_after,
                deadline,
            } => {
                let millis = |wait: Duration| wait.as_millis().try_into().unwrap_or(u64::MAX);
                let drain = Reply::Drain {
                    reconnect_after_ms: millis(reconnect_after),
                    deadline_ms: millis(deadline),
                };
                self.say(reply::encode(None, &drain), ctx);
                ctx.run_later(deadline, |connection, ctx| {
                    connection.close(CloseReason::Restart, ctx);
                });
            }
        }
    }
}
