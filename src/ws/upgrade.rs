//! `GET /ws`: checks that decide whether a request may upgrade, and extraction of its token.

use std::net::IpAddr;
use std::sync::Arc;

use actix::AsyncContext;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, WebsocketContext};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::stream;

use crate::http::edge::address::exact_address;
use crate::http::edge::origin;
use crate::protocol::error::{ErrorCode, Finer, Refusal};
use crate::protocol::{BEARER_SUBPROTOCOL, SUBPROTOCOL, strip_bearer};
use crate::service::Service;
use crate::service::key_text;
use crate::service::limits::network;
use crate::service::record::MAX_DETAIL_CHARS;
use crate::socket::SocketHandle;
use crate::store::security::Kind;

use super::connection::Connection;
use super::frames::Frames;
use super::greeting;

/// Query parameters in which clients might put a token, which proxies on the way would then log.
const TOKEN_PARAMETERS: [&str; 3] = ["token", "access_token", "authorization"];

/// Upgrades to a WebSocket.
///
/// # Errors
/// As plain HTTP: 400 for a token in the query, 403 for a refused origin, 426 if the request is no
/// upgrade, 429 for too many connections from one address, 503 while draining. A bad token is
/// reported on the socket, since scripts in a browser cannot see the status.
pub(crate) async fn upgrade(
    request: HttpRequest,
    payload: web::Payload,
    service: web::Data<Service>,
) -> Result<HttpResponse, actix_web::Error> {
    let address = exact_address(&request, &service.config.server.trusted_proxies);
    check(&request, &service, network(address))?;
    let service: Arc<Service> = service.into_inner();
    let force_close = request
        .conn_data::<SocketHandle>()
        .map_or_else(|| Arc::new(|| {}) as _, SocketHandle::force_close);
    let token = bearer(request.headers());
    let max_bytes = greeting::max_message_bytes(&service.config.limits);
    let mut response = ws::handshake(&request)?;
    if protocols(request.headers()).any(|offered| offered == SUBPROTOCOL) {
        response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL));
    }
    let connection = Connection::new(service, force_close, address, token);
    let frames = Frames::new(payload, max_bytes);
    // The context expects a stream of bytes, which it would decode without a bound. It gets one
    // that never yields.
    let silence = stream::pending::<Result<Bytes, PayloadError>>();
    Ok(
        response.streaming(WebsocketContext::with_factory(silence, |context| {
            context.add_stream(frames);
            connection
        })),
    )
}

fn check(request: &HttpRequest, service: &Service, address: IpAddr) -> Result<(), Refusal> {
    // Every JWT begins with `eyJ`, the base64url of `{"`, and every API key begins with its prefix.
    let betrays = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        value.starts_with("eyJ")
            || value.starts_with(key_text::PREFIX)
            || TOKEN_PARAMETERS
                .iter()
                .any(|parameter| name.eq_ignore_ascii_case(parameter))
    };
    if request.query_string().split('&').any(betrays) {
        let message = "a token does not belong into the address, which logs keep";
        return Err(Refusal::new(ErrorCode::BadRequest, message));
    }
    let headers = request.headers();
    if origin::admitted(request, &service.config.server) == Some(false) {
        service.limits.origins.check(&address)?;
        // The debug form escapes everything that is not visible ASCII.
        let named: String = headers
            .get(header::ORIGIN)
            .map(|origin| format!("{origin:?}"))
            .unwrap_or_default()
            .chars()
            .take(MAX_DETAIL_CHARS)
            .collect();
        service
            .record
            .refused(Kind::OriginRefused, None, address, Some(&named));
        let message = "pages of this origin may not connect";
        return Err(Refusal::new(ErrorCode::Forbidden, message));
    }
    let wants_upgrade = headers
        .get(header::UPGRADE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().contains("websocket"));
    if !wants_upgrade {
        let message = "this address speaks WebSocket only";
        return Err(Refusal::finer(Finer::UpgradeRequired, message));
    }
    if service.is_draining() {
        return Err(Refusal::new(
            ErrorCode::Draining,
            "the server is shutting down",
        ));
    }
    service.limits.connections.check(&address)
}

/// Returns the token of the header `Authorization`, or else of the subprotocol that browsers use.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = text(header::AUTHORIZATION).and_then(strip_bearer) {
        return Some(token.to_owned());
    }
    protocols(headers)
        .find_map(|protocol| protocol.strip_prefix(BEARER_SUBPROTOCOL))
        .map(|encoded| {
            // A token that cannot be decoded is a bad one, not a missing one: the client has to
            // learn of it.
            let decoded = URL_SAFE_NO_PAD.decode(encoded).ok();
            decoded
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .unwrap_or_default()
        })
}

/// Returns the offered subprotocols, in however many header lines they come.
fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
#[path = "tests/upgrade.rs"]
mod tests;
