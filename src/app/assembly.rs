//! Creates all components from the configuration.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix::Actor;
use actix_web::web;
use anyhow::{Context, Result, anyhow};
use chrono::TimeDelta;
use tokio::sync::{Notify, Semaphore};

use crate::actors::fleet::hearing::pass_on;
use crate::actors::fleet::left_behind::WorkedOn;
use crate::actors::fleet::placement::Placement;
use crate::actors::fleet::presence::Presence;
use crate::actors::live_counts::LiveCounts;
use crate::actors::registry::threads::RoomThreads;
use crate::actors::registry::{Registry, RegistrySettings};
use crate::actors::room::RoomSettings;
use crate::actors::run::{Facilities, LongTexts};
use crate::audit::guard::Guard;
use crate::computing::{Cores, FairSemaphore, Turns, processors};
use crate::config::{self, Config};
use crate::judges::budget::Ledger;
use crate::judges::injection::AllowedPhrases;
use crate::judges::llm;
use crate::service::Service;
use crate::service::archive::{ARCHIVES, ARCHIVES_AT_ONCE};
use crate::service::collections::DOCUMENTS;
use crate::service::drafts::Drafts;
use crate::service::export::EXPORTS;
use crate::service::key_rates::KeyRates;
use crate::service::keyring::Keyring;
use crate::service::limits::{Limits, SharedRates};
use crate::service::passwords::Passwords;
use crate::service::record::Recorder;
use crate::service::statistics::STATISTICS_AT_ONCE;
use crate::store::fleet::tail::Tail;
use crate::store::{Store, StoreSettings};
use crate::telemetry::metrics::Metrics;

use super::database_counters::DatabaseCounters;
use super::judges::{budgets, encoder, judge_table};
use super::node::NodeLock;
use super::{calibration, hearing, metrics, node};

/// Maximum length of the retrieved part of a long source, in characters.
const RETRIEVAL_CHARS: usize = 12_000;

/// Maximum number of room threads.
const ROOM_THREADS: usize = 8;

/// Maximum number of documents being read and reports being made at the same time, together. Each
/// takes tens of megabytes (`cli/read_document.rs`, `export/pdf`); each user has one at a time.
const HEAVY_AT_ONCE: usize = 2;

/// Creates everything but the HTTP server, which is enough for an audit within this process.
///
/// # Errors
/// The database, the signing keys or a judge cannot be set up.
pub(crate) async fn assemble(config: Arc<Config>) -> Result<web::Data<Service>> {
    let address = config.server.bind;
    assemble_at(config, address).await
}

/// Like [`assemble`], for a process that listens on this address.
pub(super) async fn assemble_at(
    config: Arc<Config>,
    address: SocketAddr,
) -> Result<web::Data<Service>> {
    let settings = StoreSettings {
        url: config.database_url(),
        direct_url: config.database.direct_url.clone(),
        pool_size: config.database.pool_size,
        application_name: node::application_name(),
    };
    let (store, lock) = open_store(&settings, &config).await?;
    let metrics = Arc::new(Metrics::new()?);
    let store = store.metered(Arc::clone(&metrics));
    let tokens = Keyring::open(&config)
        .map_err(|error| anyhow!("the keys of access tokens can't be had: {error}"))?;
    let cores = Cores::new(processors());
    let counters = llm::SharedCounters::default();
    let judges = judge_table(&config, &cores, &counters)?;
    let live_counts = LiveCounts::default();
    let slots = match config.runs.max_concurrent {
        0 => Semaphore::MAX_PERMITS,
        limit => limit,
    };
    let slots = Arc::new(Semaphore::new(slots));
    let allowed_phrases = Arc::new(AllowedPhrases::new(&config.injection.allowed_phrases));
    let journal = store.journal();
    let (bus, heard) = hearing::bus(&config, &settings, &metrics)?;
    let row = node::row(settings, &config, address, tokens.signing_key_id())?;
    let own_node = node::enter(&store, &row, lock).await?;
    let worked_on = WorkedOn::default();
    if store.is_shared() {
        counters.set(DatabaseCounters::new(store.clone(), own_node.clone()));
    }
    let presence = Presence::start(&store, &own_node);
    let shared_rates = store.is_shared().then(|| SharedRates {
        store: store.clone(),
        node: own_node.clone(),
    });
    let placement = Placement::new(own_node.clone(), Arc::clone(&slots));
    let guard = Guard {
        judges: judges.clone(),
        figures: config.metrics,
        calibration: calibration::configured(&config)?.map(Arc::new),
        cores: cores.clone(),
        encoder: encoder(&config),
        allowed_phrases: Arc::clone(&allowed_phrases),
    };
    let ledger = Ledger::new(budgets(&config));
    let facilities = Facilities {
        store: store.clone(),
        journal: journal.clone(),
        tail: store.is_shared().then(|| Tail::start(store.clone())),
        bus: Arc::clone(&bus),
        node: own_node.clone(),
        worked_on: worked_on.clone(),
        presence: presence.clone(),
        judges: judges.clone(),
        slots,
        placement: placement.clone(),
        long_texts: LongTexts::new(config.runs.max_concurrent_long),
        cores: cores.clone(),
        ledger: ledger.clone(),
        new_user_for: TimeDelta::days(i64::from(config.budgets.new_user_days)),
        figures: config.metrics,
        calibration: guard.calibration.clone(),
        encoder: guard.encoder.clone(),
        allowed_phrases: Arc::clone(&allowed_phrases),
        retrieval_chars: RETRIEVAL_CHARS,
        live_counts: live_counts.clone(),
        metrics: Arc::clone(&metrics),
    };
    let room_threads = RoomThreads::start(room_thread_count(&config.server))
        .context("the threads of the rooms can't be started")?;
    let draining = Arc::new(AtomicBool::new(false));
    let encoder = guard.encoder.clone();
    let heavy = FairSemaphore::new(HEAVY_AT_ONCE, 1);
    metrics::attach(&metrics, &judges, &facilities, &draining)?;
    let registry = RegistrySettings {
        connections_per_user: config.limits.connections_per_user as usize,
        room: RoomSettings {
            replay_events: i64::from(config.limits.replay_events),
        },
        threads: room_threads.clone(),
    };
    let service = web::Data::new(Service {
        node: own_node,
        bus,
        presence,
        placement,
        registry: Registry::new(registry, facilities).start(),
        limits: Limits::new(&config.limits, &metrics, shared_rates.as_ref()),
        key_rates: KeyRates::default(),
        room_threads,
        record: Recorder::start(store.clone()),
        upkeep: Notify::new(),
        draining,
        documents: Turns::new(&heavy, DOCUMENTS),
        cores,
        exports: Turns::new(&heavy, EXPORTS),
        archives: Turns::new(&FairSemaphore::new(ARCHIVES_AT_ONCE, 1), ARCHIVES),
        statistics: Semaphore::new(STATISTICS_AT_ONCE),
        retrieval_chars: RETRIEVAL_CHARS,
        encoder,
        allowed_phrases,
        budgets: budgets(&config),
        guard,
        drafts: Drafts::default(),
        ledger,
        config,
        store,
        journal,
        judges,
        tokens,
        passwords: Passwords::new(),
        live_counts,
        metrics,
    });
    actix_web::rt::spawn(pass_on(heard, service.registry.clone().recipient()));
    node::start_heartbeat(&service, row, worked_on);
    Ok(service)
}

/// Locks this process's file and opens the database. The lock comes first: a second process must not
/// migrate the tables under a running one, only to be refused afterwards.
async fn open_store(settings: &StoreSettings, config: &Arc<Config>) -> Result<(Store, NodeLock)> {
    let (settings, config) = (settings.clone(), Arc::clone(config));
    let opening = tokio::task::spawn_blocking(move || {
        let lock = node::take_lock(&settings, &config)?;
        let store = Store::open(&settings).context("the database can't be opened")?;
        anyhow::Ok((store, lock))
    });
    opening.await?
}

/// Returns the number of threads for rooms: that of HTTP workers, up to the number beyond which the
/// single writer of the event log is the bottleneck.
fn room_thread_count(server: &config::Server) -> usize {
    let workers = match server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    workers.min(ROOM_THREADS)
}
