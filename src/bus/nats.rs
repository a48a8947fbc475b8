//! The message bus over NATS: one thread with a connection of its own.
//!
//! A node subscribes to a session only while it follows it, and receives the events themselves, so
//! that it need not query the database for them. An unavailable server is no error: the client
//! reconnects by itself, and signals that were missed are recovered by polling the database.

mod followed;
mod queue;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, Event, ServerAddr, SubscribeError, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{AbortHandle, Abortable, SelectAll, abortable};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

use super::endpoint::{Endpoint, lock};
use super::interface::{Bus, Heard};
use super::message::{self, Message};
use super::self_test::SelfTest;
use super::signal::Signal;
use crate::domain::ids::SessionId;
use crate::store::new_id;
use crate::telemetry::metrics::Metrics;
use crate::tls;

use followed::Followed;
use queue::Queue;

/// Maximum number of messages between this bus and the client's own task.
const SENDING: usize = 64;

/// Maximum number of received messages that wait, for each subscription.
const HEARING: usize = 64;

/// Interval of the client's pings; it closes the connection at the third that is due while two are
/// unanswered.
const PING: Duration = Duration::from_secs(2);

/// Timeout for establishing a connection.
const GREETING: Duration = Duration::from_secs(2);

/// Maximum delay between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(1);

/// Interval at which the thread checks whether a self-test is due.
const LOOK: Duration = Duration::from_secs(1);

/// Timeout for flushing the last messages at the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// Prefix of all subjects.
const SUBJECTS: &str = "judge-auditor";

/// Addresses of the servers, and the credentials for them.
pub(crate) struct NatsSettings {
    /// Addresses without user names and passwords, which `login` has.
    pub servers: Vec<String>,
    pub login: NatsLogin,
    /// The trusted certificates, for servers that are reached over TLS.
    pub tls: tls::ClientConfig,
    /// The name of the connection in the server's monitoring.
    pub name: String,
}

/// The credentials for a server.
pub(crate) enum NatsLogin {
    Nobody,
    Token(SecretString),
    Password(String, SecretString),
    /// The contents of a credentials file: a JWT and the seed of its key.
    Credentials(SecretString),
}

/// The handle of the bus; dropping it ends the thread.
pub(crate) struct NatsBus(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    wake: Notify,
    followed: Mutex<Followed>,
    follows: Notify,
    test: Mutex<SelfTest>,
    test_now: Notify,
    endpoint: Endpoint,
    /// True if the connection was lost since the last self-test succeeded.
    was_lost: AtomicBool,
    /// True while a logged failure lasts, so that it is logged once.
    is_told: AtomicBool,
    /// The random id by which this node recognizes its own messages.
    sender: String,
}

impl Bus for NatsBus {
    fn tell(&self, signal: Signal) {
        if self.0.endpoint.is_alone() {
            return;
        }
        let name = signal.name();
        let is_queued = lock(&self.0.queue).put(signal);
        self.0.endpoint.told(name, is_queued);
        if is_queued {
            self.0.wake.notify_one();
        }
    }

    fn follow(&self, session: SessionId) {
        lock(&self.0.followed).set(session, true);
        self.0.follows.notify_one();
    }

    fn unfollow(&self, session: SessionId) {
        lock(&self.0.followed).set(session, false);
        self.0.follows.notify_one();
    }

    fn followed(&self) -> usize {
        lock(&self.0.followed).wanted.len()
    }

    fn is_deaf(&self) -> bool {
        self.0.endpoint.hearing.is_deaf()
    }

    fn has_nodes(&self, nodes: usize) {
        if self.0.endpoint.has_nodes(nodes) {
            self.0.tests_itself();
        }
    }
}

impl Drop for NatsBus {
    fn drop(&mut self) {
        lock(&self.0.queue).ended = true;
        self.0.wake.notify_one();
    }
}

impl NatsBus {
    /// Starts the thread, which connects and reconnects whenever the connection is lost.
    ///
    /// # Errors
    /// The credentials or an address are invalid, or the operating system can't start a thread.
    pub(crate) fn start(
        settings: NatsSettings,
        ears: mpsc::Sender<Heard>,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Notify::new(),
            followed: Mutex::default(),
            follows: Notify::new(),
            test: Mutex::new(SelfTest::new()),
            test_now: Notify::new(),
            endpoint: Endpoint::new(ears, metrics),
            was_lost: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
            sender: new_id::<crate::domain::ids::Node>().to_string(),
        });
        let servers: Result<Vec<ServerAddr>, _> = settings
            .servers
            .iter()
            .map(|server| server.parse())
            .collect();
        let (servers, options) = (servers?, options(settings, Arc::clone(&shared))?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("bus".to_owned())
            .spawn(move || runtime.block_on(of_thread.work(servers, options)))?;
        Ok(Self(shared))
    }
}

fn options(settings: NatsSettings, shared: Arc<Shared>) -> io::Result<ConnectOptions> {
    let options = ConnectOptions::new()
        .name(settings.name)
        .retry_on_initial_connect()
        .reconnect_delay_callback(|attempts| {
            let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
            (AGAIN / 10).saturating_mul(attempts).min(AGAIN)
        })
        .connection_timeout(GREETING)
        .ping_interval(PING)
        .client_capacity(SENDING)
        .subscription_capacity(HEARING)
        .tls_client_config(settings.tls)
        .event_callback(move |event| {
            shared.happens(&event);
            async {}
        });
    Ok(match settings.login {
        NatsLogin::Nobody => options,
        NatsLogin::Token(token) => options.token(token.expose_secret().to_owned()),
        NatsLogin::Password(name, password) => {
            options.user_and_password(name, password.expose_secret().to_owned())
        }
        NatsLogin::Credentials(credentials) => options.credentials(credentials.expose_secret())?,
    })
}

/// The subject that every node subscribes to.
fn of_all() -> String {
    format!("{SUBJECTS}.all")
}

fn of_session(session: SessionId) -> String {
    format!("{SUBJECTS}.session.{session}")
}

impl Shared {
    /// The subject of the self-test, which only this node subscribes to.
    fn of_test(&self) -> String {
        format!("{SUBJECTS}.echo.{}", self.sender)
    }

    fn tests_itself(&self) {
        lock(&self.test).again();
        self.test_now.notify_one();
    }

    async fn work(&self, servers: Vec<ServerAddr>, options: ConnectOptions) {
        // The client retries by itself: an error here means that the options are invalid.
        let client = match options.connect(servers).await {
            Ok(client) => client,
            Err(error) => {
                return tracing::error!(%error, "nothing is heard of other nodes: NATS can't be used");
            }
        };
        tokio::select! {
            () = self.tell_all(&client) => {}
            () = self.test_again(&client) => {}
            outcome = self.hear_all(&client) => if let Err(error) = outcome {
                self.endpoint.hearing.is_lost();
                tracing::error!(%error, "nothing is heard of other nodes any more");
            },
        }
        // The bus ends whether or not the last messages were flushed.
        let _ = timeout(FAREWELL, client.flush()).await;
    }

    /// Publishes queued signals until the bus ends.
    async fn tell_all(&self, client: &Client) {
        loop {
            let next = {
                let mut queue = lock(&self.queue);
                let next = queue.take();
                if next.is_none() && queue.ended {
                    return;
                }
                next
            };
            match next {
                Some(signal) => self.publish(client, signal).await,
                None => self.wake.notified().await,
            }
        }
    }

    async fn publish(&self, client: &Client, signal: Signal) {
        let subject = signal.followed().map_or_else(of_all, of_session);
        let message = message::write(&signal, &self.sender);
        let mut outcome = client.publish(subject.clone(), message).await;
        if outcome.is_err() && signal.bytes() > 0 {
            // The server may be configured for smaller messages than usual.
            let message = message::write(&signal.without_events(), &self.sender);
            outcome = client.publish(subject, message).await;
        }
        if let Err(error) = outcome {
            tracing::debug!(%error, "a signal can't be told");
            self.endpoint.metrics.bus_dropped.inc();
        }
    }

    /// Publishes self-tests at intervals, once `hear_all` has subscribed.
    async fn test_again(&self, client: &Client) {
        self.test_now.notified().await;
        loop {
            let due = lock(&self.test).due(Instant::now(), self.endpoint.is_alone());
            if let Some(word) = due
                && let Err(error) = client.publish(self.of_test(), word.into()).await
            {
                tracing::debug!(%error, "the bus can't test itself");
            }
            if lock(&self.test).complains(Instant::now()) {
                self.is_told.store(true, Ordering::Relaxed);
                tracing::error!(
                    "this node does not hear itself by NATS: the servers that fleet.bus names are not there, do not \
                     let it in, or pass nothing on. Other nodes are looked at more often until they do"
                );
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = self.test_now.notified() => {}
            }
        }
    }

    async fn hear_all(&self, client: &Client) -> Result<(), SubscribeError> {
        let mut all = client.subscribe(of_all()).await?;
        let mut test = client.subscribe(self.of_test()).await?;
        let mut sessions = Sessions::default();
        // NATS handles requests of a connection in order: a test that is sent from now on finds the
        // subscriptions.
        self.test_now.notify_one();
        loop {
            tokio::select! {
                Some(message) = all.next() => self.hear(message.payload),
                Some(message) = sessions.streams.next(), if !sessions.streams.is_empty() => {
                    self.hear(message.payload);
                }
                Some(message) = test.next() => self.hear_test(&message.payload),
                () = self.follows.notified() => {
                    let changes = lock(&self.followed).take();
                    sessions.change(client, changes).await?;
                }
            }
        }
    }

    fn hear(&self, payload: Bytes) {
        match message::read(payload, &self.sender) {
            Message::Own => {}
            Message::Told(signal) => {
                self.endpoint.metrics.bus_heard.count(signal.name());
                // Events in memory are bounded: while the receiver is behind they are left out, and
                // it queries the database instead.
                let is_behind = self.endpoint.is_behind();
                self.endpoint.pass_on(Heard::Told(if is_behind {
                    signal.without_events()
                } else {
                    signal
                }));
            }
            Message::Unknown => self.endpoint.pass_on(Heard::Missed),
        }
    }

    fn hear_test(&self, payload: &[u8]) {
        let is_back = std::str::from_utf8(payload).is_ok_and(|word| lock(&self.test).is_back(word));
        if !is_back {
            return;
        }
        self.endpoint.hearing.is_proved();
        if self.was_lost.swap(false, Ordering::Relaxed) {
            // Signals may have been lost while the connection was down.
            self.endpoint.pass_on(Heard::Missed);
        }
        if self.is_told.swap(false, Ordering::Relaxed) {
            tracing::info!("other nodes are heard by NATS");
        }
    }

    /// Handles a change of the connection that the client reports.
    fn happens(&self, event: &Event) {
        match event {
            Event::Connected => self.tests_itself(),
            Event::Disconnected | Event::Closed => {
                self.endpoint.hearing.is_lost();
                self.was_lost.store(true, Ordering::Relaxed);
                self.complain("the connection to NATS is lost");
            }
            // The client has dropped messages of a subscription.
            Event::SlowConsumer(_) => self.endpoint.pass_on(Heard::Missed),
            Event::ServerError(error) => self.complain(&error.to_string()),
            Event::ClientError(error) => self.complain(&error.to_string()),
            _ => {}
        }
    }

    /// Logs a failure once, until a self-test succeeds again.
    fn complain(&self, why: &str) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                why,
                "nothing is heard of other nodes: they are looked at more often until the bus is back"
            );
        }
    }
}

/// The subscriptions to the sessions that are followed.
#[derive(Default)]
struct Sessions {
    streams: SelectAll<Abortable<Subscriber>>,
    handles: HashMap<SessionId, AbortHandle>,
}

impl Sessions {
    async fn change(
        &mut self,
        client: &Client,
        changes: Vec<(SessionId, bool)>,
    ) -> Result<(), SubscribeError> {
        for (session, is_wanted) in changes {
            if !is_wanted {
                // Ending the stream drops the subscriber, which unsubscribes.
                if let Some(handle) = self.handles.remove(&session) {
                    handle.abort();
                }
                continue;
            }
            let (stream, handle) = abortable(client.subscribe(of_session(session)).await?);
            self.streams.push(stream);
            self.handles.insert(session, handle);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests/nats.rs"]
mod tests;
