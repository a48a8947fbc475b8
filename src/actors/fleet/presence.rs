//! Shares the number of each user's connections and each session's members with the other
//! nodes, and reads theirs.
//!
//! One task writes for all: changes and queries that arrive meanwhile share a transaction. A
//! process that is alone writes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::domain::ids::NodeId;
use crate::store::fleet::presence::{self, Counted};
use crate::store::{Db, Store, StoreError};

use super::OwnNode;

/// Time for which changes are collected before they are written.
const GATHER: Duration = Duration::from_millis(100);

/// The interval of the check that the written rows still exist.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Maximum number of connections that wait for the count at other nodes.
const QUEUE: usize = 1024;

/// Maximum number of changes and queries in one transaction.
const BATCH: usize = 1024;

/// Time limit for the count at other nodes. A connection that gets no answer is accepted, as its
/// own node has counted it.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
struct Counts {
    here: HashMap<Counted, usize>,
    /// The counts that the database holds for this node.
    written: HashMap<Counted, usize>,
    /// The entries in which `here` and `written` may differ.
    changed: HashSet<Counted>,
}

impl Counts {
    fn change(&mut self, what: Counted, by: impl FnOnce(usize) -> usize) {
        let now = by(self.here.get(&what).copied().unwrap_or_default());
        if now == 0 {
            self.here.remove(&what);
        } else {
            self.here.insert(what, now);
        }
        let written = self.written.get(&what).copied().unwrap_or_default();
        if now == written {
            self.changed.remove(&what);
        } else {
            self.changed.insert(what);
        }
    }

    fn now(&self, what: Counted) -> usize {
        self.here.get(&what).copied().unwrap_or_default()
    }

    fn wrote(&mut self, shares: &[(Counted, usize)]) {
        for &(what, n) in shares {
            if n == 0 {
                self.written.remove(&what);
            } else {
                self.written.insert(what, n);
            }
            self.change(what, |now| now);
        }
    }

    /// Marks everything as unwritten, after the database has removed this node's rows.
    fn begin_anew(&mut self) {
        self.written.clear();
        self.changed = self.here.keys().copied().collect();
    }
}

#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    changes: Notify,
}

impl Shared {
    /// Ignores poisoning: a panic under the lock leaves plain numbers, which stay consistent.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, what: Counted, by: impl FnOnce(usize) -> usize) {
        self.counts().change(what, by);
        self.changes.notify_one();
    }
}

struct Ask {
    what: Counted,
    elsewhere: oneshot::Sender<usize>,
}

/// Handle for counting in this process. Clones share the counts; `None` on SQLite, where there
/// are no other nodes.
#[derive(Clone, Default)]
pub(crate) struct Presence(Option<(Arc<Shared>, mpsc::Sender<Ask>, OwnNode)>);

/// Guard of one counted connection or member; dropping it counts down.
#[derive(Debug)]
pub(crate) struct Here(Option<(Arc<Shared>, Counted)>);

impl Drop for Here {
    fn drop(&mut self) {
        if let Some((shared, what)) = self.0.take() {
            shared.change(what, |now| now.saturating_sub(1));
        }
    }
}

impl Presence {
    /// Starts the writing task on the current runtime, which ends with the last clone. On
    /// SQLite none is started.
    pub(crate) fn start(store: &Store, node: &OwnNode) -> Self {
        if !store.is_shared() {
            return Self(None);
        }
        let (sender, asks) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared::default());
        let writer = CountWriter {
            store: store.clone(),
            node: node.clone(),
            shared: Arc::clone(&shared),
            as_node: node.id(),
            checked: Instant::now(),
        };
        tokio::spawn(writer.run(asks));
        Self(Some((shared, sender, node.clone())))
    }

    /// Counts one more until the returned guard is dropped.
    pub(crate) fn enter(&self, what: Counted) -> Here {
        let Some((shared, ..)) = &self.0 else {
            return Here(None);
        };
        shared.change(what, |now| now + 1);
        Here(Some((Arc::clone(shared), what)))
    }

    /// Returns the count at other nodes, after this node's own is written: if two nodes ask at the
    /// same time, at least one sees the other's. Returns 0 if the database does not answer.
    pub(crate) async fn elsewhere(&self, what: Counted) -> usize {
        let Some((_, asks, node)) = &self.0 else {
            return 0;
        };
        if node.is_alone() {
            return 0;
        }
        let (elsewhere, answer) = oneshot::channel();
        let asked = async {
            asks.send(Ask { what, elsewhere }).await.ok()?;
            answer.await.ok()
        };
        timeout(ANSWER_WITHIN, asked)
            .await
            .ok()
            .flatten()
            .unwrap_or_default()
    }
}

/// The task that writes and reads the counts.
struct CountWriter {
    store: Store,
    node: OwnNode,
    shared: Arc<Shared>,
    /// The node id under which it has written so far.
    as_node: NodeId,
    checked: Instant,
}

impl CountWriter {
    async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let mut is_failing = false;
        loop {
            let first = tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => Some(ask),
                    None => return,
                },
                () = self.next_change() => None,
            };
            let mut batch: Vec<Ask> = first.into_iter().collect();
            while batch.len() < BATCH {
                let Ok(ask) = asks.try_recv() else { break };
                batch.push(ask);
            }
            if self.node.is_alone() {
                // Dropping the queries answers each with 0.
                continue;
            }
            match self.write(&batch).await {
                Ok(elsewhere) => {
                    is_failing = false;
                    for (ask, n) in batch.into_iter().zip(elsewhere) {
                        // Fails if the connection is already closed, which needs no answer.
                        let _ = ask.elsewhere.send(n);
                    }
                }
                Err(error) => {
                    if !is_failing {
                        tracing::warn!(%error, "who is here can't be told to the other nodes now");
                    }
                    is_failing = true;
                    drop(batch);
                    tokio::time::sleep(GATHER).await;
                }
            }
        }
    }

    /// Waits until something has changed and further changes could be collected, or until the rows
    /// are to be checked.
    async fn next_change(&self) {
        if self.node.is_alone() || self.shared.counts().changed.is_empty() {
            // Changes that happen while this node is alone are written once another node exists.
            let _ = timeout(
                CHECK_INTERVAL.min(Duration::from_secs(1)),
                self.shared.changes.notified(),
            )
            .await;
        }
        tokio::time::sleep(GATHER).await;
    }

    /// Writes what has changed and what is asked for. Returns the count at other
    /// nodes for each query.
    async fn write(&mut self, asks: &[Ask]) -> Result<Vec<usize>, StoreError> {
        let node = self.node.id();
        if node != self.as_node {
            // All counts were removed together with the row of the previous node id.
            self.shared.counts().begin_anew();
            self.as_node = node;
        }
        if self.checked.elapsed() >= CHECK_INTERVAL {
            let rows = self.store.read(move |db| presence::rows(db, node)).await?;
            self.checked = Instant::now();
            let mut counts = self.shared.counts();
            if rows != counts.written.len() {
                counts.begin_anew();
            }
        }
        let asked: Vec<Counted> = asks.iter().map(|ask| ask.what).collect();
        let changed: Vec<Counted> = {
            let counts = self.shared.counts();
            let changed = counts.changed.iter().copied();
            changed
                .take(BATCH)
                .filter(|one| !asked.contains(one))
                .collect()
        };
        if asked.is_empty() && changed.is_empty() {
            return Ok(Vec::new());
        }
        let shared = Arc::clone(&self.shared);
        let write = move |db: &mut Db| {
            if !asked.is_empty() {
                presence::hold(db, &asked)?;
            }
            let mut all: Vec<Counted> = asked.iter().copied().chain(changed).collect();
            all.sort_unstable();
            all.dedup();
            // Read inside the transaction, so that a write that had to wait stores current counts.
            let shares: Vec<(Counted, usize)> = {
                let counts = shared.counts();
                all.into_iter()
                    .map(|what| (what, counts.now(what)))
                    .collect()
            };
            presence::write(db, node, &shares)?;
            let elsewhere = presence::elsewhere(db, node, &asked)?;
            Ok((shares, elsewhere))
        };
        let (shares, elsewhere) = self.store.write(write).await?;
        self.shared.counts().wrote(&shares);
        Ok(elsewhere)
    }
}

#[cfg(test)]
#[path = "tests/presence.rs"]
mod tests;
