//! `serve` and `migrate`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::app;
use crate::config::Config;
use crate::store::{Store, StoreSettings};

/// Serves until SIGTERM or SIGINT, then drains; a second signal ends the drain.
pub(super) async fn serve(config: Arc<Config>) -> Result<()> {
    // Before anything is started: a signal that comes early must drain too, not kill.
    let signals = signals()?;
    raise_open_files();
    let running = app::start(config).await?;
    let mut out = std::io::stdout();
    writeln!(out, "judge-auditor listens on http://{}", running.address)?;
    out.flush()?;
    running.until(signals).await
}

/// A connection has two descriptors: the usual soft limit of 1024 is no limit that a server wants, and
/// the hard one is for whoever starts it to set.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, soft = ?limit.current, "the limit of open files can't be raised");
    }
}

fn signals() -> Result<mpsc::Receiver<()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be caught")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be caught")?;
    let (caught, signals) = mpsc::channel(2);
    actix_web::rt::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if caught.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(signals)
}

/// Opens the database, which brings its tables up to date.
pub(super) fn migrate(config: &Config) -> Result<ExitCode> {
    let settings = StoreSettings {
        url: config.database_url(),
        pool_size: 1,
    };
    let store = Store::open(&settings).context("the database can't be brought up to date")?;
    writeln!(
        std::io::stdout(),
        "the {} database is up to date",
        store.backend()
    )?;
    Ok(ExitCode::SUCCESS)
}
