//! Migrates the schema when the store is opened. The migrations for both databases are embedded in
//! the binary.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{Access, Db};
use super::error::StoreError;

pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock, an arbitrary number that nothing else in the database uses; the
/// letters "judge" in ASCII.
const LOCK: i64 = 0x6a_7564_6765;

/// Runs pending migrations. If several processes do so at once, one migrates and the others wait.
pub(crate) fn run(db: &mut Db) -> Result<(), StoreError> {
    match db {
        // One transaction around all migrations holds the write lock; each migration becomes a
        // savepoint.
        Db::Sqlite(_) => db.transact(Access::Write, |db| match db {
            Db::Sqlite(c) => done(c.run_pending_migrations(SQLITE)),
            Db::Pg(_) => Ok(()),
        }),
        Db::Pg(c) => {
            c.batch_execute(&format!(
                "SET lock_timeout = '60s'; SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK});"
            ))?;
            let outcome = done(c.run_pending_migrations(POSTGRES));
            c.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK});"))?;
            outcome
        }
    }
}

fn done<T>(outcome: Result<T, Box<dyn std::error::Error + Send + Sync>>) -> Result<(), StoreError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::Query(format!("migration: {error}"))),
    }
}
