//! Handlers of `/evaluations`.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};

use crate::domain::ids::SessionId;
use crate::domain::run::Status;
use crate::protocol::command::Position;
use crate::protocol::error::{FieldError, Refusal};
use crate::protocol::rest::{
    Annotate, AnnotationsView, Cancelling, ConfigRequest, CreateEvaluation, EvaluationView,
    EventsPage, EventsQuery, ListQuery, ListView, RunsQuery, RunsView, StartEvaluation, Started,
    TagsView,
};
use crate::protocol::sse;
use crate::service::Service;
use crate::socket::SocketHandle;
use crate::sse::{Opening, open};

use crate::http::BASE;
use crate::http::edge::accept::{Form, form};
use crate::http::edge::address::client_address;
use crate::http::edge::auth::User;
use crate::http::edge::body::{EvaluationId, Json, OptionalJson, Query};

use super::binary::Binary;
use super::evaluation_form::Body;

/// A new evaluation as a form. All texts are in UTF-8.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "it is read part by part; the document tells its shape"
)]
pub(crate) struct EvaluationForm {
    /// The text that the output is checked against: up to 50 files. A single file without a file name is a source
    /// without a name.
    #[schema(min_items = 1, max_items = 50)]
    source: Vec<Binary>,
    /// The model's output.
    #[schema(min_length = 1, max_length = 50_000, pattern = r"^[^\u0000]*$")]
    candidate: String,
    /// The question that the output answers.
    #[schema(max_length = 10_000, pattern = r"^[^\u0000]*$")]
    question: Option<String>,
    /// The settings of the evaluation. Settings that are left out are taken from the user's preferences, then from the
    /// server.
    config: Option<ConfigRequest>,
    /// True to start a run at once.
    #[schema(default = false)]
    start: Option<bool>,
}

/// Creates an evaluation of one or several sources, from JSON or from a form.
///
/// Parts of the form with the name `source` are files. The file name becomes the name of the source, and the content
/// is read like that of a document: text, Markdown, HTML or PDF.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    request_body(content((CreateEvaluation = "application/json"), (EvaluationForm = "multipart/form-data"))),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "A repeated request with the same key and the same body within 24 hours does not create a second evaluation",
        min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$")),
    responses(
        (status = 201, description = "The evaluation", body = EvaluationView,
            headers(("Location" = String, description = "The path of the evaluation"))),
        (status = 409, description = "`evaluation_in_progress`; or `limit_exceeded`: the account has reached its storage limit"),
    ))]
#[post("/evaluations")]
pub(super) async fn create(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    body: Body,
) -> Result<HttpResponse, Refusal> {
    let key = match request
        .headers()
        .get("Idempotency-Key")
        .map(|value| std::str::from_utf8(value.as_bytes()))
    {
        None => None,
        Some(Ok(key)) if key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
            Some(key.to_owned())
        }
        Some(_) => {
            let fault = FieldError::new("/Idempotency-Key", "must be visible ASCII");
            return Err(Refusal::invalid(vec![fault]));
        }
    };
    let body = match body {
        Body::Json(body) => *body,
        Body::Form(files) => service.read_sources(user.user.id, *files).await?,
    };
    let evaluation = service.create_evaluation(&user.grant, body, key).await?;
    let location = format!("{BASE}/evaluations/{}", evaluation.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(evaluation))
}

/// Lists the user's evaluations, page by page.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), params(ListQuery), responses(
    (status = 200, description = "A page of the list", body = ListView),
    (status = 429, description = "`rate_limited`, with `Retry-After`: too many searches (`q`)"),
))]
#[get("/evaluations")]
pub(super) async fn list(
    user: User,
    service: web::Data<Service>,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.list_evaluations(user.user.id, query).await?))
}

/// Returns an evaluation, and the last sequence number of its log at the same moment.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
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

/// Changes the name, the tags or the notes of an evaluation.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), request_body = Annotate,
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 200, description = "The name, the tags and the notes after the change", body = AnnotationsView),
    (status = 409, description = "`limit_exceeded`: the account has reached its storage limit"),
))]
#[patch("/evaluations/{id}")]
pub(super) async fn annotate(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Json(body): Json<Annotate>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.annotate(user.user.id, id, body).await?))
}

/// Lists the user's tags with the number of evaluations that have each.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), responses(
    (status = 200, description = "The tags", body = TagsView),
))]
#[get("/tags")]
pub(super) async fn tags(user: User, service: web::Data<Service>) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.tags(user.user.id).await?))
}

/// Lists the runs of an evaluation, page by page.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation"), RunsQuery), responses(
    (status = 200, description = "A page of the runs, the newest first", body = RunsView),
))]
#[get("/evaluations/{id}/runs")]
pub(super) async fn runs(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Query(query): Query<RunsQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.runs(user.user.id, id, query).await?))
}

/// Deletes an evaluation with its log.
///
/// A live run is cancelled first.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 204, description = "It is deleted"),
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

/// Starts a run of an evaluation.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), request_body = Option<StartEvaluation>,
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 202, description = "The run was started, by this request or by an earlier one with the same `client_request_id`", body = Started),
    (status = 409, description = "`evaluation_in_progress`, with the live run's `run_id`; or `limit_exceeded`: the account has reached its storage limit"),
))]
#[post("/evaluations/{id}/start")]
pub(super) async fn start(
    user: User,
    service: web::Data<Service>,
    EvaluationId(session_id): EvaluationId,
    OptionalJson(body): OptionalJson<StartEvaluation>,
) -> Result<HttpResponse, Refusal> {
    let run_id = service
        .start_evaluation(&user.grant, session_id, body.client_request_id)
        .await?;
    let status = Status::InProgress;
    Ok(HttpResponse::Accepted().json(Started {
        session_id,
        run_id,
        status,
        websocket_url: "/ws",
    }))
}

/// Cancels the live run.
///
/// The last event of the run follows.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 202, description = "The run is being cancelled", body = Cancelling),
    (status = 409, description = "`not_running`: there is no live run"),
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

/// Returns the log of an evaluation, as a page or as a stream.
///
/// With `Accept: text/event-stream` it is all of the log after a position, followed by live events. In both forms the
/// events are the same bytes that the socket sends.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation"), EventsQuery,
        ("Last-Event-ID" = Option<String>, Header,
            description = "For a stream: the `id` of the last event that the client has, \
                `<epoch>:<seq>`. It has precedence over `after_seq`; `limit` does not apply to a stream")),
    responses(
        (status = 200, description = "A page, or the stream. The stream begins with an event without an id, \
            `session_joined`, which says at which position the events start", content(
            (EventsPage = "application/json"),
            (String = "text/event-stream"),
        )),
        (status = 406, description = "`Accept` allows neither of the two types"),
        (status = 422, description = "`validation`: `errors` lists each value that is not allowed"),
        (status = 429, description = "`rate_limited`, with `Retry-After`; or `limit_exceeded`: \
            the user has too many connections open"),
    ))]
#[get("/evaluations/{id}/events")]
pub(super) async fn events(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Query(query): Query<EventsQuery>,
) -> Result<HttpResponse, Refusal> {
    if form(&request)? == Form::Stream {
        return stream(user, &request, service.into_inner(), id, &query).await;
    }
    let page = service.events(user.user.id, id, query).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::VARY, "Accept"))
        .json(page))
}

async fn stream(
    user: User,
    request: &HttpRequest,
    service: Arc<Service>,
    session: SessionId,
    query: &EventsQuery,
) -> Result<HttpResponse, Refusal> {
    let faults = query.faults();
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    let last_event_id = request.headers().get("Last-Event-ID");
    let position = match last_event_id.map(|value| value.to_str().unwrap_or("?")) {
        None | Some("") => Position {
            epoch: None,
            last_seq: query.after_seq,
        },
        Some(id) => sse::position(id)?,
    };
    let trusted = &service.config.server.trusted_proxies;
    let address = client_address(request, trusted);
    service.limits.connections.check(&address)?;
    let socket = request.conn_data::<SocketHandle>();
    let socket = socket.ok_or_else(Refusal::internal)?;
    let opening = Opening {
        identity: user.clone(),
        session,
        position,
        force_close: socket.force_close(),
        hung_up: Box::new(socket.hung_up()),
    };
    let lines = open(service, opening).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        // Disables nginx's response buffering, which would delay events until a few kilobytes are
        // complete.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(lines))
}
