//! `compact`: a SQLite file without its free pages.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::config::Config;
use crate::store::file;

/// Rewrites the file, and says what that gave.
pub(super) fn compact(config: &Config) -> Result<ExitCode> {
    let (before, after) =
        file::compact(&config.database_url()).context("the database is as it was")?;
    writeln!(
        std::io::stdout(),
        "{before} bytes before, {after} bytes now; from now on the file gives back what is deleted"
    )?;
    Ok(ExitCode::SUCCESS)
}
