//! The event log: the events and changes of each step of a run, appended in one transaction, and
//! read back byte for byte. Behind [`Journal::append`], one task (`writer`) batches the appends of
//! many runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytestring::ByteString;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::ids::SessionId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
pub use crate::store::tables::append::{Append, StoredEvent};
use crate::store::tables::changes;
use crate::store::tables::schema::session_events;

/// The reason why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    #[error("the session is gone")]
    Gone,
    /// The log does not end at `base`: another process appends to it.
    #[error("the event log has moved on without its owner")]
    Conflict,
    /// Another node owns the run, so this one has to stop working on it.
    #[error("the run has another owner")]
    Fenced,
    /// The same append may be retried later; if it was committed after all, that is recognised.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The append cannot be stored, now or later.
    #[error("the database refused: {0}")]
    Query(String),
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) | StoreError::InDoubt(why) => Self::Unavailable(why),
            // The message of the error is not used, because it begins like ours.
            StoreError::Query(why) => Self::Query(why),
            other => Self::Query(other.to_string()),
        }
    }
}

/// Totals since the start of the writer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalStats {
    pub events: u64,
    /// Number of transactions in which the events were written.
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

/// A handle on the event log; clones share the writer.
#[derive(Clone)]
pub struct Journal {
    jobs: mpsc::Sender<Job>,
    counters: Arc<Counters>,
    /// Nothing is ever sent; the channel closes when the writer ends.
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

    /// Completes when the writer has ended, which only a fault of this program causes while there
    /// is a journal. Nothing can be stored any more then, and the process has to exit; the next one
    /// resumes at the end of the log.
    pub fn broken(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut writer = self.writer.clone();
        async move { while writer.changed().await.is_ok() {} }
    }

    /// Returns once the append is committed or has failed. If the future is dropped, the append may
    /// or may not have been made. Appends of one session keep their order.
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

    /// Returns a function that reads the number of queued appends without keeping the writer alive.
    pub fn queue(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let jobs = self.jobs.downgrade();
        move || {
            jobs.upgrade()
                .map_or(0, |jobs| jobs.max_capacity() - jobs.capacity())
        }
    }

    /// Returns the totals since the start of the writer.
    pub fn stats(&self) -> JournalStats {
        JournalStats {
            events: self.counters.events.load(Ordering::Relaxed),
            commits: self.counters.commits.load(Ordering::Relaxed),
        }
    }
}

/// Rejects an invalid append before it shares a transaction with others.
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

/// Reads events after `after_seq` in order: at most `limit` of them and about `max_bytes`, but at
/// least one if there is any.
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

/// Like [`read`], but returns no event after `up_to_seq`.
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
    let session = session.to_string();
    match db {
        Db::Pg(c) => {
            // Purged events of a partitioned log stay in the table for a while.
            let rows = diesel::sql_query(
                "SELECT seq, frame FROM session_events WHERE session_id = $1 AND seq > GREATEST($2, \
                 (SELECT purged_seq FROM evaluation_sessions WHERE id = $1)) AND seq <= $3 \
                 ORDER BY seq LIMIT $4",
            )
            .bind::<Text, _>(session)
            .bind::<BigInt, _>(after_seq)
            .bind::<BigInt, _>(up_to_seq)
            .bind::<BigInt, _>(limit.max(1))
            .load_iter::<EventRow, DefaultLoadingMode>(c)?;
            first_of(
                rows.map(|row| row.map(|row| (row.seq, row.frame))),
                max_bytes,
            )
        }
        Db::Sqlite(c) => {
            let rows = session_events::table
                .filter(session_events::session_id.eq(session))
                .filter(session_events::seq.gt(after_seq))
                .filter(session_events::seq.le(up_to_seq))
                .order(session_events::seq.asc())
                .limit(limit.max(1))
                .select((session_events::seq, session_events::frame))
                .load_iter::<(i64, String), _>(c)?;
            first_of(rows, max_bytes)
        }
    }
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    frame: String,
}

/// Returns the first events of about `max_bytes`, but at least one if there is any.
fn first_of(
    rows: impl Iterator<Item = QueryResult<(i64, String)>>,
    max_bytes: usize,
) -> Result<Vec<(i64, ByteString)>, StoreError> {
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
