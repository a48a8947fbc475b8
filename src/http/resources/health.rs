//! Handlers of `/healthz` and `/readyz`, for process managers and load balancers.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::protocol::error::Refusal;
use crate::service::Service;

/// What the process holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`: the process answers.
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
    /// Open sockets and event streams.
    connections: usize,
    /// Sessions in memory.
    rooms: usize,
    /// Live runs.
    runs: usize,
    /// Changes on their way to the end, whoever asked for them.
    tasks: usize,
}

/// The process lives.
#[utoipa::path(tag = "health", responses((status = 200, description = "It does", body = Health)))]
#[get("/healthz")]
pub(super) async fn healthz(service: web::Data<Service>) -> HttpResponse {
    let live_counts = &service.live_counts;
    HttpResponse::Ok().json(Health {
        status: "ok",
        connections: live_counts.connections.count(),
        rooms: live_counts.rooms.count(),
        runs: live_counts.runs.count(),
        tasks: live_counts.tasks.count(),
    })
}

/// Whether requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready`.
    #[schema(value_type = String, example = "ready")]
    status: &'static str,
    /// How it hears of other nodes: `alone` (there are none), `heard`, or `deaf` (it looks for news more often).
    #[schema(value_type = String, example = "alone")]
    bus: &'static str,
}

/// The process can serve: the database answers and has what this release needs, the other nodes know that it works,
/// its clock is right, and it is not shutting down.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "It can", body = Readiness),
    (status = 503, description = "`draining` or `overloaded`; `detail` says why"),
))]
#[get("/readyz")]
pub(super) async fn readyz(service: web::Data<Service>) -> Result<HttpResponse, Refusal> {
    let hearing = service.ready().await?;
    Ok(HttpResponse::Ok().json(Readiness {
        status: "ready",
        bus: hearing.name(),
    }))
}
