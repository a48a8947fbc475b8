//! Copies a SQLite database while others write to it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use diesel::connection::{Connection, SimpleConnection};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use crate::store::pool::connection::{Access, Db, Target};
use crate::store::pool::error::StoreError;
use crate::store::tables::trash;

/// The reason why no copy was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// PostgreSQL has its own tools for this.
    #[error(
        "the database is PostgreSQL: use pg_dump, which copies one state of a running database"
    )]
    NotSqlite,
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// SQLite only accepts paths in UTF-8.
    #[error("{} is not UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// A file cannot be read, written or flushed.
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// The copy cannot be read, so the database may be damaged too.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a snapshot of the database into a new file that only its owner can read, verifies it, and
/// returns its size. The file appears completely or not at all. Blocks the caller, but not writers
/// of the database.
///
/// # Errors
/// See [`BackupError`].
pub(crate) fn copy(url: &str, file: &Path) -> Result<u64, BackupError> {
    let Target::Sqlite(source) = Target::parse(url)? else {
        return Err(BackupError::NotSqlite);
    };
    // SQLite would create a missing file.
    File::open(&source).map_err(at(&source))?;
    if file.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Created empty and with mode 0600; SQLite treats an empty file like a missing one.
    let aside = tempfile::Builder::new()
        .prefix(".judge-auditor-backup-")
        .tempfile_in(folder)
        .map_err(at(folder))?;
    sql_query("VACUUM INTO ?")
        .bind::<Text, _>(utf8(aside.path())?)
        .execute(&mut open(&source)?)
        .map_err(StoreError::from)?;
    without_deleted(aside.path())?;
    check(aside.path())?;
    // SQLite does not flush the output of `VACUUM INTO`.
    aside.as_file().sync_all().map_err(at(file))?;
    let bytes = aside.as_file().metadata().map_err(at(file))?.len();
    aside.persist_noclobber(file).map_err(|error| {
        if error.error.kind() == io::ErrorKind::AlreadyExists {
            BackupError::Exists(file.to_owned())
        } else {
            at(file)(error.error)
        }
    })?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at(folder))?;
    Ok(bytes)
}

fn open(path: &Path) -> Result<SqliteConnection, BackupError> {
    let mut connection = SqliteConnection::establish(utf8(path)?)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    connection
        .batch_execute("PRAGMA busy_timeout = 5000;")
        .map_err(StoreError::from)?;
    Ok(connection)
}

/// Removes deleted data from the copy that the database has not removed yet.
///
/// Secure deletion overwrites a deleted row, but not the copies of it that SQLite leaves in the
/// unused part of pages when it moves rows between them. Only rebuilt pages are free of those.
fn without_deleted(copy: &Path) -> Result<(), BackupError> {
    let mut db = Db::Sqlite(open(copy)?);
    if let Db::Sqlite(c) = &mut db {
        c.batch_execute("PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;")
            .map_err(StoreError::from)?;
    }
    let mut removed = 0;
    loop {
        match db.transact(Access::Write, trash::remove_slice)? {
            0 => break,
            slice => removed += slice,
        }
    }
    if removed > 0
        && let Db::Sqlite(c) = &mut db
    {
        c.batch_execute("VACUUM;").map_err(StoreError::from)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// Reads the whole database, as a restore would.
fn check(path: &Path) -> Result<(), BackupError> {
    let findings: Vec<Finding> = sql_query("PRAGMA integrity_check")
        .load(&mut open(path)?)
        .map_err(StoreError::from)?;
    match findings.as_slice() {
        [one] if one.integrity_check == "ok" => Ok(()),
        found => Err(BackupError::Damaged(found.first().map_or_else(
            || "nothing was found".to_owned(),
            |one| one.integrity_check.clone(),
        ))),
    }
}

fn utf8(path: &Path) -> Result<&str, BackupError> {
    path.to_str()
        .ok_or_else(|| BackupError::NotUtf8(path.to_owned()))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    move |source| BackupError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
#[path = "tests/backup.rs"]
mod tests;
