//! Handlers of `/keys`: API keys.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

use crate::domain::ids::ApiKeyId;
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{CreateKey, KeysView, NewKeyView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Json;

/// Creates an API key, with which a program acts for the account without its password.
///
/// The text of the key is returned only here.
#[utoipa::path(tag = "keys", security(("bearer" = [])), request_body = CreateKey, responses(
    (status = 201, description = "The key", body = NewKeyView),
    (status = 409, description = "`limit_exceeded`: the account has the maximum number of keys"),
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

/// Lists the account's API keys that are not revoked.
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

/// Revokes an API key.
///
/// Its sockets and event streams are closed with 4503.
#[utoipa::path(tag = "keys", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the key")), responses(
    (status = 204, description = "The key is revoked"),
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
