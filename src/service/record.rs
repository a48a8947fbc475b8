//! The writer of the security record. Entries that belong to a change are written in its
//! transaction; entries on refused requests go through a bounded queue, so that no request waits
//! for them.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::{mpsc, oneshot};

use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::users::User;
use crate::store::{Store, StoreError, new_id};

use super::limits::{KeyedLimit, Limit};

/// Capacity of the queue, in entries.
const QUEUE: usize = 1024;

/// Maximum number of entries in one transaction.
const BATCH: usize = 256;

/// Maximum average rate in entries per second, so that a flood does not fill the disk.
const PER_SECOND: u32 = 5;

/// Time between two attempts while the database is not available.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Minimum interval between entries of the same kind and address, for events that a client can
/// repeat at will.
const REPEAT: Duration = Duration::from_secs(60);

/// Maximum length of the detail, in characters, in the record and in the log.
pub(crate) const MAX_DETAIL_CHARS: usize = 200;

pub(crate) fn event(kind: Kind, user: Option<&User>, address: Option<IpAddr>) -> SecurityEvent {
    SecurityEvent {
        id: new_id(),
        at: Utc::now(),
        kind,
        user_id: user.map(|user| user.id),
        username: user.map(|user| user.username.clone()),
        address: address.map(|address| address.to_string()),
        subject: None,
        detail: None,
    }
}

enum Job {
    Keep(Box<SecurityEvent>),
    /// Answered once all earlier entries are written.
    Flush(oneshot::Sender<()>),
}

/// Queues entries without blocking the caller.
pub(crate) struct Recorder {
    jobs: mpsc::Sender<Job>,
    dropped: Arc<AtomicU64>,
    rate_limit: Limit,
    repeat_limit: KeyedLimit<(Kind, IpAddr)>,
}

impl Recorder {
    /// Starts the writer on the current runtime; it ends when the recorder is dropped.
    pub(crate) fn start(store: Store) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        tokio::spawn(write(store, queue, Arc::clone(&dropped)));
        Self {
            jobs,
            dropped,
            rate_limit: Limit::new(PER_SECOND, QUEUE as u32),
            repeat_limit: KeyedLimit::new(1, REPEAT),
        }
    }

    /// Queues an entry and logs it. An entry that cannot be queued is counted, and the number
    /// becomes an entry later, so that a flood writes no more log lines than entries.
    pub(crate) fn enqueue(&self, event: SecurityEvent) {
        let place = self
            .rate_limit
            .check()
            .ok()
            .and_then(|()| self.jobs.try_reserve().ok());
        match place {
            Some(place) => {
                event.log();
                place.send(Job::Keep(Box::new(event)));
            }
            None => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Queues an entry that must not be lost in a flood; waits for capacity.
    pub(crate) async fn enqueue_surely(&self, event: SecurityEvent) {
        event.log();
        if self.jobs.send(Job::Keep(Box::new(event))).await.is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records that an address was refused, at most once a minute for each kind.
    pub(crate) fn refused(
        &self,
        kind: Kind,
        user: Option<&User>,
        address: IpAddr,
        detail: Option<&str>,
    ) {
        if self.repeat_limit.check(&(kind, address)).is_ok() {
            let detail = detail.map(|text| text.chars().take(MAX_DETAIL_CHARS).collect());
            self.enqueue(SecurityEvent {
                detail,
                ..event(kind, user, Some(address))
            });
        }
    }

    /// Waits until all earlier entries are written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.jobs.send(Job::Flush(done)).await.is_ok() {
            // An error means that the writer has ended, so there is nothing to wait for.
            let _ = written.await;
        }
    }

    /// Forgets addresses that have been idle.
    pub(crate) fn sweep(&self) {
        self.repeat_limit.sweep();
    }
}

async fn write(store: Store, mut queue: mpsc::Receiver<Job>, dropped: Arc<AtomicU64>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        let (mut events, mut waiting) = (Vec::new(), Vec::new());
        for job in jobs.drain(..) {
            match job {
                Job::Keep(event) => events.push(*event),
                Job::Flush(done) => waiting.push(done),
            }
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let entry = SecurityEvent {
                detail: Some(format!("{lost} entries")),
                ..event(Kind::EntriesDropped, None, None)
            };
            entry.log();
            events.push(entry);
        }
        if !events.is_empty() {
            write_until_stored(&store, Arc::new(events)).await;
        }
        for done in waiting {
            // The caller may have stopped waiting, which is no error.
            let _ = done.send(());
        }
    }
}

/// Writes entries, and retries while the database is not available. Meanwhile the queue fills up,
/// and entries that exceed it are counted.
async fn write_until_stored(store: &Store, events: Arc<Vec<SecurityEvent>>) {
    let mut in_doubt = false;
    loop {
        let batch = Arc::clone(&events);
        let written = store.write(move |db| batch.iter().try_for_each(|e| security::insert(db, e)));
        match written.await {
            Ok(()) => return,
            Err(StoreError::Unavailable(reason)) => {
                tracing::warn!(%reason, "the record of security events waits for the database");
                tokio::time::sleep(RETRY_DELAY).await;
            }
            Err(StoreError::InDoubt(reason)) => {
                tracing::warn!(%reason, "the record of security events may not have been kept");
                in_doubt = true;
                tokio::time::sleep(RETRY_DELAY).await;
            }
            // The entries already have their ids, so this shows that the earlier attempt was
            // committed.
            Err(StoreError::Query(_) | StoreError::Duplicate(_)) if in_doubt => return,
            Err(error) => {
                let count = events.len();
                tracing::error!(%error, count, "security events can't be recorded");
                return;
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/record.rs"]
mod tests;
