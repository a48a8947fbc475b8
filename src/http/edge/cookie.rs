//! The refresh token as a cookie, for the page: no script can read it.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::protocol::error::{ErrorCode, Refusal};
use crate::service::Service;
use crate::service::accounts::unauthenticated;

use super::address::is_https;
use super::origin;
use crate::http::BASE;

/// The cookie's name over http, which only serves browsers on the same machine.
const NAME: &str = "auditor_refresh";

/// The cookie's name over https. Browsers accept a cookie with the prefix `__Secure-` only over
/// https, so nobody who can answer for this host over http can plant one. `__Host-` would force the
/// cookie to be sent with every request.
const SECURE_NAME: &str = "__Secure-auditor_refresh";

fn name(is_https: bool) -> &'static str {
    if is_https { SECURE_NAME } else { NAME }
}

/// Returns the refresh token of the cookie.
///
/// # Errors
/// `unauthenticated` if there is none.
pub(crate) fn presented(request: &HttpRequest, service: &Service) -> Result<String, Refusal> {
    let name = name(is_https(request, &service.config.server.trusted_proxies));
    let cookie = request.cookie(name).ok_or_else(unauthenticated)?;
    Ok(cookie.value().to_owned())
}

/// Accepts only pages that may open a socket. This backs up `SameSite` for browsers that do not
/// know it.
///
/// # Errors
/// `forbidden`.
pub(crate) fn check_origin(request: &HttpRequest, service: &Service) -> Result<(), Refusal> {
    if origin::admitted(request, &service.config.server) != Some(false) {
        return Ok(());
    }
    let message = "a page of that origin may not use the cookie";
    Err(Refusal::new(ErrorCode::Forbidden, message))
}

/// Makes the cookie that keeps the token until it expires.
pub(crate) fn keep(request: &HttpRequest, service: &Service, token: String) -> Cookie<'static> {
    let ttl = service.config.auth.refresh_ttl_s;
    let age = Duration::seconds(i64::try_from(ttl).unwrap_or(i64::MAX));
    cookie(request, service, token, age)
}

pub(crate) fn forget(request: &HttpRequest, service: &Service) -> Cookie<'static> {
    cookie(request, service, String::new(), Duration::ZERO)
}

fn cookie(
    request: &HttpRequest,
    service: &Service,
    token: String,
    age: Duration,
) -> Cookie<'static> {
    let is_https = is_https(request, &service.config.server.trusted_proxies);
    Cookie::build(name(is_https), token)
        .http_only(true)
        .same_site(SameSite::Strict)
        .path(format!("{BASE}/auth"))
        .max_age(age)
        .secure(is_https)
        .finish()
}
