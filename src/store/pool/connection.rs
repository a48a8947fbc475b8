//! One connection type for both databases: opening it, setting it up, checking it, and running
//! transactions.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
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

/// A connection; the URL of the database decides its kind.
#[derive(diesel::MultiConnection)]
pub enum Db {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

// A fresh SQLite connection has foreign keys off and no busy timeout. The timeout comes first, so
// that it also covers the switch to WAL. `secure_delete` overwrites deleted content. With
// `synchronous = FULL` a commit survives a power failure; group commit makes that affordable.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 5000; \
    PRAGMA secure_delete = ON; \
    PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; \
    PRAGMA wal_autocheckpoint = 10000; \
    PRAGMA journal_size_limit = 67108864; \
    PRAGMA cache_size = -4000; \
    PRAGMA temp_store = MEMORY;";

// This only has an effect before the first page of a file is written; later it would just wait for
// the write lock.
const SQLITE_NEW: &str = "PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = INCREMENTAL;";

// `store::statistics` derives days from the text form of times. A process that is suspended in the
// middle of a transaction holds row locks that others need: the server ends it, as
// `store::fleet::nodes::end_connections` also does.
const POSTGRES_SETUP: &str = "SET TIME ZONE 'UTC'; \
    SET datestyle = 'ISO, YMD'; \
    SET statement_timeout = '30s'; \
    SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '5s'; \
    SET client_min_messages = 'warning';";

/// The `application_name` of connections that belong to no node.
const APPLICATION_NAME: &str = "judge-auditor";

/// The location of the database.
#[derive(Clone)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres {
        url: String,
        /// The name that PostgreSQL shows for the connection.
        application_name: String,
    },
}

impl Target {
    /// Parses `sqlite:PATH`, `sqlite://PATH`, `postgres://…` or `postgresql://…`.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres {
                url: url.to_owned(),
                application_name: APPLICATION_NAME.to_owned(),
            });
        }
        let Some(rest) = url.strip_prefix("sqlite:") else {
            // The URL may hold a password, so the error repeats only its scheme.
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

    /// Returns the target with this `application_name`. Connections to a file have no name.
    pub(crate) fn named(self, name: &str) -> Self {
        match self {
            Self::Postgres { url, .. } => Self::Postgres {
                url,
                application_name: name.to_owned(),
            },
            sqlite @ Self::Sqlite(_) => sqlite,
        }
    }

    /// Opens one connection and sets it up.
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
                let mut connection = PgConnection::establish(&with_timeouts(url))
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

/// Adds timeouts to a PostgreSQL URL. A host that vanished sends no answer at all: libpq would wait
/// for minutes to connect and, once the host has received a query, as long as the kernel keeps an
/// idle connection, which is hours. Values in the URL itself take precedence.
fn with_timeouts(url: &str) -> String {
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

/// Creates the file so that only its owner can read it, since it holds texts and password hashes.
/// SQLite gives its side files (`-wal`, `-shm`) the same mode. Returns whether the file is still
/// empty.
fn create_private(path: &Path) -> Result<bool, StoreError> {
    let trouble = |error: io::Error| {
        StoreError::Unavailable(format!("can't create {}: {error}", path.display()))
    };
    create_folder_of(path).map_err(trouble)?;
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

/// Creates the folder of a file, if it is missing, so that only its owner can enter it.
pub(in crate::store) fn create_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent();
    let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

impl r2d2::ManageConnection for Target {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> Result<Db, StoreError> {
        Self::connect(self)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), StoreError> {
        match db {
            // A file cannot hang up, and this check runs before every use.
            Db::Sqlite(_) => Ok(()),
            Db::Pg(connection) => Ok(connection.ping()?),
        }
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        // A panic leaves its transaction open; closing the connection rolls it back.
        std::thread::panicking() || db.is_broken()
    }
}

pub(crate) type Pool = r2d2::Pool<Target>;

/// The kind of a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads one snapshot of the database from the first statement to the last.
    Snapshot,
    /// Writes. On SQLite it takes the write lock from the start, because a transaction that reads
    /// first and writes later fails at once if another one has written in between.
    Write,
}

impl Db {
    /// Runs `f` in a transaction, which `Ok` commits and `Err` rolls back.
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
                // The original error is more useful to the caller than the failure of the rollback.
                // A connection in that state counts as broken and leaves the pool.
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

    /// If an earlier error was ignored, PostgreSQL answers COMMIT with a rollback and no error. One
    /// more statement before the commit makes the error visible.
    fn still_sound(&mut self, access: Access) -> Result<(), StoreError> {
        if let (Self::Pg(c), Access::Write) = (self, access) {
            diesel::sql_query("SELECT 1").execute(c)?;
        }
        Ok(())
    }

    /// Returns whether the connection still responds.
    pub(crate) fn answers(&mut self) -> bool {
        !self.is_broken() && self.ping().is_ok()
    }
}

#[cfg(test)]
#[path = "tests/connection.rs"]
mod tests;
