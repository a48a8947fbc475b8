//! Subscribes to a session within the process, as a connection does from outside.

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

/// Interval at which the watcher requests missed events.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Forwards every event, in order.
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
                // The receiver was dropped: the audit is over, or the caller no longer waits.
                return ctx.stop();
            }
        }
        subscription.catch_up();
    }
}

impl Actor for Watcher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // The room runs on another thread, so that it may report further events after the mailbox
        // is empty.
        ctx.run_interval(LOOK_AGAIN, |watcher, ctx| {
            if !ctx.connected() {
                // The room has stopped, and nobody else sends events.
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

/// The watcher has joined the room.
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

/// Returns the session's events from the first one on. The caller has to receive them promptly: the
/// channel has no bound but that of the log.
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
