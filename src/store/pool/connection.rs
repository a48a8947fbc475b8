//! One connection type over both databases: how it is opened, set up, checked, and how a transaction runs.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection, TransactionManager,
};
use diesel::r2d2::R2D2Connection;
use diesel::sql_types::Text;
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};

use super::error::StoreError;
use super::language;

/// A connection; which database it leads to was decided by the URL.
#[derive(diesel::MultiConnection)]
pub enum Db {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

// Foreign keys are off and waiting is zero on a fresh SQLite connection. The wait comes first, so that
// it covers the switch to WAL. `secure_delete`: what is deleted is overwritten. `synchronous = FULL`: a commit survives a power cut; group commit pays for it.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 5000; \
    PRAGMA secure_delete = ON; \
    PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; \
    PRAGMA wal_autocheckpoint = 10000; \
    PRAGMA journal_size_limit = 67108864; \
    PRAGMA cache_size = -4000; \
    PRAGMA temp_store = MEMORY;";

// Before the first page of a file is written. Not later: there it would change nothing, and wait for its turn to
// write.
const SQLITE_NEW: &str = "PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = INCREMENTAL;";

// `store::statistics` reads days from times as texts. A process that is stopped in the middle of a transaction holds
// rows that others need: the server ends it, as it also does by `store::fleet::nodes::end_connections`.
const POSTGRES_SETUP: &str = "SET TIME ZONE 'UTC'; \
    SET datestyle = 'ISO, YMD'; \
    SET statement_timeout = '30s'; \
    SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '5s'; \
    SET client_min_messages = 'warning';";

/// What connections are called that belong to no node.
const APPLICATION_NAME: &str = "judge-auditor";

/// Where the database is.
#[derive(Clone)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres {
        url: String,
        /// What the server shows of whom a connection belongs to.
        application_name: String,
    },
}

impl Target {
    /// Reads `sqlite:PATH`, `sqlite://PATH`, `postgres://…` or `postgresql://…`.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres {
                url: url.to_owned(),
                application_name: APPLICATION_NAME.to_owned(),
            });
        }
        let Some(rest) = url.strip_prefix("sqlite:") else {
            // The URL may hold a password: only its scheme is repeated.
            let scheme = url.split_once(':').map_or("none", |(scheme, _)| scheme);
            return Err(StoreError::Query(format!(
                "database url: scheme {scheme:?} is unknown, use sqlite:PATH or postgres://USER@HOST/NAME"
            )));
        };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() || path.contains(":memory:") {
            return Err(StoreError::Query(
                "database url: sqlite needs the path of a file, because its connections share it"
                    .to_owned(),
            ));
        }
        if path.starts_with("file:") || path.contains('\0') {
            return Err(StoreError::Query(
                "database url: sqlite takes a plain path, not a file: url".to_owned(),
            ));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The same, with connections that are called so; a file's have no name.
    pub(crate) fn named(self, name: &str) -> Self {
        match self {
            Self::Postgres { url, .. } => Self::Postgres {
                url,
                application_name: name.to_owned(),
            },
            sqlite @ Self::Sqlite(_) => sqlite,
        }
    }

    /// Opens and sets up one connection.
    pub(crate) fn connect(&self) -> Result<Db, StoreError> {
        match self {
            Self::Sqlite(path) => {
                let is_new = create_private(path)?;
                let text = path.to_str().ok_or_else(|| {
                    StoreError::Query("database url: the path is not UTF-8".to_owned())
                })?;
                let mut connection = SqliteConnection::establish(text).map_err(|error| {
                    StoreError::Unavailable(format!("can't open {}: {error}", path.display()))
                })?;
                if is_new {
                    connection.batch_execute(SQLITE_NEW)?;
                }
                connection.batch_execute(SQLITE_SETUP)?;
                Ok(Db::Sqlite(connection))
            }
            Self::Postgres {
                url,
                application_name,
            } => {
                let mut connection = PgConnection::establish(&impatient(url))
                    .map_err(|error| StoreError::Unavailable(error.to_string()))?;
                connection.batch_execute(POSTGRES_SETUP)?;
                diesel::sql_query("SELECT set_config('application_name', $1, false)")
                    .bind::<Text, _>(application_name)
                    .execute(&mut connection)?;
                language::plain(&mut connection)?;
                Ok(Db::Pg(connection))
            }
        }
    }
}

/// A host that vanished answers nothing, not even a refusal: libpq would wait for minutes, and where the
/// host had taken the question, for as long as the kernel leaves a quiet connection alone, which is hours.
/// What the URL says itself wins.
fn impatient(url: &str) -> String {
    const WAITS: [(&str, &str); 6] = [
        ("connect_timeout", "5"),
        ("tcp_user_timeout", "10000"),
        ("keepalives", "1"),
        ("keepalives_idle", "5"),
        ("keepalives_interval", "2"),
        ("keepalives_count", "3"),
    ];
    let mut url = url.to_owned();
    for (key, value) in WAITS {
        if !url.contains(&format!("{key}=")) {
            let joint = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{joint}{key}={value}"));
        }
    }
    url
}

/// The file holds texts and password hashes: nobody but its owner reads it. SQLite gives its side
/// files (`-wal`, `-shm`) the mode of the main one. Whether nothing has been written to it yet.
fn create_private(path: &Path) -> Result<bool, StoreError> {
    let trouble = |error: std::io::Error| {
        StoreError::Unavailable(format!("can't create {}: {error}", path.display()))
    };
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(trouble)?;
    }
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Ok(path.metadata().map_err(trouble)?.len() == 0)
        }
        Err(error) => Err(trouble(error)),
    }
}

impl r2d2::ManageConnection for Target {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> Result<Db, StoreError> {
        Self::connect(self)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), StoreError> {
        match db {
            // A file does not hang up, and this runs before every use.
            Db::Sqlite(_) => Ok(()),
            Db::Pg(connection) => Ok(connection.ping()?),
        }
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        // A panic leaves its transaction open: closing the connection rolls it back.
        std::thread::panicking() || db.is_broken()
    }
}

pub(crate) type Pool = r2d2::Pool<Target>;

/// Which kind of transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Sees one state of the database from its first statement to its last.
    Snapshot,
    /// Writes; on SQLite it holds the write lock from the start, because a transaction that reads first
    /// and writes then fails at once where another has written in between.
    Write,
}

impl Db {
    /// Runs `f` in a transaction: `Ok` commits, `Err` rolls back.
    pub(crate) fn transact<T, E>(
        &mut self,
        access: Access,
        f: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.begin(access)?;
        match f(self).and_then(|value| self.still_sound(access).map(|()| value).map_err(E::from)) {
            Ok(value) => {
                let committed = <Self as Connection>::TransactionManager::commit_transaction(self);
                committed.map_err(|error| match StoreError::from(error) {
                    error if access == Access::Write && !self.answers() => {
                        StoreError::InDoubt(error.to_string())
                    }
                    error => error,
                })?;
                Ok(value)
            }
            Err(error) => {
                // What broke the transaction is worth more to the caller than why the rollback failed;
                // a connection in that state counts as broken and leaves the pool.
                if let Err(rollback) =
                    <Self as Connection>::TransactionManager::rollback_transaction(self)
                {
                    tracing::warn!(error = %rollback, "a transaction could not be rolled back");
                }
                Err(error)
            }
        }
    }

    fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        match (self, access) {
            (Self::Sqlite(c), Access::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
            }
            (Self::Sqlite(c), Access::Snapshot) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED")
            }
            (Self::Pg(c), Access::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")
            }
            (Self::Pg(c), Access::Snapshot) => AnsiTransactionManager::begin_transaction_sql(
                c,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }
        .map_err(StoreError::from)
    }

    /// PostgreSQL answers COMMIT with a silent rollback after an error that somebody swallowed: one more
    /// statement makes that loud.
    fn still_sound(&mut self, access: Access) -> Result<(), StoreError> {
        if let (Self::Pg(c), Access::Write) = (self, access) {
            diesel::sql_query("SELECT 1").execute(c)?;
        }
        Ok(())
    }

    /// Whether the connection still answers.
    pub(crate) fn answers(&mut self) -> bool {
        !self.is_broken() && self.ping().is_ok()
    }
}

#[cfg(test)]
#[path = "tests/connection.rs"]
mod tests;
