//! The event log: what a step of a run leaves behind, appended in one transaction and read back byte
//! for byte. Behind [`Journal::append`] one task (`writer`) joins what many runs hand in at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytestring::ByteString;
use diesel::prelude::*;
use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::ids::SessionId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
pub use crate::store::tables::append::{Append, StoredEvent};
use crate::store::tables::changes;
use crate::store::tables::schema::session_events;

/// Why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The session has been deleted.
    #[error("the session is gone")]
    Gone,
    /// The log does not stand at `base`: somebody else appends to it.
    #[error("the event log has moved on without its owner")]
    Conflict,
    /// The run has another owner by now: nothing is left to do here.
    #[error("the run has another owner")]
    Fenced,
    /// The same append may be handed in again later; if it had landed after all, that is noticed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// It can't be stored, now or later.
    #[error("the database refused: {0}")]
    Query(String),
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) | StoreError::InDoubt(why) => Self::Unavailable(why),
            // Not by its text, which begins like ours.
            StoreError::Query(why) => Self::Query(why),
            other => Self::Query(other.to_string()),
        }
    }
}

/// How much has been written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalStats {
    pub events: u64,
    /// Transactions that they took.
    pub commits: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    events: AtomicU64,
    commits: AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, events: usize) {
        self.events.fetch_add(events as u64, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) struct Job {
    pub(crate) append: Append,
    pub(crate) answer: oneshot::Sender<Result<(), AppendError>>,
}

/// The way into the event log; clones lead to the same writer.
#[derive(Clone)]
pub struct Journal {
    jobs: mpsc::Sender<Job>,
    counters: Arc<Counters>,
    /// Nothing is ever sent: the writer's end is dropped with it.
    writer: watch::Receiver<()>,
}

impl Journal {
    pub(crate) fn new(
        jobs: mpsc::Sender<Job>,
        counters: Arc<Counters>,
        writer: watch::Receiver<()>,
    ) -> Self {
        Self {
            jobs,
            counters,
            writer,
        }
    }

    /// Ends when the writer has: while there is a journal, only a fault of ours ends it. Then nothing can be
    /// stored any more, and the process has to end: the next one goes on where the log ends.
    pub fn broken(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut writer = self.writer.clone();
        async move { while writer.changed().await.is_ok() {} }
    }

    /// Returns once the append is committed, or was not made at all. If the future is dropped, it may
    /// have been made or not. Appends of one session keep the order in which they are handed in.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn append(&self, append: Append) -> Result<(), AppendError> {
        check(&append)?;
        let (answer, outcome) = oneshot::channel();
        let gone = || AppendError::Unavailable("the writer of the event log has ended".to_owned());
        self.jobs
            .send(Job { append, answer })
            .await
            .map_err(|_| gone())?;
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Reads how many appends wait for the writer, without keeping it alive.
    pub fn queue(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let jobs = self.jobs.downgrade();
        move || {
            jobs.upgrade()
                .map_or(0, |jobs| jobs.max_capacity() - jobs.capacity())
        }
    }

    /// Since the start of the writer.
    pub fn stats(&self) -> JournalStats {
        JournalStats {
            events: self.counters.events.load(Ordering::Relaxed),
            commits: self.counters.commits.load(Ordering::Relaxed),
        }
    }
}

/// What is wrong with an append by itself is found before it shares a transaction with others.
fn check(append: &Append) -> Result<(), AppendError> {
    if !(append.base + 1..)
        .zip(&append.events)
        .all(|(seq, event)| seq == event.seq)
    {
        return Err(AppendError::Query(
            "the events are not numbered from base + 1".to_owned(),
        ));
    }
    if append.events.iter().any(|event| event.frame.contains('\0')) {
        return Err(AppendError::Query(
            "a frame holds a NUL character".to_owned(),
        ));
    }
    if append
        .progress
        .is_some_and(|progress| !progress.is_finite())
    {
        return Err(AppendError::Query(
            "the progress is not a finite number".to_owned(),
        ));
    }
    Ok(append.changes.iter().try_for_each(changes::check)?)
}

/// Events after `after_seq` in order, at most `limit` and about `max_bytes` of them, but at least one if
/// there is any.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn read(
    db: &mut Db,
    session: SessionId,
    after_seq: i64,
    limit: i64,
    max_bytes: usize,
) -> Result<Vec<(i64, ByteString)>, StoreError> {
    read_until(db, session, after_seq, i64::MAX, limit, max_bytes)
}

/// As [`read`], but no event after `up_to_seq`.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn read_until(
    db: &mut Db,
    session: SessionId,
    after_seq: i64,
    up_to_seq: i64,
    limit: i64,
    max_bytes: usize,
) -> Result<Vec<(i64, ByteString)>, StoreError> {
    let rows = session_events::table
        .filter(session_events::session_id.eq(session.to_string()))
        .filter(session_events::seq.gt(after_seq))
        .filter(session_events::seq.le(up_to_seq))
        .order(session_events::seq.asc())
        .limit(limit.max(1))
        .select((session_events::seq, session_events::frame))
        .load_iter::<(i64, String), _>(db)?;
    let (mut events, mut bytes) = (Vec::new(), 0_usize);
    for row in rows {
        let (seq, frame) = row?;
        bytes = bytes.saturating_add(frame.len());
        if bytes > max_bytes && !events.is_empty() {
            break;
        }
        events.push((seq, ByteString::from(frame)));
    }
    Ok(events)
}
