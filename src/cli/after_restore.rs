//! `after-restore`: prepares a database that was restored from a backup for being served.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::Utc;

use crate::config::Config;
use crate::store::file;
use crate::store::restore::begin_anew;

use super::alone::alone_with;

use super::users::store;

/// Gives every event log a new epoch, revokes all logins, API keys and links, and prints the number
/// of each.
pub(super) async fn after_restore(config: &Config) -> Result<ExitCode> {
    if let Some(path) = file::missing(&config.database_url()) {
        bail!(
            "there is no database at {}: name the server's data_dir or database.url",
            path.display()
        );
    }
    let _place = alone_with(config)?;
    let store = store(config).await?;
    let done = store
        .write(|db| begin_anew(db, Utc::now()))
        .await
        .context("nothing was changed")?;
    // The operator may copy the file elsewhere next, so closing has to bring every change into the
    // file itself.
    store.close().await?;
    writeln!(
        std::io::stdout(),
        "logs with a new epoch: {}; logins that were ended: {}; API keys that were revoked: {}; links that were taken back: {}",
        done.sessions,
        done.logins,
        done.keys,
        done.links
    )?;
    Ok(ExitCode::SUCCESS)
}
