//! Exclusive access to a SQLite file, for commands that must not run beside a server.

use anyhow::{Result, anyhow, bail};

use crate::config::Config;
use crate::store::StoreSettings;
use crate::store::fleet::lock_file::{LockError, LockFile};

/// Takes the lock that a serving process holds on the SQLite file, until the returned value is
/// dropped.
/// Returns `None` for PostgreSQL, which has no such lock.
///
/// # Errors
/// Fails if another process holds the lock, or if it cannot be taken.
pub(super) fn alone_with(config: &Config) -> Result<Option<LockFile>> {
    let settings = StoreSettings {
        url: config.database_url(),
        ..StoreSettings::default()
    };
    let Some(file) = settings.file() else {
        return Ok(None);
    };
    match LockFile::lock_database(&file) {
        Ok(lock_file) => Ok(Some(lock_file)),
        Err(LockError::Taken(_)) => bail!("a server uses {}: stop it first", file.display()),
        Err(error) => Err(anyhow!(error)),
    }
}
