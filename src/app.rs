//! The composition root: serves what `assembly` has made of the configuration, and shuts it down in
//! order.

mod accounts;
mod assembly;
pub(crate) mod calibration;
mod database_counters;
mod hearing;
mod judges;
mod metrics;
mod node;
mod panel;
mod trial;
mod upkeep;
mod warm_up;
mod watchdog;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::{Context, Result, anyhow};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::actors::messages::{Drain, Recover};
use crate::config::{self, Config, Telemetry};
use crate::http::MCP;
use crate::http::edge::bodies::Bodies;
use crate::http::edge::chunked_body::{self, in_chunks};
use crate::http::edge::compress::compressed;
use crate::http::edge::defaults::with_defaults;
use crate::http::edge::framing::framed;
use crate::http::edge::hosts::known_host;
use crate::http::edge::request_id::request_id;
use crate::http::edge::wanted::while_wanted;
use crate::http::edge::{cors, origin};
use crate::http::page::{self, Page};
use crate::http::reference::asyncapi;
use crate::http::reference::html::{self as reference, Reference};
use crate::http::reference::openapi::Document;
use crate::http::reference::parameters::known_parameters;
use crate::http::resources::{self, scrape};
use crate::mcp::http as mcp;
use crate::service::Service;
use crate::service::record::event;
use crate::socket::{KEEP_ALIVE, Sockets};
use crate::store::journal::Journal;
use crate::store::security::{Kind, SecurityEvent};
use crate::ws::upgrade;

use assembly::assemble_at;

pub(crate) use assembly::assemble;
pub(crate) use judges::Offer;
pub(crate) use panel::{calibrated_panel, guard, panel};
pub(crate) use trial::{Tried, try_judges};
pub(crate) use watchdog::Watchdog;

/// Time limit for requests in flight after the drain.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// Time limit for the current step of each run after the last request.
const LAST_STEPS: Duration = Duration::from_millis(500);

/// Time that a shutdown may take in addition to its drain and last requests.
const STOP_SLACK: Duration = Duration::from_secs(5);

/// The longest time that a shutdown takes.
pub(crate) fn longest_stop(config: &Config) -> Duration {
    config.server.drain() + LAST_REQUESTS + STOP_SLACK
}

/// Maximum number of connections that wait until they are accepted.
const BACKLOG: i32 = 1024;

pub(crate) struct Running {
    pub address: SocketAddr,
    journal: Journal,
    service: web::Data<Service>,
    handle: ServerHandle,
    metrics_server: Option<ServerHandle>,
    server: actix_web::dev::Server,
}

/// Opens all components and listens. Runs that were live when the process last ended are resumed.
///
/// # Errors
/// A component cannot be set up, or the address is in use.
pub(crate) async fn start(config: Arc<Config>) -> Result<Running> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let bind = config.server.bind;
    let no_address = || format!("can't listen on {bind}");
    let (socket, address) = reserve(bind).with_context(no_address)?;
    let service = assemble_at(Arc::clone(&config), address).await?;
    let metrics_server = serve_metrics(&service)?;
    let data = service.clone();
    let document = web::Data::new(Document::collect());
    let bodies = web::Data::new(Bodies::new(&config.limits, &service.metrics));
    let reference = web::Data::new(Reference::of(document.clone()));
    let page = web::Data::new(Page::load());
    let sockets = Sockets::new(service.metrics.evictions.clone());
    let accepted = sockets.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            // From the innermost outwards: errors get their format outside the checks that reject
            // requests, and their headers outside that.
            .wrap(from_fn(while_wanted))
            .wrap(from_fn(known_parameters))
            .wrap(from_fn(known_host))
            .wrap(from_fn(cors::preflight))
            .wrap(from_fn(compressed))
            .wrap(from_fn(framed))
            .wrap(from_fn(request_id))
            .wrap(from_fn(with_defaults))
            .wrap(from_fn(cors::readable))
            .wrap(from_fn(in_chunks))
            .app_data(data.clone())
            .app_data(document.clone())
            .app_data(page.clone())
            .app_data(reference.clone())
            .app_data(bodies.clone())
            // Before the resources, whose scope would also match these paths.
            .route("/api/v1/openapi.json", web::get().to(reference::document))
            .route(&asyncapi::path(), web::get().to(asyncapi::document))
            .route("/docs", web::get().to(reference::moved))
            .route("/docs/", web::get().to(reference::reference))
            .route("/docs/reference.css", web::get().to(reference::style))
            .route("/ws", web::get().to(upgrade::upgrade))
            .route(MCP, web::post().to(mcp::answer))
            .route(MCP, web::to(mcp::other_method))
            .route(page::SHARED, page::for_people())
            .route(page::SHARED, page::for_scripts())
            .route(page::SHARED, page::for_nobody())
            .configure(resources::routes)
            .default_service(web::to(page::fallback))
    })
    .on_connect(move |io, extensions| accepted.prepare(io, extensions))
    .h1_write_buffer_size(chunked_body::WRITE_BUFFER)
    .keep_alive(KEEP_ALIVE)
    .disable_signals()
    .shutdown_timeout(LAST_REQUESTS.as_secs());
    if config.server.workers > 0 {
        server = server.workers(config.server.workers);
    }
    // From here on clients can connect; until then they are refused, and go elsewhere.
    socket.listen(BACKLOG).with_context(no_address)?;
    let server = server.listen(socket.into()).with_context(no_address)?;
    warn_of_exposure(&config.server);
    let server = server.run();
    service.registry.do_send(Recover);
    actix_web::rt::spawn(upkeep::keep_up(service.clone()));
    actix_web::rt::spawn(upkeep::keep_indexed(service.clone()));
    actix_web::rt::spawn(accounts::close_ended_credentials(service.clone()));
    actix_web::rt::spawn(accounts::finish_removals(service.clone()));
    actix_web::rt::spawn(sockets.watch());
    if config.neural.load_at_start {
        actix_web::rt::spawn(warm_up::warm_up(service.guard.clone()));
    }
    Ok(Running {
        address,
        journal: service.journal.clone(),
        service,
        handle: server.handle(),
        metrics_server,
        server,
    })
}

/// Reserves the address without accepting connections yet: with port 0 the system chooses the port,
/// and the name of the node, which the others see as soon as it is assembled, has it.
fn reserve(bind: SocketAddr) -> std::io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(bind), Type::STREAM, Some(Protocol::TCP))?;
    // The port of a process that has just ended can be had at once. The system must not choose such
    // a port, since two that are reserved so at the same time could be given the same one.
    socket.set_reuse_address(bind.port() != 0)?;
    socket.bind(&bind.into())?;
    // Connections of a chosen port are such ones, too, when this process has ended: it may be named
    // to the next one.
    socket.set_reuse_address(true)?;
    let address = socket.local_addr()?.as_socket();
    let no_address = || std::io::Error::other("the system names no address");
    Ok((socket, address.ok_or_else(no_address)?))
}

/// Warns if the server can be reached from other machines without a proxy in front, and lists
/// allowed origins that it then ignores.
fn warn_of_exposure(server: &config::Server) {
    let address = server.bind.ip();
    if address.is_loopback() {
        return;
    }
    if server.trusted_proxies.is_empty() {
        tracing::warn!(
            "{address} can be reached by others, without TLS in front: passwords and tokens can be read on \
             the way. Put a proxy with TLS before it and name that in server.trusted_proxies"
        );
    }
    let ignored: Vec<_> = server
        .allowed_origins
        .iter()
        .filter(|origin| origin::is_of_this_machine(origin))
        .map(String::as_str)
        .collect();
    // The defaults contain such origins without anyone having asked for them.
    if server.allowed_origins != config::Server::default().allowed_origins && !ignored.is_empty() {
        tracing::warn!(
            "{} in server.allowed_origins: pages of this machine may not use a server that others can reach",
            ignored.join(", ")
        );
    }
}

/// Serves the Prometheus metrics if they are enabled.
fn serve_metrics(service: &web::Data<Service>) -> Result<Option<ServerHandle>> {
    let metrics = Arc::clone(&service.metrics);
    let Some(bind) = service.config.telemetry.prometheus_bind else {
        return Ok(None);
    };
    let (server, address) = match scrape::listen(bind, metrics) {
        Ok(listening) => listening,
        // The default address was not chosen on purpose; another server on this machine may use it.
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

/// Reloads the signing keys while the server runs.
pub(crate) struct Reload(web::Data<Service>);

impl Reload {
    /// Puts the stored keys into force; after an error the previous ones stay.
    pub(crate) async fn keys(&self) {
        let service = self.0.clone();
        let read = tokio::task::spawn_blocking(move || service.tokens.reload(&service.config));
        match read.await {
            Ok(Ok(named)) => {
                tracing::info!(named, "the signing keys were read again");
                let entry = SecurityEvent {
                    detail: Some(named),
                    ..event(Kind::KeysReloaded, None, None)
                };
                self.0.record.enqueue_surely(entry).await;
            }
            Ok(Err(error)) => tracing::error!(error, "the signing keys stay as they were"),
            Err(error) => tracing::error!(%error, "the signing keys stay as they were"),
        }
    }
}

impl Running {
    pub(crate) fn watchdog(&self) -> Watchdog {
        Watchdog::new(self.service.clone(), self.address)
    }

    /// Creates the handler of the signal to reload the signing keys.
    pub(crate) fn reload(&self) -> Reload {
        Reload(self.service.clone())
    }

    /// Serves until `stop` receives a message, then drains: accepts no new sockets, tells
    /// every client when to reconnect, and leaves live runs as they are stored. A second
    /// message cuts the drain short.
    ///
    /// # Errors
    /// The server or the writer of the event log has failed.
    pub(crate) async fn until(self, mut stop: mpsc::Receiver<()>) -> Result<()> {
        let Self {
            service,
            journal,
            handle,
            metrics_server,
            server,
            ..
        } = self;
        let mut serving = actix_web::rt::spawn(server);
        tokio::select! {
            _ = stop.recv() => {}
            broken = &mut serving => return broken?.context("the server broke"),
            () = journal.broken() => {
                return Err(anyhow!("the writer of the event log has ended, so that nothing can be stored: start the server again, and every run goes on"));
            }
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
        node::leave(&service).await;
        handle.stop(true).await;
        if let Some(metrics_server) = metrics_server {
            metrics_server.stop(false).await;
        }
        // With a time limit, because the database may be unavailable.
        let _ = tokio::time::timeout(LAST_REQUESTS, service.record.flush()).await;
        let served = serving.await?.context("the server broke");
        // Runs stay as they are stored, and write nothing from now on.
        let stopped = tokio::time::timeout(LAST_STEPS, service.room_threads.stop());
        if stopped.await.is_err() {
            tracing::warn!("a thread of the rooms does not end");
        }
        // Closed last: afterwards the main file alone holds the whole database.
        match tokio::time::timeout(LAST_REQUESTS, service.store.close()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => {
                tracing::warn!("the database's log stays beside its file: somebody reads it")
            }
            Ok(Err(error)) => tracing::warn!(%error, "the database's log stays beside its file"),
            Err(_) => tracing::warn!("the database's log stays beside its file: no end in time"),
        }
        served
    }
}

/// Waits until every connection is closed, at most until the end of the window.
async fn drained(service: &Service) {
    const CHECK_INTERVAL: Duration = Duration::from_millis(20);
    let window = service.config.server.drain();
    service.registry.do_send(Drain { window });
    let end = Instant::now() + window;
    while service.live_counts.connections.count() > 0 && Instant::now() < end {
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}

#[cfg(test)]
#[path = "tests/app.rs"]
mod tests;
