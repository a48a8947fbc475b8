//! Receives the signals of other nodes.

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::sync::mpsc;

use crate::bus::{Alone, Bus, Heard, PostgresBus, Silent};
use crate::config::{BusKind, Config};
use crate::store::StoreSettings;
use crate::telemetry::metrics::Metrics;

/// Maximum number of signals waiting for the registry. Further ones are dropped, and
/// polling finds their events.
const QUEUE: usize = 4096;

/// Creates the configured bus and the channel of its signals. On SQLite there is one
/// process, which needs none.
pub(super) fn bus(
    config: &Config,
    settings: &StoreSettings,
    metrics: &Arc<Metrics>,
) -> Result<(Arc<dyn Bus>, mpsc::Receiver<Heard>)> {
    let (ears, heard) = mpsc::channel(QUEUE);
    let bus: Arc<dyn Bus> = match config.fleet.bus {
        _ if settings.file().is_some() => Arc::new(Alone),
        BusKind::None => Arc::new(Silent),
        BusKind::Postgres => {
            let bus = PostgresBus::start(settings.clone(), ears, Arc::clone(metrics));
            Arc::new(bus.context("the thread of the bus can't be started")?)
        }
    };
    Ok((bus, heard))
}
