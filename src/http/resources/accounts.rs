//! Handlers of `/auth`: accounts, logins and tokens.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use futures_util::stream::poll_fn;

use crate::protocol::error::Refusal;
use crate::protocol::rest::{
    ChangePassword, DeleteAccount, Login, LoginForm, Register, Renewal, Tokens, UserView,
    WhichLogin,
};
use crate::service::Service;
use crate::service::archive::archive;
use crate::service::views::user_view;

use super::binary::Binary;
use crate::http::edge::address::client_address;
use crate::http::edge::auth::User;
use crate::http::edge::bodies::MAX_CREDENTIALS_BYTES;
use crate::http::edge::body::{Credentials, Json};
use crate::http::edge::cookie;

/// Creates an account.
#[utoipa::path(tag = "accounts", request_body = Register, responses(
    (status = 201, description = "The account", body = UserView),
    (status = 403, description = "`registration_closed`"),
    (status = 409, description = "`username_taken` or `email_taken`"),
))]
#[post("/auth/register")]
pub(super) async fn register(
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<Register, MAX_CREDENTIALS_BYTES>,
) -> Result<HttpResponse, Refusal> {
    let address = client_address(&request, &service.config.server.trusted_proxies);
    let user = service.register(body, address).await?;
    Ok(HttpResponse::Created().json(user_view(user)))
}

/// Logs in.
///
/// With `cookie` the refresh token is set as a cookie for a page of this server, and is not in the body.
#[utoipa::path(tag = "accounts", request_body(content(
    (Login = "application/json"),
    (LoginForm = "application/x-www-form-urlencoded"),
)), params(("Origin" = Option<String>, Header,
    description = "Set by browsers. A page that asks for a cookie needs an origin that may open a socket")),
responses(
    (status = 200, description = "An access token and the refresh token that renews it", body = Tokens),
    (status = 401, description = "`invalid_credentials`: the password is wrong, or there is no such user"),
    (status = 403, description = "`forbidden`: the account is disabled, or a cookie was asked for by a page of \
        another origin"),
))]
#[post("/auth/login")]
pub(super) async fn login(
    request: HttpRequest,
    service: web::Data<Service>,
    Credentials(body): Credentials,
) -> Result<HttpResponse, Refusal> {
    if body.cookie {
        cookie::check_origin(&request, &service)?;
    }
    let address = client_address(&request, &service.config.server.trusted_proxies);
    let tokens = service.login(body.username, body.password, address).await?;
    Ok(answer(&request, &service, tokens, body.cookie))
}

/// Renews a login.
///
/// The refresh token can be used once: using it a second time ends its login.
#[utoipa::path(tag = "accounts", request_body = Renewal, responses(
    (status = 200, description = "A new access token and a new refresh token", body = Tokens),
    (status = 401, description = "`unauthenticated`: there is no cookie, or the token is not valid"),
    (status = 403, description = "`forbidden`: the cookie was used by a page of another origin"),
))]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<Renewal, MAX_CREDENTIALS_BYTES>,
) -> Result<HttpResponse, Refusal> {
    let (token, by_cookie) = presented(&request, &service, &body)?;
    let address = client_address(&request, &service.config.server.trusted_proxies);
    let id = body.client_request_id.as_deref();
    let tokens = service.refresh(&token, id, address).await?;
    Ok(answer(&request, &service, tokens, by_cookie))
}

/// Ends a login.
///
/// Its sockets are closed with 4503.
#[utoipa::path(tag = "accounts", request_body = Renewal, responses(
    (status = 204, description = "The login has ended, now or before"),
    (status = 401, description = "`unauthenticated`: there is no cookie"),
    (status = 403, description = "`forbidden`: the cookie was used by a page of another origin"),
))]
#[post("/auth/logout")]
pub(super) async fn logout(
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<Renewal, MAX_CREDENTIALS_BYTES>,
) -> Result<HttpResponse, Refusal> {
    let (token, by_cookie) = presented(&request, &service, &body)?;
    let address = client_address(&request, &service.config.server.trusted_proxies);
    service.logout(&token, address).await?;
    let mut response = HttpResponse::NoContent();
    if by_cookie {
        response.cookie(cookie::forget(&request, &service));
    }
    Ok(response.finish())
}

/// Returns the account that the access token belongs to.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "The account", body = UserView),
))]
#[get("/auth/me")]
pub(super) async fn me(user: User) -> HttpResponse {
    HttpResponse::Ok().json(user_view(user.user.clone()))
}

/// Changes the password.
///
/// Every other login ends.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), request_body = ChangePassword, responses(
    (status = 204, description = "The password is changed"),
))]
#[post("/auth/password")]
pub(super) async fn password(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<ChangePassword, MAX_CREDENTIALS_BYTES>,
) -> Result<HttpResponse, Refusal> {
    service.change_password(&user, body).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes the account with everything that it stores. This cannot be undone.
///
/// Evaluations, collections, links, preferences and logins are deleted. Sockets and event streams are closed with
/// 4503.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), request_body = DeleteAccount, responses(
    (status = 204, description = "The account is deleted"),
    (status = 401, description = "`invalid_credentials`: the password is wrong; `unauthenticated`"),
))]
#[post("/auth/delete")]
pub(super) async fn delete(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    Json(body): Json<DeleteAccount, MAX_CREDENTIALS_BYTES>,
) -> Result<HttpResponse, Refusal> {
    service.delete_account(&user, body).await?;
    let mut response = HttpResponse::NoContent();
    if cookie::presented(&request, &service).is_ok() {
        response.cookie(cookie::forget(&request, &service));
    }
    Ok(response.finish())
}

/// Returns everything that is stored for the account as one ZIP file of JSON and JSON Lines.
///
/// It contains the account, preferences, logins, usage, evaluations with their events, feedback and links, and
/// collections with their documents. It is made while it is read: a download that is interrupted is not a complete
/// file.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), responses(
    (status = 200, description = "The archive", content_type = "application/zip", body = Binary,
        headers(("Content-Disposition" = String, description = "The suggested file name"))),
    (status = 429, description = "`rate_limited`: too many exports, or one of this account is in progress"),
))]
#[get("/auth/export")]
pub(super) async fn export_account(
    user: User,
    service: web::Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let mut pieces = archive(&service.into_inner(), &user).await?;
    let pieces = poll_fn(move |cx| pieces.poll_recv(cx));
    Ok(HttpResponse::Ok()
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"judge-auditor.zip\"",
        ))
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(pieces))
}

/// Returns the refresh token of the body or the cookie, and true if it came in the cookie. A cookie
/// sent by a page of an origin that is not allowed is refused, and so is a body with an invalid
/// value.
fn presented(
    request: &HttpRequest,
    service: &Service,
    body: &Renewal,
) -> Result<(String, bool), Refusal> {
    let faults = body.faults();
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    match &body.login {
        WhichLogin::Token(token) => Ok((token.clone(), false)),
        WhichLogin::Cookie => {
            cookie::check_origin(request, service)?;
            Ok((cookie::presented(request, service)?, true))
        }
    }
}

/// Builds the response with the tokens, which must not be cached (RFC 6749, section 5.1).
fn answer(
    request: &HttpRequest,
    service: &Service,
    mut tokens: Tokens,
    by_cookie: bool,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if by_cookie && let Some(token) = tokens.refresh_token.take() {
        response.cookie(cookie::keep(request, service, token));
    }
    response.json(tokens)
}
