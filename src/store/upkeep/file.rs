//! The SQLite file: what it gives back, and that it is whole by itself. PostgreSQL does both by its VACUUM and
//! its own log.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};

use crate::store::pool::connection::{Access, Db, Target};
use crate::store::pool::error::StoreError;
use crate::store::pool::{Store, busy};

/// Pages of 4 KiB that one transaction gives back: about a megabyte.
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

/// What `PRAGMA auto_vacuum` says of a file that gives pages back when it is told to.
const INCREMENTAL: i64 = 2;

/// Why the file is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompactError {
    /// PostgreSQL brings its own.
    #[error("the database is PostgreSQL: VACUUM FULL makes its files smaller")]
    NotSqlite,
    /// There is no such file.
    #[error("{}: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("stop the server first, and see that the disk has room for a copy of the database")]
    Store(#[from] StoreError),
}

impl Store {
    /// Gives some of the file's free pages back to the file system; whether there may be more.
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

    /// Brings everything that was committed into the main file and empties its log, so that nothing of what
    /// was deleted is left there. Waits for no reader; false where one was in the way.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub async fn checkpoint(&self) -> Result<bool, StoreError> {
        let Some(turn) = self.writer_slot().await? else {
            return Ok(true);
        };
        self.blocking(turn, None, |db, _| truncate_log(db)).await
    }

    /// The last that is done with a store: no more writes, and then a checkpoint. Whoever wants to write
    /// waits for ever.
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

/// Without waiting: the turn to write is held meanwhile.
fn truncate_log(db: &mut Db) -> Result<bool, StoreError> {
    let Db::Sqlite(c) = db else { return Ok(true) };
    c.batch_execute("PRAGMA busy_timeout = 0")?;
    let done = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(c);
    c.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(done?.busy == 0)
}

/// The file of a SQLite database, where there is none yet: SQLite would make an empty one.
pub(crate) fn missing(url: &str) -> Option<PathBuf> {
    match Target::parse(url) {
        Ok(Target::Sqlite(path)) if !path.exists() => Some(path),
        _ => None,
    }
}

/// Rewrites the file without its free pages, and so that it gives pages back from then on; its sizes before
/// and after. Blocks; nobody else may use the database.
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
    // Before it is opened: SQLite would make an empty one.
    let before = size(path)?;
    let mut db = target.connect()?;
    crate::store::pool::migrate::run(&mut db)?;
    // What was deleted goes for good, too.
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
