//! `/evaluations`.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

use crate::domain::run::Status;
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{
    Cancelling, CreateEvaluation, EvaluationView, EventsPage, EventsQuery, ListQuery, ListView,
    StartEvaluation, Started,
};
use crate::service::Service;

use super::BASE;
use super::auth::User;
use super::body::{EvaluationId, Json, OptionalJson, Query};

/// Makes an evaluation.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), request_body = CreateEvaluation,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "The same key with the same body within 24 hours makes no second evaluation",
        min_length = 1, max_length = 255)),
    responses(
        (status = 201, description = "The evaluation", body = EvaluationView,
            headers(("Location" = String, description = "Where it can be read"))),
        (status = 409, description = "`evaluation_in_progress`"),
    ))]
#[post("/evaluations")]
pub(super) async fn create(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<CreateEvaluation>,
) -> Result<HttpResponse, Refusal> {
    let key = match request
        .headers()
        .get("Idempotency-Key")
        .map(|value| value.to_str())
    {
        None => None,
        Some(Ok(key)) => Some(key.to_owned()),
        Some(Err(_)) => {
            let fault = FieldError::new("/Idempotency-Key", "must be visible ASCII");
            return Err(Refusal::invalid(vec![fault]));
        }
    };
    let evaluation = service.create_evaluation(user.user.id, body, key).await?;
    let location = format!("{BASE}/evaluations/{}", evaluation.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(evaluation))
}

/// The user's evaluations, a page at a time.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), params(ListQuery), responses(
    (status = 200, description = "A page", body = ListView),
))]
#[get("/evaluations")]
pub(super) async fn list(
    user: User,
    service: web::Data<Service>,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.list_evaluations(user.user.id, query).await?))
}

/// One evaluation, with the end of its log as of the same moment.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The evaluation")), responses(
    (status = 200, description = "The evaluation", body = EvaluationView),
))]
#[get("/evaluations/{id}")]
pub(super) async fn read(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.evaluation(user.user.id, id).await?))
}

/// Deletes an evaluation with its log; a live run is cancelled first.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The evaluation")), responses(
    (status = 204, description = "Deleted"),
))]
#[delete("/evaluations/{id}")]
pub(super) async fn remove(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    service.delete_evaluation(&user, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Starts a run.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), request_body = Option<StartEvaluation>,
    params(("id" = uuid::Uuid, Path, description = "The evaluation")), responses(
    (status = 202, description = "Started, now or by the same `client_request_id` before", body = Started),
    (status = 409, description = "`evaluation_in_progress`, with the live run's `run_id`"),
))]
#[post("/evaluations/{id}/start")]
pub(super) async fn start(
    user: User,
    service: web::Data<Service>,
    EvaluationId(session_id): EvaluationId,
    OptionalJson(body): OptionalJson<StartEvaluation>,
) -> Result<HttpResponse, Refusal> {
    let run_id = service
        .start_evaluation(user.user.id, session_id, body.client_request_id)
        .await?;
    let status = Status::InProgress;
    Ok(HttpResponse::Accepted().json(Started {
        session_id,
        run_id,
        status,
        websocket_url: "/ws",
    }))
}

/// Ends the live run; its last event follows.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The evaluation")), responses(
    (status = 202, description = "On its way", body = Cancelling),
    (status = 409, description = "`not_running`"),
))]
#[post("/evaluations/{id}/cancel")]
pub(super) async fn cancel(
    user: User,
    service: web::Data<Service>,
    EvaluationId(session_id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    let run_id = service.cancel_evaluation(user.user.id, session_id).await?;
    Ok(HttpResponse::Accepted().json(Cancelling { session_id, run_id }))
}

/// A page of an evaluation's log, in the bytes that the socket sends.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The evaluation"), EventsQuery), responses(
    (status = 200, description = "A page", body = EventsPage),
    (status = 406, description = "Only JSON can be had"),
))]
#[get("/evaluations/{id}/events")]
pub(super) async fn events(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Query(query): Query<EventsQuery>,
) -> Result<HttpResponse, Refusal> {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.trim().eq_ignore_ascii_case("text/event-stream")) {
        let mut refusal = Refusal::new(
            ErrorCode::BadRequest,
            "this server streams events over /ws only",
        );
        refusal.status = Some(406);
        return Err(refusal);
    }
    Ok(HttpResponse::Ok().json(service.events(user.user.id, id, query).await?))
}
