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

/// Over http, which is for one's own machine.
const NAME: &str = "auditor_refresh";

/// Over https. A browser takes a cookie of this name only by https, so that whoever can answer in the place of
/// this host over http can't put one of theirs here. `__Host-` would want the cookie sent with every request.
const SECURE_NAME: &str = "__Secure-auditor_refresh";

fn name(is_https: bool) -> &'static str {
    if is_https { SECURE_NAME } else { NAME }
}

/// The cookie's token.
///
/// # Errors
/// `unauthenticated`: there is none.
pub(crate) fn presented(request: &HttpRequest, service: &Service) -> Result<String, Refusal> {
    let name = name(is_https(request, &service.config.server.trusted_proxies));
    let cookie = request.cookie(name).ok_or_else(unauthenticated)?;
    Ok(cookie.value().to_owned())
}

/// Lets only pages in that may open a socket: behind `SameSite`, in case a browser does not know it.
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

/// Keeps the token for as long as it is good.
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
