//! Handlers of `/healthz` and `/readyz`, for process managers and load balancers.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::protocol::error::Refusal;
use crate::service::Service;

/// The state of the process.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`; a process that does not work does not answer.
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
    /// The number of open sockets and event streams.
    connections: usize,
    /// The number of sessions in memory.
    rooms: usize,
    /// The number of runs that have not ended.
    runs: usize,
    /// The number of changes in progress; they are completed even if the client is gone.
    tasks: usize,
}

/// Tells that the process is alive.
#[utoipa::path(tag = "health", responses((status = 200, description = "The process is alive", body = Health)))]
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

/// Tells if requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready`; otherwise the answer is an error.
    #[schema(value_type = String, example = "ready")]
    status: &'static str,
    /// The state of the connection to other nodes: `alone` if there are none, `heard`, or `deaf` if their signals do
    /// not arrive, so that the database is queried more often.
    #[schema(value_type = String, example = "alone")]
    bus: &'static str,
}

/// Tells if the process can serve requests.
///
/// It can if the database answers and has the tables of this release, the other nodes know that this one is alive, its
/// clock is right, and it is not shutting down.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Requests can be served", body = Readiness),
    (status = 503, description = "`draining` or `overloaded`; `detail` has the reason"),
))]
#[get("/readyz")]
pub(super) async fn readyz(service: web::Data<Service>) -> Result<HttpResponse, Refusal> {
    let hearing = service.ready().await?;
    Ok(HttpResponse::Ok().json(Readiness {
        status: "ready",
        bus: hearing.name(),
    }))
}
