//! Handlers of `/preferences`.

use actix_web::{HttpResponse, get, put, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::Preferences;
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Json;

/// Returns the user's preferences.
#[utoipa::path(tag = "preferences", security(("bearer" = [])), responses(
    (status = 200, description = "The preferences", body = Preferences),
))]
#[get("/preferences")]
pub(super) async fn read_preferences(
    user: User,
    service: web::Data<Service>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.preferences(user.user.id).await?))
}

/// Replaces the user's preferences.
///
/// New evaluations take the settings from them that a request leaves out.
#[utoipa::path(tag = "preferences", security(("bearer" = [])), request_body = Preferences, responses(
    (status = 200, description = "The preferences as they are stored", body = Preferences),
))]
#[put("/preferences")]
pub(super) async fn replace_preferences(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<Preferences>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.prefer(user.user.id, body).await?))
}
