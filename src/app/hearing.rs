//! Receives the signals of other nodes.

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::sync::mpsc;

use super::judges::authorities;
use crate::bus::{Alone, Bus, Heard, NatsBus, NatsLogin, NatsSettings, PostgresBus, Silent};
use crate::config::{BusKind, Config, Fleet, NatsAddress, NatsUser};
use crate::store::StoreSettings;
use crate::telemetry::metrics::Metrics;
use crate::tls;

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
    let bus: Arc<dyn Bus> = match &config.fleet.bus {
        _ if settings.file().is_some() => Arc::new(Alone),
        BusKind::None => Arc::new(Silent),
        BusKind::Postgres => {
            let bus = PostgresBus::start(settings.clone(), ears, Arc::clone(metrics));
            Arc::new(bus.context("the thread of the bus can't be started")?)
        }
        BusKind::Nats(address) => {
            let settings = nats(&config.fleet, address, settings.application_name.clone())?;
            let bus = NatsBus::start(settings, ears, Arc::clone(metrics));
            Arc::new(bus.context("NATS can't be used as fleet.bus says")?)
        }
    };
    Ok((bus, heard))
}

fn nats(fleet: &Fleet, address: &NatsAddress, name: String) -> Result<NatsSettings> {
    let login = match (fleet.nats_credentials()?, address.user()) {
        (Some(credentials), _) => NatsLogin::Credentials(credentials),
        (None, NatsUser::Nobody) => NatsLogin::Nobody,
        (None, NatsUser::Token(token)) => NatsLogin::Token(token),
        (None, NatsUser::Password(name, password)) => NatsLogin::Password(name, password),
    };
    let beside = authorities(fleet.nats_ca_file.as_deref())?;
    Ok(NatsSettings {
        servers: address.servers(),
        login,
        tls: tls::client_config(&beside).context("no TLS for NATS")?,
        name,
    })
}
