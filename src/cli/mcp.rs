//! The command `mcp`: serves the tools over standard input and output to the program that starts
//! it.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use tokio::signal::unix::{SignalKind, signal};

use crate::app;
use crate::config::Config;
use crate::mcp::stdio;

use super::local_user::local_user;

/// Names of the limits that are switched off, because the temporary database has only one user.
pub(super) const NO_LIMITS: [&str; 5] = [
    "limits.starts_per_minute",
    "limits.creates_per_minute",
    "limits.checks_per_minute",
    "limits.searches_per_minute",
    "limits.evaluations_per_user",
];

/// Serves until standard input ends or a signal arrives; then the temporary database is removed.
pub(super) async fn mcp(config: Arc<Config>) -> Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be caught")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be caught")?;
    let service = app::assemble(config).await?;
    let user = local_user(&service).await?;
    tokio::select! {
        served = stdio::serve(service, user) => {
            served.map_err(|why| anyhow!("standard input does not speak MCP: {why}"))?;
        }
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(ExitCode::SUCCESS)
}
