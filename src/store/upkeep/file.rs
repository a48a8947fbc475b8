//! Maintenance of the SQLite file: returning free space, and making the main file complete.
//! PostgreSQL does both itself, by its VACUUM and its own log.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};

use crate::store::pool::connection::{Access, Db, Target};
use crate::store::pool::error::StoreError;
use crate::store::pool::{Store, busy};

/// Number of pages of 4 KiB that one transaction returns: about a megabyte.
const PAGES: u32 = 256;

#[derive(QueryableByName)]
struct Pages {
    #[diesel(sql_type = BigInt)]
    freelist_count: i64,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = BigInt)]
    auto_vacuum: i64,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

/// The value of `PRAGMA auto_vacuum` for a file that returns pages on request.
const INCREMENTAL: i64 = 2;

/// The reason why the file was not compacted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompactError {
    /// PostgreSQL has its own command for this.
    #[error("the database is PostgreSQL: VACUUM FULL makes its files smaller")]
    NotSqlite,
    #[error("{}: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("stop the server first, and see that the disk has room for a copy of the database")]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns some of the file's free pages to the file system. The result tells whether there may
    /// be more.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub async fn shrink(&self) -> Result<bool, StoreError> {
        self.write(|db| {
            let Db::Sqlite(c) = db else { return Ok(false) };
            let Mode { auto_vacuum } =
                diesel::sql_query("PRAGMA auto_vacuum").get_result::<Mode>(c)?;
            let Pages { freelist_count } =
                diesel::sql_query("PRAGMA freelist_count").get_result::<Pages>(c)?;
            if auto_vacuum != INCREMENTAL || freelist_count == 0 {
                return Ok(false);
            }
            c.batch_execute(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
            Ok(freelist_count > i64::from(PAGES))
        })
        .await
    }

    /// Moves everything that was committed into the main file and empties the write-ahead log, so
    /// that no deleted data is left there. Does not wait for readers; returns false if one was in
    /// the way.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub async fn checkpoint(&self) -> Result<bool, StoreError> {
        let Some(turn) = self.writer_slot().await? else {
            return Ok(true);
        };
        self.blocking(turn, None, |db, _| truncate_log(db)).await
    }

    /// Closes a store for good: blocks further writes, and then checkpoints. Callers that want to
    /// write afterwards wait for ever.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub async fn close(&self) -> Result<bool, StoreError> {
        let Some(turn) = self.writer_slot().await? else {
            return Ok(true);
        };
        turn.forget();
        let slot = self.journal_slot().await.map_err(|_| busy())?;
        self.blocking(slot, None, |db, _| truncate_log(db)).await
    }
}

/// Does not wait for readers, since the turn to write is held meanwhile.
fn truncate_log(db: &mut Db) -> Result<bool, StoreError> {
    let Db::Sqlite(c) = db else { return Ok(true) };
    c.batch_execute("PRAGMA busy_timeout = 0")?;
    let done = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(c);
    c.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(done?.busy == 0)
}

/// Returns the path of a SQLite database whose file does not exist; SQLite would create an empty
/// one.
pub(crate) fn missing(url: &str) -> Option<PathBuf> {
    match Target::parse(url) {
        Ok(Target::Sqlite(path)) if !path.exists() => Some(path),
        _ => None,
    }
}

/// Rewrites the file without its free pages, and so that it returns pages on request from then on.
/// Returns the sizes before and after. Blocks; nobody else may use the database.
///
/// # Errors
/// See [`CompactError`].
pub(crate) fn compact(url: &str) -> Result<(u64, u64), CompactError> {
    let target = Target::parse(url)?;
    let Target::Sqlite(path) = &target else {
        return Err(CompactError::NotSqlite);
    };
    let size = |path: &Path| {
        std::fs::metadata(path)
            .map(|found| found.len())
            .map_err(|source| CompactError::File {
                path: path.to_owned(),
                source,
            })
    };
    // Checked before opening, since SQLite would create a missing file.
    let before = size(path)?;
    let mut db = target.connect()?;
    crate::store::pool::migrate::run(&mut db)?;
    // Deleted data is removed for good, too.
    while db.transact(Access::Write, crate::store::tables::trash::remove_slice)? > 0 {}
    if let Db::Sqlite(c) = &mut db {
        c.batch_execute(
            "PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .map_err(StoreError::from)?;
    }
    drop(db);
    Ok((before, size(path)?))
}
