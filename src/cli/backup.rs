//! `backup`: copies the SQLite database, even while a server uses it.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::config::Config;
use crate::store::backup;

/// Writes the copy, checks it, and prints its size.
pub(super) fn backup(config: &Config, file: &Path) -> Result<ExitCode> {
    let bytes = backup::copy(&config.database_url(), file).context("no backup was made")?;
    writeln!(
        std::io::stdout(),
        "{}: {bytes} bytes, checked",
        file.display()
    )?;
    Ok(ExitCode::SUCCESS)
}
