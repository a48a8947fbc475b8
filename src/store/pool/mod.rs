//! The handle on the database: connections and their turns, transactions, what happens while it is away or
//! hangs.

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

/// How long a new connection may take; who finds the database away is told so after it.
const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// How long a caller waits for its turn when the database is busy.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// Searches at once, where there are connections enough.
const SEARCHES: usize = 2;

/// How long a server may be silent. It ends a statement by itself after 30 s and says so
/// (`statement_timeout`): one that is silent for longer hangs.
const ANSWER_WAIT: Duration = Duration::from_secs(35);

/// Where the database is and how many connections it gets.
#[derive(Debug, Clone, Default)]
pub struct StoreSettings {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The same database past a pooler; empty: `url` leads there.
    pub direct_url: String,
    /// Connections at most; at least 1.
    pub pool_size: u32,
    /// What a server shows its connections as; empty: as the program's.
    pub application_name: String,
}

impl StoreSettings {
    /// The file, if it is SQLite's.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match Target::parse(&self.url) {
            Ok(Target::Sqlite(path)) => Some(path),
            Ok(Target::Postgres { .. }) | Err(_) => None,
        }
    }

    /// How one connection is made past a pooler, for what needs a session of its own.
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
    /// As many as connections: who waits, waits here, not on a thread.
    pub(in crate::store) slots: Arc<Semaphore>,
    /// How many of the connections may search at a time: the others stay free for everybody else.
    pub(in crate::store) search_slots: Arc<Semaphore>,
    /// The event log's own connection: it must not wait behind somebody's search.
    journal_slot: Arc<Semaphore>,
    /// That of the signs of life, by which other nodes tell a busy one from a dead one.
    life_slot: Arc<Semaphore>,
    /// SQLite has one writer, which has a connection of its own: who waits for its turn keeps nobody from
    /// reading. Waiting here is fair, SQLite's own busy loop is not and ends in an error.
    writer: Option<Arc<Semaphore>>,
    outage: Outage,
    /// How long anybody waits for an answer.
    pub(in crate::store) answer_wait: Duration,
    in_doubt: InDoubt,
    backend: &'static str,
    is_shared: bool,
}

impl Store {
    /// Connects, creates the file if need be, and brings the tables up to date. Blocks.
    ///
    /// # Errors
    /// A URL that can't be used, a database that can't be reached, a migration that fails.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let target = settings.target(&settings.url)?;
        let size = settings.pool_size.max(1);
        // A connection by hand comes first: its error says more than a pool's time-out.
        let mut first = settings.direct()?.connect()?;
        migrate::run(&mut first)?;
        drop(first);
        let (backend, writer, answer_wait) = match &target {
            // A file does not hang by itself, and a large change of it may take its time.
            Target::Sqlite(_) => ("sqlite", Some(Arc::new(Semaphore::new(1))), Duration::MAX),
            Target::Postgres { .. } => ("postgresql", None, ANSWER_WAIT),
        };
        let is_shared = writer.is_none();
        let pool = Pool::builder()
            // The event log's, and the writer's or the one for signs of life.
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

    /// Runs `f` on one consistent state of the database; it must not write.
    ///
    /// # Errors
    /// What `f` returns, or `Unavailable`.
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

    /// As [`Self::read`], for what reads much: only some connections do so at a time, and `f` is told to
    /// stop once the future is dropped.
    ///
    /// # Errors
    /// What `f` returns, or `Unavailable`.
    pub async fn search<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Db, Stop) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let search = self.slot(&self.inner.search_slots).await?;
        let stop = Stop::default();
        let _asked_for = stop.on_drop();
        self.read(move |db| {
            // Given back when the work has ended, whatever became of the caller.
            let _search = search;
            f(db, stop)
        })
        .await
    }

    /// Runs `f` in one transaction: `Ok` commits, `Err` and a panic roll back.
    ///
    /// # Errors
    /// What `f` returns, `Unavailable`, or `InDoubt`; see [`Self::settled`] for what then is.
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

    /// As [`Self::write`], on a connection that is kept for this: not for want of one shall a node be taken for
    /// dead. On a file it is that of the writer.
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

    /// Whether other processes may work on the same database: on a server they may, on a file not.
    pub(crate) fn is_shared(&self) -> bool {
        self.inner.is_shared
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// `Unavailable` if there is none.
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

    /// Whether the database answers, and its tables are as this release needs them.
    ///
    /// # Errors
    /// `Unavailable` if there is no answer; `Query`.
    pub(crate) async fn is_up_to_date(&self) -> Result<bool, StoreError> {
        let slot = self.slot(&self.inner.slots).await?;
        self.blocking(slot, None, |db, _| migrate::is_done(db))
            .await
    }

    /// Waits until no change is in doubt for want of an answer: a server that goes on after it hung may
    /// still carry out what it was told before. Whoever got `InDoubt` may read afterwards what came of it.
    pub async fn settled(&self) {
        self.inner.in_doubt.settled().await;
    }

    /// `sqlite` or `postgresql`.
    pub fn backend(&self) -> &'static str {
        self.inner.backend
    }

    /// Waits for the event log's own connection.
    pub(crate) async fn journal_slot(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        self.slot(&self.inner.journal_slot).await
    }

    /// Waits for a connection, but not while the database is known to be away.
    async fn slot(&self, slots: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
        self.inner.outage.check()?;
        let closed = |_| StoreError::Unavailable("the store is closed".to_owned());
        let slot = timeout(TURN_WAIT, Arc::clone(slots).acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(closed)?;
        // Whoever was ahead in the queue may have found out.
        self.inner.outage.check()?;
        Ok(slot)
    }

    /// Waits for this process's turn to write, as long as a caller waits for anything; none where there are no
    /// turns.
    pub(crate) async fn writer_slot(&self) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
        match &self.inner.writer {
            Some(writer) => self.slot(writer).await.map(Some),
            None => Ok(None),
        }
    }

    /// Waits for this process's turn to write, where there are turns.
    pub(crate) async fn write_turn(&self) -> Option<OwnedSemaphorePermit> {
        match &self.inner.writer {
            // Never closed.
            Some(writer) => Arc::clone(writer).acquire_owned().await.ok(),
            None => None,
        }
    }

    /// Runs `f` on a thread that may block. The permits go with it: if the caller is dropped, they stay
    /// taken for as long as the connection is in use.
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
            // What is logged here belongs to whoever asked.
            let _entered = span.entered();
            // Declared first, so given back last, after the connection.
            let _permits = (turn, slot);
            let mut db = inner.pool.get().map_err(|error| {
                let why = error.to_string();
                inner.lost(&why);
                StoreError::Unavailable(why)
            })?;
            match f(&mut db, &of_work) {
                // Not every way of losing a server can be told from its message.
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

    /// Where the store counts.
    pub(crate) fn metrics(&self) -> Option<&Arc<Metrics>> {
        self.metrics.as_ref()
    }

    fn waited(&self, began: Instant) {
        if let Some(metrics) = &self.metrics {
            metrics.database_wait.observe(began.elapsed().as_secs_f64());
        }
    }
}

/// `f` in one transaction, which is committed only if nobody has given it up by then.
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
    /// A thread in libpq can't be called back: it stays, with its connection and its permits, until the
    /// server goes on or the kernel finds the connection dead. No more than there are permits can be
    /// stuck, since callers are refused while the server is known to be away. When it goes on, each
    /// thread ends its work and gives everything back: what was not claimed for a commit is rolled back.
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

    /// The server is away or hangs: from now on nobody waits for one in vain, until a look now and then
    /// finds the database back. On a thread of the runtime.
    fn lost(self: &Arc<Self>, why: &str) {
        // A file is asked each time: it answers at once, and a full disk can still be read.
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
