//! The composition root: makes every part from the configuration, and takes it apart in order.

mod figures;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::Actor;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::{Context, Result, anyhow};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::actors::census::Census;
use crate::actors::messages::{Drain, Launch};
use crate::actors::registry::{Registry, RegistrySettings};
use crate::actors::room::RoomSettings;
use crate::actors::run::Facilities;
use crate::config::{Config, JudgeSettings, Telemetry};
use crate::http::openapi::Document;
use crate::http::request_id::request_id;
use crate::http::{self, page, scrape};
use crate::judges::table::JudgeTable;
use crate::judges::{Judge, llm, offline};
use crate::service::Service;
use crate::service::limits::Limits;
use crate::service::passwords::Passwords;
use crate::service::tokens::TokenKeys;
use crate::store::{self, Store, StoreSettings};
use crate::telemetry::meters::Meters;
use crate::ws::{socket, upgrade};

/// How long a lagging member may take nothing before it is cut.
const STALL: Duration = Duration::from_secs(10);

/// How much of a long source the judges see when retrieval is on, in characters.
const RETRIEVAL_CHARS: usize = 12_000;

/// How long requests in flight may take after the drain.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// How often forgotten keys of rate limits and ended logins are swept out.
const SWEEP: Duration = Duration::from_secs(60);

/// Makes everything but the HTTP server: enough for an audit in the process itself.
///
/// # Errors
/// The database, the keys or a judge can't be had.
pub async fn assemble(config: Arc<Config>) -> Result<web::Data<Service>> {
    let settings = StoreSettings {
        url: config.database_url(),
        pool_size: config.database.pool_size,
    };
    let store = tokio::task::spawn_blocking(move || Store::open(&settings))
        .await?
        .context("the database can't be opened")?;
    let meters = Arc::new(Meters::new()?);
    let store = store.metered(Arc::clone(&meters));
    let tokens = token_keys(&config)?;
    let passwords = tokio::task::spawn_blocking(Passwords::new)
        .await?
        .map_err(|error| anyhow!(error))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = Arc::new(Semaphore::new(cores));
    let judges = judge_table(&config, &cores)?;
    let census = Census::default();
    let max_concurrent = config.runs.max_concurrent;
    let slots = if max_concurrent == 0 {
        Semaphore::MAX_PERMITS
    } else {
        max_concurrent
    };
    let facilities = Facilities {
        store: store.clone(),
        journal: store.journal(),
        judges: judges.clone(),
        slots: Arc::new(Semaphore::new(slots)),
        cores,
        metrics: config.metrics,
        retrieval_chars: RETRIEVAL_CHARS,
        census: census.clone(),
        meters: Arc::clone(&meters),
    };
    let draining = Arc::new(AtomicBool::new(false));
    figures::attach(&meters, &judges, &facilities, &draining)?;
    let registry = RegistrySettings {
        connections_per_user: config.limits.connections_per_user as usize,
        room: RoomSettings {
            replay_events: i64::from(config.limits.replay_events),
            stall: STALL,
        },
    };
    let service = web::Data::new(Service {
        registry: Registry::new(registry, facilities).start(),
        limits: Limits::new(&config.limits, &meters),
        draining,
        config,
        store,
        judges,
        tokens,
        passwords,
        census,
        meters,
    });
    Ok(service)
}

fn token_keys(config: &Config) -> Result<TokenKeys> {
    let auth = &config.auth;
    let (issuer, audience, ttl) = (&auth.issuer, &auth.audience, auth.access_ttl());
    match config.signing_key_file() {
        Some(path) => {
            let pem = std::fs::read_to_string(path)
                .with_context(|| format!("the signing key {} can't be read", path.display()))?;
            TokenKeys::eddsa(&pem, issuer, audience, ttl)
                .map_err(|error| anyhow!("{} is no Ed25519 private key: {error}", path.display()))
        }
        None => {
            let secret = config
                .signing_secret()
                .context("the token secret can't be had")?;
            Ok(TokenKeys::hs256(&secret, issuer, audience, ttl))
        }
    }
}

fn judge_table(config: &Config, cores: &Arc<Semaphore>) -> Result<JudgeTable> {
    let client = llm::client().context("no HTTP client for the judges")?;
    let judges: Option<Vec<Arc<dyn Judge>>> = config
        .judges
        .iter()
        .map(|judge| {
            if judge.kind.is_offline() {
                offline::build(
                    judge.kind.as_str(),
                    &judge.name,
                    judge.weight,
                    Arc::clone(cores),
                )
            } else {
                Some(llm::openai(llm_settings(judge), client.clone()))
            }
        })
        .collect();
    judges
        .map(JudgeTable::new)
        .context("a judge's kind is not known")
}

fn llm_settings(judge: &JudgeSettings) -> llm::Settings {
    llm::Settings {
        name: judge.name.clone(),
        base_url: judge.base_url.clone(),
        model: judge.model.clone(),
        api_key: judge.api_key.clone(),
        timeout: judge.timeout(),
        max_attempts: judge.max_attempts,
        max_concurrency: judge.max_concurrency,
        weight: judge.weight,
        max_tokens: judge.max_tokens,
    }
}

/// A server that listens.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    service: web::Data<Service>,
    handle: ServerHandle,
    scraped: Option<ServerHandle>,
    server: actix_web::dev::Server,
}

/// Opens everything and listens; runs that were live when the process last ended go on.
///
/// # Errors
/// A part can't be had, or the address is taken.
pub async fn start(config: Arc<Config>) -> Result<Running> {
    let service = assemble(Arc::clone(&config)).await?;
    let scraped = scraped(&service)?;
    let data = service.clone();
    let document = Document::collect();
    let mut server = HttpServer::new(move || {
        let docs = SwaggerUi::new("/docs/{_:.*}")
            .url("/api/v1/openapi.json", document.clone().into_inner());
        App::new()
            .wrap(from_fn(request_id))
            .app_data(data.clone())
            .app_data(web::Data::new(document.clone()))
            // Before the resources: their scope would take the document's address for its own.
            .service(docs)
            .route("/docs", web::get().to(http::docs))
            .route("/ws", web::get().to(upgrade::upgrade))
            .into_utoipa_app()
            .configure(http::resources)
            .into_app()
            .default_service(web::to(page::fallback))
    })
    .on_connect(socket::prepare)
    .disable_signals()
    .shutdown_timeout(LAST_REQUESTS.as_secs());
    if config.server.workers > 0 {
        server = server.workers(config.server.workers);
    }
    let bind = config.server.bind;
    let server = server
        .bind(bind)
        .with_context(|| format!("can't listen on {bind}"))?;
    let address = server
        .addrs()
        .first()
        .copied()
        .context("no address to listen on")?;
    let server = server.run();
    recover(&service).await?;
    actix_web::rt::spawn(sweep(service.clone()));
    Ok(Running {
        address,
        service,
        handle: server.handle(),
        scraped,
        server,
    })
}

/// Serves the figures, where they are wanted.
fn scraped(service: &web::Data<Service>) -> Result<Option<ServerHandle>> {
    let meters = Arc::clone(&service.meters);
    let Some(bind) = service.config.telemetry.prometheus_bind else {
        return Ok(None);
    };
    let (server, address) = match scrape::listen(bind, meters) {
        Ok(listening) => listening,
        // Nobody asked for this one in particular: another server of this machine may have it.
        Err(error)
            if error.kind() == ErrorKind::AddrInUse
                && Some(bind) == Telemetry::default().prometheus_bind =>
        {
            tracing::warn!("{bind} is taken: no /metrics (set telemetry.prometheus_bind)");
            return Ok(None);
        }
        Err(error) => {
            let hint = "telemetry.prometheus_bind; \"\" switches it off";
            return Err(error).with_context(|| format!("can't serve /metrics on {bind} ({hint})"));
        }
    };
    tracing::info!("figures for Prometheus are at http://{address}/metrics");
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(Some(handle))
}

/// Takes up the runs that were live when the process last ended.
async fn recover(service: &Service) -> Result<()> {
    let live = service
        .store
        .read(store::runs::live)
        .await
        .context("live runs can't be read")?;
    if !live.is_empty() {
        tracing::info!(runs = live.len(), "taking up the runs that were live");
    }
    for (session, run, owner) in live {
        service.registry.do_send(Launch {
            session,
            owner,
            run,
        });
    }
    Ok(())
}

async fn sweep(service: web::Data<Service>) {
    let mut every = tokio::time::interval(SWEEP);
    loop {
        every.tick().await;
        service.limits.sweep();
        let now = chrono::Utc::now();
        if let Err(error) = service
            .store
            .write(move |db| store::tokens::purge_expired(db, now))
            .await
        {
            tracing::warn!(%error, "ended logins can't be swept out");
        }
    }
}

impl Running {
    /// Serves until `stop` says so, then drains: no new sockets, every client told when to come back,
    /// live runs left as they are stored. A second word cuts the drain short.
    ///
    /// # Errors
    /// The server broke.
    pub async fn until(self, mut stop: mpsc::Receiver<()>) -> Result<()> {
        let Self {
            service,
            handle,
            scraped,
            server,
            ..
        } = self;
        let mut serving = actix_web::rt::spawn(server);
        tokio::select! {
            _ = stop.recv() => {}
            broken = &mut serving => return broken?.context("the server broke"),
        }
        tracing::info!("stopping: no new sockets, clients are sent away");
        service.draining.store(true, Ordering::Relaxed);
        tokio::select! {
            () = drained(&service) => {}
            _ = stop.recv() => {
                tracing::info!("stopping at once");
                service.registry.do_send(Drain { window: Duration::ZERO });
            }
        }
        handle.stop(true).await;
        if let Some(scraped) = scraped {
            scraped.stop(false).await;
        }
        serving.await?.context("the server broke")
    }
}

/// Ends when every connection is gone, at the end of the window at the latest.
async fn drained(service: &Service) {
    const LOOK: Duration = Duration::from_millis(20);
    let window = service.config.server.drain();
    service.registry.do_send(Drain { window });
    let end = Instant::now() + window;
    while service.census.connections.count() > 0 && Instant::now() < end {
        tokio::time::sleep(LOOK).await;
    }
}
