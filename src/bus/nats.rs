//! Signals by NATS: one thread, on a connection of its own.
//!
//! A node hears of a session only while it follows it, and hears the events themselves, so that it need not ask the
//! database for them. A server that is away for a while is no error: the client connects again by itself, and whatever
//! was told meanwhile is found by looking.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, Event, ServerAddr, SubscribeError, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{AbortHandle, Abortable, SelectAll, abortable};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

use super::interface::{Bus, Heard};
use super::message::{self, LARGEST, Message};
use super::self_test::{Hearing, SelfTest};
use super::signal::Signal;
use crate::domain::ids::SessionId;
use crate::store::new_id;
use crate::telemetry::metrics::Metrics;
use crate::tls;

/// Signals that wait to be told.
const QUEUE: usize = 4096;

/// Bytes of their events together; of what comes beyond that it is only told how far.
const QUEUE_BYTES: usize = 8 << 20;

/// Messages that wait between this bus and the client's own task.
const SENDING: usize = 64;

/// Messages of one subject that wait to be heard.
const HEARING: usize = 64;

/// How often the client asks the server whether it is there; it gives the connection up when three such questions
/// are not answered.
const PING: Duration = Duration::from_secs(2);

/// How long the server may take to greet.
const GREETING: Duration = Duration::from_secs(2);

/// Longest wait between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(1);

/// How often is looked whether the bus has to test itself.
const LOOK: Duration = Duration::from_secs(1);

/// How long what was told last may take to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// What all subjects begin with.
const SUBJECTS: &str = "judge-auditor";

/// Where the servers are, and who asks.
pub(crate) struct NatsSettings {
    /// Without names and passwords.
    pub servers: Vec<String>,
    pub login: NatsLogin,
    /// Whom it trusts, where a server is reached by TLS.
    pub tls: tls::ClientConfig,
    /// What the server calls the connection.
    pub name: String,
}

/// What a server is shown.
pub(crate) enum NatsLogin {
    Nobody,
    Token(SecretString),
    Password(String, SecretString),
    /// What a file of credentials holds: a JWT and the seed of its key.
    Credentials(SecretString),
}

/// The bus; its thread ends with it.
pub(crate) struct NatsBus(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    wake: Notify,
    followed: Mutex<Followed>,
    follows: Notify,
    test: Mutex<SelfTest>,
    test_now: Notify,
    nodes: AtomicUsize,
    hearing: Hearing,
    /// Whether the connection was lost since the last test came back.
    was_lost: AtomicBool,
    /// Whether the operator knows that something is wrong.
    is_told: AtomicBool,
    /// Whose messages are this node's own.
    sender: String,
    ears: mpsc::Sender<Heard>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Queue {
    signals: VecDeque<Signal>,
    bytes: usize,
    ended: bool,
}

impl Queue {
    /// False where there is no room.
    fn put(&mut self, signal: Signal) -> bool {
        if self.signals.len() >= QUEUE {
            return false;
        }
        let bytes = signal.bytes();
        if bytes > LARGEST || self.bytes + bytes > QUEUE_BYTES {
            self.signals.push_back(signal.without_events());
        } else {
            self.bytes += bytes;
            self.signals.push_back(signal);
        }
        true
    }

    fn take(&mut self) -> Option<Signal> {
        let signal = self.signals.pop_front()?;
        self.bytes -= signal.bytes();
        Some(signal)
    }
}

/// Sessions that are of interest, and those that the server knows to be.
#[derive(Default)]
struct Followed {
    wanted: HashSet<SessionId>,
    subscribed: HashSet<SessionId>,
    /// Where the two differ.
    changed: HashSet<SessionId>,
}

impl Followed {
    fn set(&mut self, session: SessionId, is_wanted: bool) {
        if is_wanted {
            self.wanted.insert(session);
        } else {
            self.wanted.remove(&session);
        }
        if is_wanted == self.subscribed.contains(&session) {
            self.changed.remove(&session);
        } else {
            self.changed.insert(session);
        }
    }

    /// What the server is to be told, and counts as told from now on: each session with whether it is wanted.
    fn take(&mut self) -> Vec<(SessionId, bool)> {
        let changed = std::mem::take(&mut self.changed);
        let one = |session| {
            let is_wanted = self.wanted.contains(&session);
            if is_wanted {
                self.subscribed.insert(session);
            } else {
                self.subscribed.remove(&session);
            }
            (session, is_wanted)
        };
        changed.into_iter().map(one).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bus for NatsBus {
    fn tell(&self, signal: Signal) {
        if self.0.is_alone() {
            return;
        }
        let name = signal.name();
        if lock(&self.0.queue).put(signal) {
            self.0.metrics.bus_told.count(name);
            self.0.wake.notify_one();
        } else {
            self.0.metrics.bus_dropped.inc();
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
        self.0.hearing.is_deaf()
    }

    fn has_nodes(&self, nodes: usize) {
        let before = self.0.nodes.swap(nodes, Ordering::Relaxed);
        if before <= 1 && nodes > 1 {
            // From now on it has to be known whether it hears.
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
    /// Starts the thread, which connects, and again whenever the connection is lost.
    ///
    /// # Errors
    /// The credentials or an address can't be read; the system gives no thread.
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
            nodes: AtomicUsize::new(1),
            hearing: Hearing::default(),
            was_lost: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
            sender: new_id::<crate::domain::ids::Node>().to_string(),
            ears,
            metrics,
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

/// What concerns every node.
fn of_all() -> String {
    format!("{SUBJECTS}.all")
}

fn of_session(session: SessionId) -> String {
    format!("{SUBJECTS}.session.{session}")
}

impl Shared {
    fn is_alone(&self) -> bool {
        self.nodes.load(Ordering::Relaxed) <= 1
    }

    /// Only this node hears that.
    fn of_test(&self) -> String {
        format!("{SUBJECTS}.echo.{}", self.sender)
    }

    fn tests_itself(&self) {
        lock(&self.test).again();
        self.test_now.notify_one();
    }

    async fn work(&self, servers: Vec<ServerAddr>, options: ConnectOptions) {
        // Connects by itself, and goes on to try: an error is one of what was asked for.
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
                self.hearing.is_lost();
                tracing::error!(%error, "nothing is heard of other nodes any more");
            },
        }
        // Nobody waits for it.
        let _ = timeout(FAREWELL, client.flush()).await;
    }

    /// Tells until the bus ends.
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
            // A server may take less than is usual.
            let message = message::write(&signal.without_events(), &self.sender);
            outcome = client.publish(subject, message).await;
        }
        if let Err(error) = outcome {
            tracing::debug!(%error, "a signal can't be told");
            self.metrics.bus_dropped.inc();
        }
    }

    /// Sends itself a word now and then, once something is heard at all.
    async fn test_again(&self, client: &Client) {
        self.test_now.notified().await;
        loop {
            let due = lock(&self.test).due(Instant::now(), self.is_alone());
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
        // What is sent from now on comes after what was subscribed to.
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
                self.metrics.bus_heard.count(signal.name());
                // Much waits already: events in memory have a bound, and what is left out is asked for.
                let is_full = self.ears.capacity() < self.ears.max_capacity() / 8 * 7;
                self.pass_on(Heard::Told(if is_full {
                    signal.without_events()
                } else {
                    signal
                }));
            }
            Message::Unknown => self.pass_on(Heard::Missed),
        }
    }

    fn hear_test(&self, payload: &[u8]) {
        let is_back = std::str::from_utf8(payload).is_ok_and(|word| lock(&self.test).is_back(word));
        if !is_back {
            return;
        }
        self.hearing.is_proved();
        if self.was_lost.swap(false, Ordering::Relaxed) {
            // Whatever was told in between.
            self.pass_on(Heard::Missed);
        }
        if self.is_told.swap(false, Ordering::Relaxed) {
            tracing::info!("other nodes are heard by NATS");
        }
    }

    fn pass_on(&self, heard: Heard) {
        if self.ears.try_send(heard).is_err() {
            // It is found by a look.
            self.metrics.bus_dropped.inc();
        }
    }

    /// What the client says of its connection.
    fn happens(&self, event: &Event) {
        match event {
            Event::Connected => self.tests_itself(),
            Event::Disconnected | Event::Closed => {
                self.hearing.is_lost();
                self.was_lost.store(true, Ordering::Relaxed);
                self.complain("the connection to NATS is lost");
            }
            // Some messages of a subject were dropped.
            Event::SlowConsumer(_) => self.pass_on(Heard::Missed),
            Event::ServerError(error) => self.complain(&error.to_string()),
            Event::ClientError(error) => self.complain(&error.to_string()),
            _ => {}
        }
    }

    /// Once, until all is well again.
    fn complain(&self, why: &str) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                why,
                "nothing is heard of other nodes: they are looked at more often until the bus is back"
            );
        }
    }
}

/// What is heard of the sessions that are followed.
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
                // Its stream ends, and with it the subscription.
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
