//! Migrates the schema when the store is opened. The migrations for both databases are embedded in
//! the binary.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{Access, Db};
use super::error::StoreError;

pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock, an arbitrary number that nothing else in the database uses; the
/// letters "judge" in ASCII.
const LOCK: i64 = 0x6a_7564_6765;

/// Time for which one statement waits for the lock on a table, in milliseconds. Statements of other
/// processes queue behind it meanwhile.
const LOCK_WAIT_MS: u32 = 2000;

/// Time for which migrations are retried while tables are in use.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two attempts.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Runs pending migrations. If several processes do so at once, one migrates and the others wait.
pub(crate) fn run(db: &mut Db) -> Result<(), StoreError> {
    match db {
        // One transaction around all migrations holds the write lock; each migration becomes a
        // savepoint.
        Db::Sqlite(_) => db.transact(Access::Write, |db| match db {
            Db::Sqlite(c) => checked(c.run_pending_migrations(SQLITE)),
            Db::Pg(_) => Ok(()),
        }),
        Db::Pg(c) => {
            c.batch_execute(&format!(
                "SET lock_timeout = '60s'; SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK}); \
                 SET lock_timeout = '{LOCK_WAIT_MS}ms';"
            ))?;
            let begin = Instant::now();
            let outcome = loop {
                let outcome = checked(c.run_pending_migrations(POSTGRES));
                match &outcome {
                    Err(error) if is_locked(error) && begin.elapsed() < PATIENCE => {
                        tracing::info!(%error, "the tables are in use: it is tried again");
                        pause();
                    }
                    _ => break outcome,
                }
            };
            c.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK});"))?;
            outcome
        }
    }
}

/// Keeps migrations from beginning until the end of the transaction; waits for those that have begun.
pub(in crate::store) fn hold_off(c: &mut PgConnection) -> Result<(), StoreError> {
    c.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
    Ok(())
}

/// Pauses before another attempt, so that statements that queued behind this one proceed.
#[expect(
    clippy::disallowed_methods,
    reason = "the connection blocks this thread all the same"
)]
fn pause() {
    std::thread::sleep(RETRY_DELAY);
}

/// Returns true if a migration failed for want of a lock. Each migration is a transaction of its
/// own, so that earlier ones stay done.
fn is_locked(error: &StoreError) -> bool {
    // Diesel does not expose the SQLSTATE (55P03), and the connections' messages are in English.
    error.to_string().contains("due to lock timeout")
}

/// Returns true if all migrations of this release are done; a newer release may have added more.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn is_done(db: &mut Db) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let newest = match &db {
        Db::Pg(_) => newest::<Pg>(&POSTGRES),
        Db::Sqlite(_) => newest::<Sqlite>(&SQLITE),
    }?;
    let query = diesel::sql_query(format!(
        "SELECT count(*) AS count FROM __diesel_schema_migrations WHERE version = '{newest}'"
    ));
    let row: Row = match db {
        Db::Pg(c) => query.get_result(c)?,
        Db::Sqlite(c) => query.get_result(c)?,
    };
    Ok(row.count > 0)
}

/// Returns the version of the last migration, which consists of digits.
fn newest<DB: diesel::backend::Backend>(
    of: &impl MigrationSource<DB>,
) -> Result<String, StoreError> {
    let all = of
        .migrations()
        .map_err(|error| StoreError::Query(format!("migrations: {error}")))?;
    let versions = all
        .iter()
        .map(|migration| migration.name().version().as_owned().to_string());
    Ok(versions.max().unwrap_or_default())
}

fn checked<T>(
    outcome: Result<T, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<(), StoreError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::Query(format!("migration: {error}"))),
    }
}
