//! The handle on the database: the connection pool and its permits, transactions, and the behaviour
//! while the database is not available or hangs.

pub(crate) mod connection;
pub(crate) mod error;
pub(crate) mod hang;
mod language;
pub(crate) mod migrate;
mod outage;
pub(crate) mod retry;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::computing::Stop;
use crate::telemetry::metrics::Metrics;
use connection::{Access, Db, Pool, Target};
use error::StoreError;
use hang::{Claim, InDoubt};
use outage::Outage;

/// Maximum time for opening a connection; a caller that finds the database unreachable gets its
/// error after it.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// Maximum time that a caller waits for a permit when the database is busy.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// Maximum number of concurrent searches, if there are enough connections.
const SEARCHES: usize = 2;

/// Maximum time without an answer of the server. The server itself aborts a statement after 30 s
/// and says so (`statement_timeout`), so one that is silent for longer hangs.
const ANSWER_WAIT: Duration = Duration::from_secs(35);

/// The location of the database and the size of its pool.
#[derive(Debug, Clone, Default)]
pub struct StoreSettings {
    pub url: String,
    /// A URL of the same database that bypasses a pooler; if empty, `url` does.
    pub direct_url: String,
    /// Maximum number of connections; at least 1.
    pub pool_size: u32,
    /// The `application_name` that PostgreSQL shows for the connections; if empty, the program's
    /// name.
    pub application_name: String,
}

impl StoreSettings {
    /// Returns the path of the database file, or `None` for PostgreSQL.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match Target::parse(&self.url) {
            Ok(Target::Sqlite(path)) => Some(path),
            Ok(Target::Postgres { .. }) | Err(_) => None,
        }
    }

    /// Returns the target of single connections that bypass a pooler, for features that need a
    /// session of their own.
    pub(crate) fn direct(&self) -> Result<Target, StoreError> {
        let url = if self.direct_url.is_empty() {
            &self.url
        } else {
            &self.direct_url
        };
        self.target(url)
    }

    fn target(&self, url: &str) -> Result<Target, StoreError> {
        let target = Target::parse(url)?;
        Ok(if self.application_name.is_empty() {
            target
        } else {
            target.named(&self.application_name)
        })
    }
}

/// A handle on the database; clones share its pool.
#[derive(Clone)]
pub struct Store {
    pub(in crate::store) inner: Arc<Inner>,
    metrics: Option<Arc<Metrics>>,
}

pub(in crate::store) struct Inner {
    pool: Pool,
    /// As many permits as pooled connections, so that callers wait here and not on a thread.
    pub(in crate::store) slots: Arc<Semaphore>,
    /// Limits the connections that searches may use, so that the others stay free for everybody
    /// else.
    pub(in crate::store) search_slots: Arc<Semaphore>,
    /// The permit for the event log's own connection, which must not wait behind searches.
    journal_slot: Arc<Semaphore>,
    /// The permit for the connection of heartbeats, by which other nodes distinguish a busy node
    /// from a dead one.
    life_slot: Arc<Semaphore>,
    /// The permit of SQLite's single writer, which has a connection of its own, so that waiting
    /// writers do not block readers. Waiting here is fair; SQLite's own busy handler is not, and
    /// ends in an error.
    writer: Option<Arc<Semaphore>>,
    outage: Outage,
    /// Maximum time that a caller waits for an answer.
    pub(in crate::store) answer_wait: Duration,
    in_doubt: InDoubt,
    backend: &'static str,
    is_shared: bool,
}

impl Store {
    /// Connects, creates the file if necessary, and migrates the schema. Blocks.
    ///
    /// # Errors
    /// Fails if the URL is invalid, the database is unreachable, or a migration fails.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let target = settings.target(&settings.url)?;
        let size = settings.pool_size.max(1);
        // A single connection is opened first, because its error is more specific than a timeout of
        // the pool.
        let mut first = settings.direct()?.connect()?;
        migrate::run(&mut first)?;
        drop(first);
        let (backend, writer, answer_wait) = match &target {
            // A file cannot hang by itself, and a large change of it may take long.
            Target::Sqlite(_) => ("sqlite", Some(Arc::new(Semaphore::new(1))), Duration::MAX),
            Target::Postgres { .. } => ("postgresql", None, ANSWER_WAIT),
        };
        let is_shared = writer.is_none();
        let pool = Pool::builder()
            // Two more: that of the event log, and that of the writer or of heartbeats.
            .max_size(size + 2)
            .min_idle(Some(1))
            .connection_timeout(CONNECT_WAIT)
            .error_handler(Box::new(LogTrouble))
            .build(target)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                slots: Arc::new(Semaphore::new(size as usize)),
                search_slots: Arc::new(Semaphore::new((size as usize / 4).clamp(1, SEARCHES))),
                journal_slot: Arc::new(Semaphore::new(1)),
                life_slot: Arc::new(Semaphore::new(1)),
                is_shared,
                writer,
                outage: Outage::default(),
                answer_wait,
                in_doubt: InDoubt::default(),
                backend,
            }),
            metrics: None,
        })
    }

    #[must_use]
    pub fn metered(self, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Runs `f` on one snapshot of the database; it must not write.
    ///
    /// # Errors
    /// Returns the error of `f`, or `Unavailable`.
    pub async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let began = Instant::now();
        let slot = self.slot(&self.inner.slots).await?;
        self.waited(began);
        self.blocking(slot, None, |db, _| db.transact(Access::Snapshot, f))
            .await
    }

    /// Like [`Self::read`], for expensive queries: only some connections run them at a time, and
    /// `f` is asked to stop once the future is dropped.
    ///
    /// # Errors
    /// Returns the error of `f`, or `Unavailable`.
    pub async fn search<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Db, Stop) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let search = self.slot(&self.inner.search_slots).await?;
        let stop = Stop::default();
        let _asked_for = stop.on_drop();
        self.read(move |db| {
            // Released when the work has ended, even if the caller is gone.
            let _search = search;
            f(db, stop)
        })
        .await
    }

    /// Runs `f` in one transaction, which `Ok` commits, and `Err` and a panic roll back.
    ///
    /// # Errors
    /// Returns the error of `f`, `Unavailable`, or `InDoubt`, after which [`Self::settled`] helps
    /// to find the outcome.
    pub async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let began = Instant::now();
        let slots = self.inner.writer.as_ref().unwrap_or(&self.inner.slots);
        let slot = self.slot(slots).await?;
        self.waited(began);
        self.blocking(slot, None, transaction(f)).await
    }

    /// Like [`Self::write`], on a connection that is reserved for heartbeats, so that a node is
    /// never declared dead for want of a connection. On SQLite it is the connection of the writer.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub(crate) async fn write_sign_of_life<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        if !self.inner.is_shared {
            return self.write(f).await;
        }
        let slot = self.slot(&self.inner.life_slot).await?;
        self.blocking(slot, None, transaction(f)).await
    }

    /// Returns whether other processes may use the same database, which is true for PostgreSQL and
    /// false for SQLite.
    pub(crate) fn is_shared(&self) -> bool {
        self.inner.is_shared
    }

    /// Checks that the database responds.
    ///
    /// # Errors
    /// `Unavailable` if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let slot = self.slot(&self.inner.slots).await?;
        self.blocking(slot, None, |db, _| {
            if db.answers() {
                Ok(())
            } else {
                Err(StoreError::Unavailable("no answer".to_owned()))
            }
        })
        .await
    }

    /// Returns true if all migrations of this release are done.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer; `Query`.
    pub(crate) async fn is_up_to_date(&self) -> Result<bool, StoreError> {
        let slot = self.slot(&self.inner.slots).await?;
        self.blocking(slot, None, |db, _| migrate::is_done(db))
            .await
    }

    /// Waits until no commit is in doubt: a server that continues after a hang may still carry out
    /// earlier statements. Afterwards, a caller that got `InDoubt` can read whether its change was
    /// made.
    pub async fn settled(&self) {
        self.inner.in_doubt.settled().await;
    }

    /// Returns `sqlite` or `postgresql`.
    pub fn backend(&self) -> &'static str {
        self.inner.backend
    }

    /// Waits for the permit of the event log's own connection.
    pub(crate) async fn journal_slot(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        self.slot(&self.inner.journal_slot).await
    }

    /// Waits for a permit, but fails at once while the database is known to be unavailable.
    async fn slot(&self, slots: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
        self.inner.outage.check()?;
        let closed = |_| StoreError::Unavailable("the store is closed".to_owned());
        let slot = timeout(TURN_WAIT, Arc::clone(slots).acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(closed)?;
        // A caller ahead in the queue may have found the database unavailable.
        self.inner.outage.check()?;
        Ok(slot)
    }

    /// Waits for this process's turn to write, at most as long as for any permit. Returns `None`
    /// for PostgreSQL, which has no turns.
    pub(crate) async fn writer_slot(&self) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
        match &self.inner.writer {
            Some(writer) => self.slot(writer).await.map(Some),
            None => Ok(None),
        }
    }

    /// Waits for this process's turn to write, without a time limit. Returns `None` for PostgreSQL,
    /// which has no turns.
    pub(crate) async fn write_turn(&self) -> Option<OwnedSemaphorePermit> {
        match &self.inner.writer {
            // The semaphore is never closed.
            Some(writer) => Arc::clone(writer).acquire_owned().await.ok(),
            None => None,
        }
    }

    /// Runs `f` on a blocking thread. The permits move with it: if the caller is dropped, they stay
    /// taken as long as the connection is in use.
    pub(crate) async fn blocking<T, F>(
        &self,
        slot: OwnedSemaphorePermit,
        turn: Option<OwnedSemaphorePermit>,
        f: F,
    ) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Db, &Claim) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let claim = Claim::default();
        let of_work = claim.clone();
        let span = tracing::Span::current();
        let work = move || {
            // Log lines of the work belong to the caller's span.
            let _entered = span.entered();
            // Declared first, and therefore dropped last, after the connection.
            let _permits = (turn, slot);
            let mut db = inner.pool.get().map_err(|error| {
                let why = error.to_string();
                inner.lost(&why);
                StoreError::Unavailable(why)
            })?;
            match f(&mut db, &of_work) {
                // Not every loss of the server can be recognised by its message.
                Err(StoreError::Query(why)) if !db.answers() => Err(StoreError::Unavailable(why)),
                outcome => outcome,
            }
        };
        let outcome = self
            .inner
            .answer(tokio::task::spawn_blocking(work), &claim)
            .await;
        if let (Err(error), Some(metrics)) = (&outcome, &self.metrics) {
            match error {
                StoreError::Unavailable(_) | StoreError::InDoubt(_) => {
                    metrics.database_errors.count("unavailable");
                }
                StoreError::Query(_) => metrics.database_errors.count("refused"),
                StoreError::NotFound | StoreError::Duplicate(_) => {}
            }
        }
        outcome
    }

    /// Returns the metrics of the store, if it has any.
    pub(crate) fn metrics(&self) -> Option<&Arc<Metrics>> {
        self.metrics.as_ref()
    }

    fn waited(&self, began: Instant) {
        if let Some(metrics) = &self.metrics {
            metrics.database_wait.observe(began.elapsed().as_secs_f64());
        }
    }
}

/// Runs `f` in one transaction, which is committed only if the caller has not given up by then.
fn transaction<T>(
    f: impl FnOnce(&mut Db) -> Result<T, StoreError>,
) -> impl FnOnce(&mut Db, &Claim) -> Result<T, StoreError> {
    |db, claim| {
        db.transact(Access::Write, |db| {
            let value = f(db)?;
            claim.commit()?;
            Ok(value)
        })
    }
}

pub(crate) fn busy() -> StoreError {
    StoreError::Unavailable("it is too busy".to_owned())
}

impl Inner {
    /// Waits for the work, but not for a server that hangs.
    ///
    /// A thread inside libpq cannot be interrupted: it stays, with its connection and its permits,
    /// until the server continues or the kernel finds the connection dead. The number of stuck
    /// threads is limited by the number of permits, and callers are refused while the server is
    /// known to be unavailable. When the server continues, each thread finishes its work and
    /// releases everything; work that did not claim its commit is rolled back.
    async fn answer<T: Send + 'static>(
        self: &Arc<Self>,
        mut work: JoinHandle<Result<T, StoreError>>,
        claim: &Claim,
    ) -> Result<T, StoreError> {
        const SILENT: &str = "it does not answer";
        if let Ok(ended) = timeout(self.answer_wait, &mut work).await {
            return ended.unwrap_or_else(|error| {
                Err(StoreError::Query(if error.is_panic() {
                    "a query panicked".to_owned()
                } else {
                    "the runtime is stopping".to_owned()
                }))
            });
        }
        self.lost(SILENT);
        if claim.give_up() {
            return Err(StoreError::Unavailable(SILENT.to_owned()));
        }
        self.in_doubt.until(work);
        Err(StoreError::InDoubt(SILENT.to_owned()))
    }

    /// Marks the database as unavailable, so that callers fail at once until a periodic check finds
    /// it back. Must be called on a thread of the runtime.
    fn lost(self: &Arc<Self>, why: &str) {
        // A file is tried each time: it answers at once, and a full disk can still be read.
        if self.writer.is_none() && self.outage.begin(why) {
            tracing::warn!(why, "the database is away");
            tokio::spawn(outage::until_back(Arc::downgrade(self), |inner| {
                inner
                    .outage
                    .end_if(|| inner.pool.get().is_ok_and(|mut db| db.answers()))
            }));
        }
    }
}

#[derive(Debug)]
struct LogTrouble;

impl<E: std::error::Error> r2d2::HandleError<E> for LogTrouble {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "a database connection could not be opened");
    }
}
