//! Handlers of links through which others read an evaluation.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

use crate::domain::ids::ShareId;
use crate::protocol::error::Refusal;
use crate::protocol::rest::{CreateShare, NewShareView, SharedView, SharesView};
use crate::service::Service;

use crate::http::edge::address::client_address;
use crate::http::edge::auth::User;
use crate::http::edge::body::{EvaluationId, OptionalJson};

/// Creates a link to an evaluation that has a result.
///
/// Anyone who has the link can read this evaluation, and nothing else, without a login, until the link expires or is
/// revoked.
#[utoipa::path(tag = "shares", security(("bearer" = [])), request_body = Option<CreateShare>,
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 201, description = "The link; its token is returned only here", body = NewShareView),
    (status = 409, description = "`not_running` or `evaluation_in_progress`: there is no result yet; \
        `limit_exceeded`: the evaluation has the maximum number of links"),
))]
#[post("/evaluations/{id}/shares")]
pub(crate) async fn create_share(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    OptionalJson(body): OptionalJson<CreateShare>,
) -> Result<HttpResponse, Refusal> {
    let share = service.share(user.user.id, id, body).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(share))
}

/// Lists the valid links to an evaluation.
#[utoipa::path(tag = "shares", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 200, description = "The links, without their tokens", body = SharesView),
))]
#[get("/evaluations/{id}/shares")]
pub(crate) async fn list_shares(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.shares(user.user.id, id).await?))
}

/// Revokes a link.
#[utoipa::path(tag = "shares", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation"),
        ("share_id" = uuid::Uuid, Path, description = "The id of the link")), responses(
    (status = 204, description = "The link is revoked"),
))]
#[delete("/evaluations/{id}/shares/{share_id}")]
pub(crate) async fn revoke_share(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    let share = request.match_info().get("share_id");
    let share = share.and_then(|text| text.parse::<ShareId>().ok());
    let share = share.ok_or_else(Refusal::not_found)?;
    service.revoke_share(user.user.id, id, share).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Returns the evaluation that a link leads to.
#[utoipa::path(tag = "shares", params(("token" = String, Path, description = "The token at the end of the link")),
    responses(
    (status = 200, description = "The evaluation without its owner", body = SharedView),
    (status = 429, description = "`rate_limited`, with `Retry-After`"),
))]
#[get("/shared/{token}")]
pub(crate) async fn shared(
    request: HttpRequest,
    service: web::Data<Service>,
    token: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    answer(&request, &service, &token).await
}

/// Answers with the linked evaluation as JSON. Also used for the address of the page, if the client
/// asks for JSON there.
pub(crate) async fn answer(
    request: &HttpRequest,
    service: &Service,
    token: &str,
) -> Result<HttpResponse, Refusal> {
    let trusted = &service.config.server.trusted_proxies;
    let address = client_address(request, trusted);
    service.limits.shared.check(&address)?;
    let view = service.shared(token).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(view))
}
