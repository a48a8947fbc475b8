//! Watches a session from inside the process, as a connection does from outside.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytestring::ByteString;
use tokio::sync::mpsc;

use crate::actors::messages::{Deliver, Frame, Replay, ReplayDepth, SessionClosed};
use crate::actors::outbox::Lag;
use crate::actors::subscription::{JoinRequest, Mailbox, Subscriber, Subscription};
use crate::domain::ids::{SessionId, UserId};
use crate::protocol::command::Position;
use crate::protocol::error::Refusal;

use super::Service;
use super::refusals::unanswered;

/// How often is looked whether the room has more than it could send.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Hands every event on, in order.
struct Watcher {
    subscriber: Subscriber,
    subscription: Option<Subscription>,
    events: mpsc::UnboundedSender<ByteString>,
}

impl Watcher {
    fn pass_on(
        &mut self,
        ctx: &mut Context<Self>,
        fresh: impl FnOnce(&mut Subscription) -> Vec<Frame>,
    ) {
        let Some(subscription) = &mut self.subscription else {
            return;
        };
        for frame in fresh(subscription) {
            if self.events.send(frame.text).is_err() {
                // Nobody listens any more: the audit is over, or somebody waited long enough.
                return ctx.stop();
            }
        }
        subscription.catch_up();
    }
}

impl Actor for Watcher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // The room has another thread: that there is more may be told after the mailbox ran dry.
        ctx.run_interval(LOOK_AGAIN, |watcher, ctx| {
            if !ctx.connected() {
                // The room is gone, and with it the only one that sends.
                return ctx.stop();
            }
            if let Some(subscription) = &mut watcher.subscription {
                subscription.catch_up();
            }
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if let Some(subscription) = self.subscription.take() {
            subscription.leave();
        }
    }
}

/// The watcher is in the room.
#[derive(Message)]
#[rtype(result = "()")]
struct Subscribed(Subscription);

impl Handler<Subscribed> for Watcher {
    type Result = ();

    fn handle(&mut self, Subscribed(mut subscription): Subscribed, _: &mut Self::Context) {
        subscription.catch_up();
        self.subscription = Some(subscription);
    }
}

impl Handler<Deliver> for Watcher {
    type Result = ();

    fn handle(&mut self, Deliver { frame, .. }: Deliver, ctx: &mut Self::Context) {
        self.subscriber.took(&frame);
        self.pass_on(ctx, |subscription| subscription.deliver([frame]));
    }
}

impl Handler<Replay> for Watcher {
    type Result = ();

    fn handle(&mut self, replay: Replay, ctx: &mut Self::Context) {
        self.pass_on(ctx, |subscription| subscription.replayed(replay.frames));
    }
}

impl Handler<SessionClosed> for Watcher {
    type Result = ();

    fn handle(&mut self, _: SessionClosed, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

/// The session's events from its first on. Whoever takes them shall do so at once: they wait without a bound but
/// that of the log.
///
/// # Errors
/// `overloaded`.
pub(crate) async fn watch(
    service: &Service,
    owner: UserId,
    session: SessionId,
) -> Result<mpsc::UnboundedReceiver<ByteString>, Refusal> {
    let (events, receiver) = mpsc::unbounded_channel();
    let subscriber = Subscriber::new(service.registry.clone(), 0, Arc::new(|| {}));
    let watcher = Watcher {
        subscriber: subscriber.clone(),
        subscription: None,
        events,
    }
    .start();
    let position = Some(Position {
        epoch: None,
        last_seq: 0,
    });
    let request = JoinRequest {
        session,
        owner,
        known: None,
        position,
        replay_depth: ReplayDepth::Whole,
    };
    let joined = service.join(subscriber, request, Mailbox::of(&watcher), Lag::default());
    let (_, subscription) = joined.await?;
    let subscribed = watcher.send(Subscribed(subscription));
    subscribed.await.map_err(unanswered)?;
    Ok(receiver)
}
