//! Handles the commands of a connection one after another, so that replies keep their order.

use std::sync::Arc;

use actix::prelude::*;
use actix_web_actors::ws::WebsocketContext;
use bytestring::ByteString;
use chrono::Utc;

use crate::actors::messages::ReplayDepth;
use crate::actors::subscription::{JoinRequest, Mailbox, Subscription};
use crate::domain::credential::Scope;
use crate::domain::ids::SessionId;
use crate::protocol::command::{self, Command, Position};
use crate::protocol::error::{CloseReason, ErrorCode, Refusal};
use crate::protocol::reply::{self, Reply, SessionJoined};
use crate::service::ANSWER_WITHIN;
use crate::service::accounts::Identity;
use crate::service::subscriptions::{Connected, NotRegistered};

use super::connection::Connection;
use super::greeting;

/// Number of consecutive unreadable commands at which the connection is closed, since the peer is
/// then no client of this protocol.
const MAX_UNREADABLE: u32 = 20;

/// Maximum number of commands over the rate limit within one heartbeat interval; more count as
/// abuse.
const MAX_REFUSED: u32 = 100;

/// The outcome of a command.
enum Done {
    Reply(ByteString),
    Close(ByteString, CloseReason),
    Greet(Identity),
    Renewed(Identity),
    Joined(SessionId, Box<(SessionJoined, Subscription)>),
    Left(SessionId),
}

/// Returns the scope that an API key needs for a command.
fn needed_scope(command: &Command) -> Scope {
    match command {
        Command::Authenticate { .. }
        | Command::Ping { .. }
        | Command::JoinSession { .. }
        | Command::LeaveSession { .. } => Scope::Read,
        Command::StartEvaluation { .. }
        | Command::CancelEvaluation { .. }
        | Command::BeginCheck(_)
        | Command::AddToCheck(_) => Scope::Audit,
    }
}

impl Connection {
    /// Parses one text message and answers it.
    pub(super) fn command(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        let envelope = command::decode(text);
        let id = envelope.id;
        if let Err(refusal) = self.commands.check() {
            self.refused += 1;
            self.service.metrics.rate_limited.count("commands");
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
        if let Err(refusal) = identity.grant.allows(needed_scope(&command)) {
            return self.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
        }
        if !matches!(command, Command::Ping { .. })
            && let Err(refusal) = self.service.count_request(&identity.grant)
        {
            return self.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
        }
        let (service, owner) = (Arc::clone(&self.service), identity.user.id);
        let grant = identity.grant;
        match command {
            Command::Authenticate { .. } => {}
            Command::Ping { data } => {
                let pong = reply::encode_pong(id.as_deref(), data, Utc::now());
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
                        .start_evaluation(&grant, session_id, client_request_id)
                        .await?;
                    let reply = Reply::EvaluationStarted { session_id, run_id };
                    Ok(Done::Reply(reply::encode(reply_to.as_deref(), &reply)))
                };
                self.carry_out(id, start, ctx);
            }
            Command::BeginCheck(settings) => {
                let reply_to = id.clone();
                let begin = async move {
                    let progress = service.begin_check(&grant, *settings).await?;
                    let reply = Reply::CheckProgress(Box::new(progress));
                    Ok(Done::Reply(reply::encode(reply_to.as_deref(), &reply)))
                };
                self.carry_out(id, begin, ctx);
            }
            Command::AddToCheck(piece) => {
                let reply_to = id.clone();
                let add = async move {
                    let progress = service.add_to_check(&grant, piece).await?;
                    let reply = Reply::CheckProgress(Box::new(progress));
                    Ok(Done::Reply(reply::encode(reply_to.as_deref(), &reply)))
                };
                self.carry_out(id, add, ctx);
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

    /// Authenticates the connection. A bad first token ends it; a later good token extends the time
    /// of the connection if it belongs to the same user.
    pub(super) fn authenticate(
        &mut self,
        id: Option<String>,
        token: String,
        ctx: &mut WebsocketContext<Self>,
    ) {
        let service = Arc::clone(&self.service);
        let address = self.address;
        let known = self.identity.as_ref().map(|identity| identity.user.id);
        let reply_to = id.clone();
        let check = async move {
            match (service.identify(&token, address).await, known) {
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
        // A client that could not be given what it had missed has read the state by REST, and joins again from
        // there: that is a first join, other than a second one of a session that it follows without a hole.
        let unrecovered = |joined: &Subscription| position.is_some() && !joined.is_complete();
        if self.sessions.get(&session).is_some_and(unrecovered)
            && let Some(joined) = self.sessions.remove(&session)
        {
            joined.leave();
        }
        let lag = self.sessions.get(&session).map(Subscription::lag);
        let (subscriber, mailbox) = (self.subscriber.clone(), Mailbox::of(&ctx.address()));
        let (service, owner) = (Arc::clone(&self.service), identity.user.id);
        let join = async move {
            let known = service.position(owner, session).await?;
            let request = JoinRequest {
                session,
                owner,
                known: Some(known),
                position,
                replay_depth: ReplayDepth::Limited,
            };
            let lag = lag.unwrap_or_default();
            let joined = service.join(subscriber, request, mailbox, lag).await?;
            Ok(Done::Joined(session, Box::new(joined)))
        };
        self.joining = Some(session);
        self.carry_out(id, join, ctx);
    }

    /// Runs one command to its end before the next frame or message is handled. The time is
    /// bounded, since the timers of the connection do not run meanwhile.
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
            connection.finish(id.as_deref(), done, ctx);
        }));
    }

    fn finish(
        &mut self,
        id: Option<&str>,
        done: Result<Done, Refusal>,
        ctx: &mut WebsocketContext<Self>,
    ) {
        match self.joining.take() {
            Some(session) if done.is_err() => self.withdraw(session),
            _ => {}
        }
        match done {
            Err(refusal) => self.say(reply::encode_refusal(id, &refusal), ctx),
            Ok(Done::Reply(text)) => self.say(text, ctx),
            Ok(Done::Close(text, reason)) => {
                self.say(text, ctx);
                self.close(reason, ctx);
            }
            Ok(Done::Greet(identity) | Done::Renewed(identity)) => self.register(id, identity, ctx),
            Ok(Done::Joined(session, joined)) => {
                let (reply, subscription) = *joined;
                self.say(reply::encode(id, &Reply::SessionJoined(reply)), ctx);
                // A session that was joined before continues at its present position.
                let subscription = self.sessions.entry(session).or_insert(subscription);
                subscription.catch_up();
            }
            Ok(Done::Left(session)) => {
                if let Some(subscription) = self.sessions.remove(&session) {
                    subscription.leave();
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

    /// Undoes a join whose answer arrived too late. If the session had been joined before, the late
    /// join changed nothing, and the session stays joined.
    pub(super) fn withdraw(&self, session: SessionId) {
        if !self.sessions.contains_key(&session) {
            self.subscriber.withdraw(session);
        }
    }

    /// Registers the connection, then sends the greeting.
    fn register(&mut self, id: Option<&str>, identity: Identity, ctx: &mut WebsocketContext<Self>) {
        let (service, grant) = (Arc::clone(&self.service), identity.grant);
        let (subscriber, control) = (self.subscriber.clone(), ctx.address().recipient());
        let id = id.map(ToOwned::to_owned);
        let registering = async move {
            service
                .register_connection(subscriber, grant, control)
                .await
        };
        let registering = tokio::time::timeout(ANSWER_WITHIN, registering);
        ctx.wait(
            registering
                .into_actor(self)
                .map(move |registered, connection, ctx| match registered {
                    Ok(Ok(())) => connection.welcome(id.as_deref(), identity, ctx),
                    Ok(Err(NotRegistered::Ended)) => connection.close(CloseReason::Revoked, ctx),
                    Ok(Err(NotRegistered::TooMany)) => {
                        let message = "too many connections of this user";
                        let refusal = Refusal::new(ErrorCode::LimitExceeded, message);
                        connection.say(reply::encode_refusal(id.as_deref(), &refusal), ctx);
                        connection.close(CloseReason::TooManyConnections, ctx);
                    }
                    Ok(Err(NotRegistered::Unavailable(_))) | Err(_) => {
                        connection.close(CloseReason::GoingAway, ctx);
                    }
                }),
        );
    }

    fn welcome(&mut self, id: Option<&str>, identity: Identity, ctx: &mut WebsocketContext<Self>) {
        let now = Utc::now();
        let welcome = greeting::welcome(
            self.subscriber.id(),
            &identity,
            &self.service.config,
            self.service.live_counts.connections.count(),
            now,
        );
        self.say(reply::encode(id, &Reply::Welcome(Box::new(welcome))), ctx);
        for handle in self.expiry.drain(..) {
            ctx.cancel_future(handle);
        }
        self.expiry = Self::keep_time(&identity.grant, ctx);
        self.identity = Some(identity);
    }
}
