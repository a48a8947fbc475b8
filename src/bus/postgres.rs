//! Signals by PostgreSQL: one thread that tells and listens, on a connection of its own.
//!
//! Every node hears every signal, so it says only how far a session has got, and is told no more often than the nodes
//! can hear: what comes together is told together.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::interface::{Bus, Heard};
use super::self_test::{ECHO, Hearing, SelfTest};
use super::signal::{self, Signal};
use crate::domain::ids::SessionId;
use crate::store::fleet::notify::{Channel, LONGEST_NOTICE};
use crate::store::{StoreError, StoreSettings};
use crate::telemetry::metrics::Metrics;

/// Sessions, and other signals, that wait to be told.
const QUEUE: usize = 4096;

/// Notices of one transaction.
const NOTICES: usize = 8;

/// How often the nodes together tell something, at most: each has this much time for itself.
const SHARE: Duration = Duration::from_millis(2);

/// How long a node waits at least between two notices.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// How often it is looked for notices while some session is followed, while none is, and while nobody else is there.
const LISTEN: [Duration; 3] = [
    Duration::from_millis(5),
    Duration::from_millis(50),
    Duration::from_secs(1),
];

/// Between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(1);

/// The bus; its thread ends with it.
pub(crate) struct PostgresBus(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    followed: Mutex<HashSet<SessionId>>,
    nodes: AtomicUsize,
    hearing: Hearing,
    ears: mpsc::Sender<Heard>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Queue {
    /// How far sessions have got; of each only the last counts.
    stored: HashMap<SessionId, i64>,
    others: VecDeque<Signal>,
    ended: bool,
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.stored.is_empty() && self.others.is_empty()
    }

    /// False where there is no room.
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

    /// What is told next, and leaves the queue.
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bus for PostgresBus {
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
        lock(&self.0.followed).insert(session);
    }

    fn unfollow(&self, session: SessionId) {
        lock(&self.0.followed).remove(&session);
    }

    fn followed(&self) -> usize {
        lock(&self.0.followed).len()
    }

    fn is_deaf(&self) -> bool {
        self.0.hearing.is_deaf()
    }

    fn has_nodes(&self, nodes: usize) {
        let before = self.0.nodes.swap(nodes, Ordering::Relaxed);
        if before <= 1 && nodes > 1 {
            // From now on it has to be known whether it hears.
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
    /// Starts the thread, which connects, and again whenever the connection is lost.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(
        settings: StoreSettings,
        ears: mpsc::Sender<Heard>,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            followed: Mutex::default(),
            nodes: AtomicUsize::new(1),
            hearing: Hearing::default(),
            ears,
            metrics,
        });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("bus".to_owned())
            .spawn(move || of_thread.work(&settings))?;
        Ok(Self(shared))
    }
}

impl Shared {
    fn is_alone(&self) -> bool {
        self.nodes.load(Ordering::Relaxed) <= 1
    }

    fn work(&self, settings: &StoreSettings) {
        let mut is_told = false;
        let mut is_first = true;
        while !lock(&self.queue).ended {
            let outcome = Channel::open(settings).and_then(|channel| {
                if !is_first {
                    // Whatever was told in between.
                    self.pass_on(Heard::Missed);
                }
                is_first = false;
                is_told = false;
                self.serve(channel)
            });
            let Err(error) = outcome else { return };
            self.hearing.is_lost();
            if !is_told {
                tracing::warn!(%error, "nothing is heard of other nodes: they are looked at more often until the bus is back");
                is_told = true;
            }
            let queue = lock(&self.queue);
            if !queue.ended {
                // What is told meanwhile waits.
                drop(
                    self.wake
                        .wait_timeout_while(queue, AGAIN, |queue| !queue.ended),
                );
            }
        }
    }

    /// Tells and listens until the bus ends, or the connection.
    fn serve(&self, mut channel: Channel) -> Result<(), StoreError> {
        let mut echo = SelfTest::new();
        let mut last_told: Option<Instant> = None;
        loop {
            let now = Instant::now();
            if let Some(word) = echo.due(now, self.is_alone()) {
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
                    self.hearing.is_proved();
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

    /// Waits until something is to be told or listened for; none at the end.
    fn wait(&self, last_told: Option<Instant>) -> Option<Vec<String>> {
        let nodes = u32::try_from(self.nodes.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
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
                self.metrics.bus_heard.count(signal.name());
                self.pass_on(Heard::Told(signal));
            }
        }
        if understood.is_err() {
            self.pass_on(Heard::Missed);
        }
    }

    fn pass_on(&self, heard: Heard) {
        if self.ears.try_send(heard).is_err() {
            // It is found by a look.
            self.metrics.bus_dropped.inc();
        }
    }
}

#[cfg(test)]
#[path = "tests/postgres.rs"]
mod tests;
