//! `/auth`.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{
    ChangePassword, Login, LoginForm, RefreshToken, Register, Tokens, UserView,
};
use crate::service::Service;
use crate::service::views::user_view;

use super::address::client_address;
use super::auth::User;
use super::body::{Credentials, Json};

/// Makes an account.
#[utoipa::path(tag = "accounts", request_body = Register, responses(
    (status = 201, description = "The account", body = UserView),
    (status = 403, description = "`registration_closed`"),
    (status = 409, description = "`username_taken` or `email_taken`"),
))]
#[post("/auth/register")]
pub(super) async fn register(
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<Register>,
) -> Result<HttpResponse, Refusal> {
    let address = client_address(&request, &service.config.server.trusted_proxies);
    let user = service.register(body, address).await?;
    Ok(HttpResponse::Created().json(user_view(user)))
}

/// Opens a login.
#[utoipa::path(tag = "accounts", request_body(content(
    (Login = "application/json"),
    (LoginForm = "application/x-www-form-urlencoded"),
)), responses(
    (status = 200, description = "An access token and the refresh token that renews it", body = Tokens),
    (status = 401, description = "`invalid_credentials`; the same for an unknown user"),
))]
#[post("/auth/login")]
pub(super) async fn login(
    request: HttpRequest,
    service: web::Data<Service>,
    Credentials(body): Credentials,
) -> Result<HttpResponse, Refusal> {
    let address = client_address(&request, &service.config.server.trusted_proxies);
    let tokens = service.login(body.username, body.password, address).await?;
    Ok(private_json(&tokens))
}

/// Renews a login. The refresh token is spent; one that was spent before ends its login.
#[utoipa::path(tag = "accounts", request_body = RefreshToken, responses(
    (status = 200, description = "A new pair", body = Tokens),
    (status = 401, description = "`unauthenticated`"),
))]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<RefreshToken>,
) -> Result<HttpResponse, Refusal> {
    let address = client_address(&request, &service.config.server.trusted_proxies);
    let tokens = service.refresh(&body.refresh_token, address).await?;
    Ok(private_json(&tokens))
}

/// Ends a login; its sockets are closed with 4503.
#[utoipa::path(tag = "accounts", request_body = RefreshToken, responses(
    (status = 204, description = "Ended, or not a login any more"),
))]
#[post("/auth/logout")]
pub(super) async fn logout(
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<RefreshToken>,
) -> Result<HttpResponse, Refusal> {
    let address = client_address(&request, &service.config.server.trusted_proxies);
    service.logout(&body.refresh_token, address).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who the access token belongs to.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = UserView),
))]
#[get("/auth/me")]
pub(super) async fn me(user: User) -> HttpResponse {
    HttpResponse::Ok().json(user_view(user.user.clone()))
}

/// Changes the password and ends every other login.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), request_body = ChangePassword, responses(
    (status = 204, description = "Changed"),
))]
#[post("/auth/password")]
pub(super) async fn password(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<ChangePassword>,
) -> Result<HttpResponse, Refusal> {
    service.change_password(&user, body).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Tokens must not stay in a cache (RFC 6749 section 5.1).
fn private_json(tokens: &Tokens) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(tokens)
}
