//! `compact`: rewrites a SQLite file without its free pages.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::config::Config;
use crate::store::file;

use super::alone::alone_with;

/// Rewrites the file, and prints its size before and after.
pub(super) fn compact(config: &Config) -> Result<ExitCode> {
    if let Some(path) = file::missing(&config.database_url()) {
        bail!("there is no database at {}", path.display());
    }
    let _place = alone_with(config)?;
    let (before, after) =
        file::compact(&config.database_url()).context("the database is as it was")?;
    writeln!(
        std::io::stdout(),
        "{before} bytes before, {after} bytes now; from now on the file gives back what is deleted"
    )?;
    Ok(ExitCode::SUCCESS)
}
