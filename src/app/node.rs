//! This process as a node: its lock file, its row in the table of nodes, and its heartbeat.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use anyhow::{Context, Result};
use chrono::Utc;
use sha2::{Digest, Sha256};

use crate::actors::fleet::OwnNode;
use crate::actors::fleet::beat::Beat;
use crate::actors::fleet::left_behind::WorkedOn;
use crate::actors::live_counts::LiveCounts;
use crate::actors::messages::Disown;
use crate::actors::registry::Registry;
use crate::bus::Signal;
use crate::config::Config;
use crate::domain::ids::NodeId;
use crate::service::Service;
use crate::store::fleet::lock_file::{LockError, LockFile};
use crate::store::fleet::nodes::{self, Load, NewNode};
use crate::store::{Db, Store, StoreSettings, new_id};

/// The file in the data directory that names the node using it.
const LOCK_FILE: &str = "node";

/// Time limit for handing the runs over to other nodes at shutdown.
const HAND_OVER_WITHIN: Duration = Duration::from_secs(3);

/// The application name of this process's database connections, by which the nodes that declare
/// it dead end them.
pub(super) fn application_name() -> String {
    let id: NodeId = new_id();
    format!("judge-auditor {id}")
}

/// The file that this process has locked, if any, and the node that it names, which has died.
#[derive(Debug, Default)]
pub(super) struct NodeLock {
    file: Option<LockFile>,
    before: Option<NodeId>,
}

/// Locks the file of this process; blocks. On SQLite it is beside the database file, and a second
/// process is refused. On PostgreSQL the file is optional: without one a node's death is only
/// detected by its heartbeat.
pub(super) fn take_lock(settings: &StoreSettings, config: &Config) -> Result<NodeLock> {
    if let Some(file) = settings.file() {
        let file = LockFile::lock_database(&file).map_err(|error| match error {
            LockError::Taken(_) => anyhow::Error::from(error).context(
                "another process serves this database: a SQLite file has one, several need PostgreSQL",
            ),
            LockError::File { .. } => anyhow::Error::from(error).context(
                "the database can't be written: a SQLite file and its folder have to belong to the server",
            ),
        })?;
        return Ok(NodeLock {
            file: Some(file),
            // Nodes listed in the file's tables are gone.
            before: None,
        });
    }
    if config.data_dir.as_os_str().is_empty() {
        return Ok(NodeLock::default());
    }
    match LockFile::lock(&config.data_dir.join(LOCK_FILE)) {
        Ok((file, before)) => Ok(NodeLock {
            file: Some(file),
            before,
        }),
        Err(error @ LockError::Taken(_)) => {
            tracing::info!(%error, "this node shares its data directory");
            Ok(NodeLock::default())
        }
        Err(error) => {
            tracing::info!(%error, "this node has no file of its own: after a restart its runs wait until it is found dead");
            Ok(NodeLock::default())
        }
    }
}

/// The row that describes this process to the other nodes.
pub(super) fn row(
    settings: StoreSettings,
    config: &Config,
    address: SocketAddr,
    signing_key_id: String,
) -> Result<NewNode> {
    Ok(NewNode {
        id: new_id(),
        name: name(config, address),
        release: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: Utc::now(),
        application_name: settings.application_name,
        places: config.runs.max_concurrent.try_into().unwrap_or(i64::MAX),
        signing_key_id,
        config_digest: digest(config)?,
    })
}

/// Registers this process as a node and removes the one that died before with the same lock file.
pub(super) async fn enter(store: &Store, row: &NewNode, lock: NodeLock) -> Result<OwnNode> {
    let (new, before) = (row.clone(), lock.before);
    let entering = store.write(move |db: &mut Db| nodes::enter(db, &new, before));
    entering
        .await
        .context("this process can't be put among the nodes")?;
    Ok(OwnNode::new(row.id, lock.file))
}

/// The name of the node as shown to people: configured, or made of the host and the port on which it
/// listens.
fn name(config: &Config, address: SocketAddr) -> String {
    if !config.fleet.name.is_empty() {
        return config.fleet.name.clone();
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if host.is_empty() { "localhost" } else { host };
    format!("{host}:{}", address.port())
}

/// Hash of the settings that must be equal on all nodes, as otherwise the treatment of a run would
/// depend on the node.
fn digest(config: &Config) -> Result<String> {
    let alike = (
        &config.limits,
        &config.retention,
        &config.runs,
        &config.budgets,
        &config.metrics,
        &config.neural.enabled,
        &config.injection,
        &config.judges,
        &config.prices,
        config.fleet.bus.name(),
    );
    let hash = Sha256::digest(serde_json::to_vec(&alike)?);
    Ok(hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Starts the heartbeat; on SQLite there are no other nodes.
pub(super) fn start_heartbeat(service: &Service, row: NewNode, worked_on: WorkedOn) {
    if !service.store.is_shared() {
        return;
    }
    let registry: Addr<Registry> = service.registry.clone();
    let beat = Beat {
        store: service.store.clone(),
        node: service.node.clone(),
        row,
        dead_after: service.config.fleet.patience(),
        load: Box::new(load(service)),
        probe: registry.clone().recipient(),
        cancel: registry.clone().recipient(),
        disown: registry.clone().recipient(),
        left_behind: registry.clone().recipient(),
        worked_on,
        bus: Arc::clone(&service.bus),
        look_around: registry.recipient(),
        metrics: Arc::clone(&service.metrics),
    };
    actix_web::rt::spawn(beat.run());
}

fn load(service: &Service) -> impl Fn() -> Load + Send + Sync + use<> {
    let (bus, node) = (Arc::clone(&service.bus), service.node.clone());
    let draining = Arc::clone(&service.draining);
    let live_counts: LiveCounts = service.live_counts.clone();
    move || {
        let count = |of: usize| of.try_into().unwrap_or(i64::MAX);
        let (runs, queued) = (live_counts.runs.count(), live_counts.queued.count());
        Load {
            at_work: count(runs.saturating_sub(queued)),
            connections: count(live_counts.connections.count()),
            draining: draining.load(std::sync::atomic::Ordering::Relaxed),
            bus_deaf: !node.is_alone() && bus.is_deaf(),
        }
    }
}

/// Releases this node's runs so that other nodes resume them at once; its own writes are rejected
/// from now on. On SQLite the next start resumes the runs.
pub(super) async fn leave(service: &Service) {
    if !service.store.is_shared() {
        return;
    }
    let node = service.node.id();
    let leaving = service.store.write(move |db| nodes::leave(db, node));
    match tokio::time::timeout(HAND_OVER_WITHIN, leaving).await {
        Ok(Ok(runs)) => {
            tracing::info!(runs, "the runs of this node are given back");
            service.bus.tell(Signal::Due);
            service.metrics.released.inc_by(runs as u64);
            // Ends the runs here, so that no judge is called for them any more.
            service.registry.do_send(Disown);
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "the runs of this node wait until it is found dead")
        }
        Err(_) => tracing::warn!("the runs of this node wait until it is found dead"),
    }
}
