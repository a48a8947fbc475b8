//! Handlers of `/keys`: API keys.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

use crate::domain::ids::ApiKeyId;
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{CreateKey, KeysView, NewKeyView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Json;

/// Makes a key with which a program comes in your name, without your password. It is told only here.
#[utoipa::path(tag = "keys", security(("bearer" = [])), request_body = CreateKey, responses(
    (status = 201, description = "The key", body = NewKeyView),
    (status = 409, description = "`limit_exceeded`: the account has as many keys as one may have"),
))]
#[post("/keys")]
pub(super) async fn create_key(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<CreateKey>,
) -> Result<HttpResponse, Refusal> {
    let key = service.make_key(&user, body).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(key))
}

/// The keys of the account that were not revoked.
#[utoipa::path(tag = "keys", security(("bearer" = [])), responses(
    (status = 200, description = "The keys, without their text", body = KeysView),
))]
#[get("/keys")]
pub(super) async fn list_keys(
    user: User,
    service: web::Data<Service>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.keys(user.user.id).await?))
}

/// Revokes a key. Its sockets and streams end with 4503.
#[utoipa::path(tag = "keys", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The key")), responses(
    (status = 204, description = "It is not taken any more"),
))]
#[delete("/keys/{id}")]
pub(super) async fn revoke_key(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let id = request.match_info().get("id");
    let id = id.and_then(|text| text.parse::<ApiKeyId>().ok());
    let missing = || Refusal::new(ErrorCode::NotFound, "there is no such API key");
    service.revoke_key(&user, id.ok_or_else(missing)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
