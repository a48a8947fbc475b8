//! `/metrics` for Prometheus, on a separate listener: metrics are for the operator, not for
//! clients.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};

use crate::telemetry::metrics::Metrics;

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Binds the listener. Also returns its address, since port 0 selects a free port.
///
/// # Errors
/// Fails if the address cannot be bound.
pub(crate) fn listen(
    bind: SocketAddr,
    metrics: Arc<Metrics>,
) -> std::io::Result<(Server, SocketAddr)> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&metrics)))
            .route("/metrics", web::get().to(scrape))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .bind(bind)?;
    let address = server.addrs().first().copied().unwrap_or(bind);
    Ok((server.run(), address))
}

async fn scrape(metrics: web::Data<Metrics>) -> HttpResponse {
    match metrics.text() {
        Ok(text) => HttpResponse::Ok().content_type(TEXT_FORMAT).body(text),
        Err(error) => {
            tracing::error!(%error, "the figures can't be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
