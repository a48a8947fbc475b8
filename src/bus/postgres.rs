//! Signals through PostgreSQL's `NOTIFY`: one thread sends and listens on a connection of its own.
//!
//! Every node receives every signal, so a signal only holds the last sequence number of a session,
//! and the nodes limit the rate together: signals that arrive meanwhile are combined.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::endpoint::{Endpoint, lock};
use super::interface::{Bus, Heard};
use super::self_test::{ECHO, SelfTest};
use super::signal::{self, Signal};
use crate::domain::ids::SessionId;
use crate::store::fleet::notify::{Channel, LONGEST_NOTICE};
use crate::store::{StoreError, StoreSettings};
use crate::telemetry::metrics::Metrics;

/// Maximum number of sessions, and of other signals, waiting to be sent.
const QUEUE: usize = 4096;

/// Maximum number of notices in one transaction.
const NOTICES: usize = 8;

/// The minimum time between two notices of any node, multiplied by the number of nodes
/// for each of them.
const SHARE: Duration = Duration::from_millis(2);

/// The minimum time between two notices of one node.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// The polling intervals for notices: while some session is followed, while none is, and while
/// this node is alone.
const LISTEN: [Duration; 3] = [
    Duration::from_millis(5),
    Duration::from_millis(50),
    Duration::from_secs(1),
];

/// The delay between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(1);

/// The bus; dropping it ends its thread.
pub(crate) struct PostgresBus(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    followed: Mutex<HashSet<SessionId>>,
    endpoint: Endpoint,
    /// The failure that was logged last, until a self-test succeeds again: a connection that can be
    /// opened and fails at once would otherwise be logged every second.
    complained: Mutex<Option<String>>,
}

#[derive(Default)]
struct Queue {
    /// The last sequence number of each session; earlier ones are replaced.
    stored: HashMap<SessionId, i64>,
    others: VecDeque<Signal>,
    ended: bool,
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.stored.is_empty() && self.others.is_empty()
    }

    /// Returns false if the queue is full.
    fn put(&mut self, signal: Signal) -> bool {
        match signal {
            Signal::Stored {
                session, last_seq, ..
            } => {
                if self.stored.len() >= QUEUE && !self.stored.contains_key(&session) {
                    return false;
                }
                let last = self.stored.entry(session).or_insert(last_seq);
                *last = last_seq.max(*last);
                true
            }
            other if self.others.len() < QUEUE => {
                self.others.push_back(other);
                true
            }
            _ => false,
        }
    }

    /// Takes the texts to be sent next out of the queue.
    fn take(&mut self) -> Vec<String> {
        let others = self.others.drain(..);
        let stored = self
            .stored
            .drain()
            .map(|(session, last_seq)| Signal::Stored {
                session,
                last_seq,
                events: None,
            });
        signal::texts(others.chain(stored), LONGEST_NOTICE)
    }
}

impl Bus for PostgresBus {
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
        lock(&self.0.followed).insert(session);
    }

    fn unfollow(&self, session: SessionId) {
        lock(&self.0.followed).remove(&session);
    }

    fn followed(&self) -> usize {
        lock(&self.0.followed).len()
    }

    fn is_deaf(&self) -> bool {
        self.0.endpoint.hearing.is_deaf()
    }

    fn has_nodes(&self, nodes: usize) {
        if self.0.endpoint.has_nodes(nodes) {
            // Wakes the thread, because the self-test is needed from now on.
            self.0.wake.notify_one();
        }
    }
}

impl Drop for PostgresBus {
    fn drop(&mut self) {
        lock(&self.0.queue).ended = true;
        self.0.wake.notify_one();
    }
}

impl PostgresBus {
    /// Starts the thread, which reconnects whenever the connection is lost.
    ///
    /// # Errors
    /// The operating system cannot create a thread.
    pub(crate) fn start(
        settings: StoreSettings,
        ears: mpsc::Sender<Heard>,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            followed: Mutex::default(),
            endpoint: Endpoint::new(ears, metrics),
            complained: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("bus".to_owned())
            .spawn(move || of_thread.work(&settings))?;
        Ok(Self(shared))
    }
}

impl Shared {
    fn work(&self, settings: &StoreSettings) {
        let mut is_first = true;
        while !lock(&self.queue).ended {
            let outcome = Channel::open(settings).and_then(|channel| {
                if !is_first {
                    // Signals sent while the connection was lost are missing.
                    self.endpoint.pass_on(Heard::Missed);
                }
                is_first = false;
                self.serve(channel)
            });
            let Err(error) = outcome else { return };
            self.endpoint.hearing.is_lost();
            self.complain(&error);
            let queue = lock(&self.queue);
            if !queue.ended {
                // Signals stay in the queue meanwhile.
                drop(
                    self.wake
                        .wait_timeout_while(queue, AGAIN, |queue| !queue.ended),
                );
            }
        }
    }

    /// Logs a failure, unless it is the one that was logged last.
    fn complain(&self, error: &StoreError) {
        let text = error.to_string();
        let mut complained = lock(&self.complained);
        if complained.as_ref() != Some(&text) {
            tracing::warn!(%error, "nothing is heard of other nodes: they are looked at more often until the bus is back");
            *complained = Some(text);
        }
    }

    /// Records that a self-test came back, which also ends a failure that was logged.
    fn hears_itself(&self) {
        self.endpoint.hearing.is_proved();
        if lock(&self.complained).take().is_some() {
            tracing::info!("other nodes are heard again");
        }
    }

    /// Sends and listens until the bus or the connection ends.
    fn serve(&self, mut channel: Channel) -> Result<(), StoreError> {
        let mut echo = SelfTest::new();
        let mut last_told: Option<Instant> = None;
        loop {
            let now = Instant::now();
            if let Some(word) = echo.due(now, self.endpoint.is_alone()) {
                channel.tell(&[word])?;
            }
            let Some(mut notices) = self.wait(last_told) else {
                return Ok(());
            };
            while !notices.is_empty() {
                let rest = notices.split_off(notices.len().min(NOTICES));
                channel.tell(&notices)?;
                last_told = Some(Instant::now());
                notices = rest;
            }
            for notice in channel.heard()? {
                if echo.is_back(&notice.text) {
                    self.hears_itself();
                } else if !notice.is_own && !notice.text.starts_with(ECHO) {
                    self.hear(&notice.text);
                }
            }
            if echo.complains(Instant::now()) {
                tracing::error!(
                    "this node does not hear its own notices: a pooler such as PgBouncer in transaction mode takes \
                     LISTEN and passes nothing on. Set database.direct_url to the server itself, or fleet.bus = \
                     \"none\""
                );
            }
        }
    }

    /// Waits until signals are to be sent or received; `None` if the bus has ended.
    fn wait(&self, last_told: Option<Instant>) -> Option<Vec<String>> {
        let nodes = u32::try_from(self.endpoint.nodes()).unwrap_or(u32::MAX);
        let pause = SHARE.saturating_mul(nodes).max(LEAST_PAUSE);
        let [often, seldom, alone] = LISTEN;
        let listen = if nodes <= 1 {
            alone
        } else if lock(&self.followed).is_empty() {
            seldom
        } else {
            often
        };
        let left = || last_told.map_or(Duration::ZERO, |at| pause.saturating_sub(at.elapsed()));
        let mut queue = lock(&self.queue);
        let wait = if queue.is_empty() {
            listen
        } else {
            listen.min(left())
        };
        if !queue.ended && !wait.is_zero() {
            let waited = self.wake.wait_timeout(queue, wait);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if queue.ended && queue.is_empty() {
            return None;
        }
        let has_turn = left().is_zero() || queue.ended;
        Some(if has_turn { queue.take() } else { Vec::new() })
    }

    fn hear(&self, text: &str) {
        let (signals, understood) = signal::read(text);
        for signal in signals {
            let is_wanted = signal
                .followed()
                .is_none_or(|session| lock(&self.followed).contains(&session));
            if is_wanted {
                self.endpoint.metrics.bus_heard.count(signal.name());
                self.endpoint.pass_on(Heard::Told(signal));
            }
        }
        if understood.is_err() {
            self.endpoint.pass_on(Heard::Missed);
        }
    }
}

#[cfg(test)]
#[path = "tests/postgres.rs"]
mod tests;
