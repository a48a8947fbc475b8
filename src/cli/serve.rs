//! `serve` and `migrate`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::app;
use crate::config::Config;
use crate::store::{Store, StoreSettings};

use super::manager;

/// Serves until SIGTERM or SIGINT, then drains; a second signal ends the drain. SIGHUP reloads the
/// signing keys.
pub(super) async fn serve(config: Arc<Config>) -> Result<()> {
    // Installed before anything starts, so that an early signal stops the server gracefully too.
    let mut signals = signals(app::longest_stop(&config))?;
    let mut hangup = signal(SignalKind::hangup()).context("SIGHUP can't be caught")?;
    raise_file_limit();
    let running = tokio::select! {
        running = app::start(config) => running?,
        // No connection has been accepted yet, so there is nothing to drain.
        _ = signals.recv() => return Ok(()),
    };
    let reload = running.reload();
    actix_web::rt::spawn(async move {
        while hangup.recv().await.is_some() {
            reload.keys().await;
        }
    });
    let mut out = std::io::stdout();
    writeln!(out, "judge-auditor listens on http://{}", running.address)?;
    out.flush()?;
    manager::ready(running.address);
    manager::watched(running.watchdog());
    running.until(signals).await
}

/// Raises the limit of open files, since each socket is one. The soft limit is commonly 1,024 for
/// programs that use `select`, which this one does not.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files can't be raised");
    }
}

fn signals(longest_stop: Duration) -> Result<mpsc::Receiver<()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be caught")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be caught")?;
    let (caught, signals) = mpsc::channel(2);
    actix_web::rt::spawn(async move {
        let mut first = true;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if std::mem::take(&mut first) {
                manager::stopping(longest_stop);
            }
            if caught.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(signals)
}

/// Opens the database, which runs the pending migrations.
pub(super) fn migrate(config: &Config) -> Result<ExitCode> {
    let settings = StoreSettings {
        url: config.database_url(),
        direct_url: config.database.direct_url.clone(),
        pool_size: 1,
        ..StoreSettings::default()
    };
    let store = Store::open(&settings).context("the database can't be brought up to date")?;
    writeln!(
        std::io::stdout(),
        "the {} database is up to date",
        store.backend()
    )?;
    Ok(ExitCode::SUCCESS)
}
