//! Handlers of `/preferences`.

use actix_web::{HttpResponse, get, put, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::Preferences;
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Json;

/// What the user prefers.
#[utoipa::path(tag = "preferences", security(("bearer" = [])), responses(
    (status = 200, description = "What is set", body = Preferences),
))]
#[get("/preferences")]
pub(super) async fn read_preferences(
    user: User,
    service: web::Data<Service>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.preferences(user.user.id).await?))
}

/// Replaces what the user prefers. New evaluations take from it what they don't say themselves.
#[utoipa::path(tag = "preferences", security(("bearer" = [])), request_body = Preferences, responses(
    (status = 200, description = "As they are kept", body = Preferences),
))]
#[put("/preferences")]
pub(super) async fn replace_preferences(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<Preferences>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.prefer(user.user.id, body).await?))
}
