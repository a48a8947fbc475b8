//! Checks the `Host` header against the names of this server, as a protection against DNS
//! rebinding.
//!
//! The page of a stranger can make its own name resolve to this server's address; to a browser,
//! that page then has the server's own origin. Its requests still carry the stranger's name in
//! `Host`.

use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web;

use crate::config::{Config, Registration};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::service::Service;

use super::origin::{is_loopback, split_port};

/// Middleware that refuses requests whose `Host` is not a name of this server.
pub(crate) async fn known_host(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let config = request.app_data::<web::Data<Service>>();
    let known = config.is_none_or(|service| is_known(request.request(), &service.config));
    if known {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let message =
        "this server does not go by that name: whoever runs it can add it to server.allowed_hosts";
    let refusal = Refusal::new(ErrorCode::Forbidden, message);
    Ok(request.error_response(refusal).map_into_right_body())
}

fn is_known(request: &HttpRequest, config: &Config) -> bool {
    let server = &config.server;
    // A proxy has names of its own, and forwards only what came by one of them.
    let by_proxy = request.peer_addr().is_some_and(|peer| {
        server
            .trusted_proxies
            .iter()
            .any(|cidr| cidr.contains(peer.ip()))
    });
    let open = config.auth.registration == Registration::Open;
    by_proxy
        || request.headers().get_all(header::HOST).all(|host| {
            host.to_str()
                .is_ok_and(|host| may_be(split_port(host).0, &server.allowed_hosts, open))
        })
}

/// Returns whether `name` is on the list. Without a list, returns whether no stranger can have made
/// the name resolve to this server, which holds for an IP address and for a name without a dot.
fn may_be(name: &str, list: &[String], open: bool) -> bool {
    let name = name.trim_end_matches('.');
    if is_loopback(name) || list.iter().any(|known| known == "*") {
        return true;
    }
    if !list.is_empty() {
        return list.iter().any(|known| known.eq_ignore_ascii_case(name));
    }
    let is_address = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
    !open || is_address || !name.contains('.')
}

#[cfg(test)]
#[path = "tests/hosts.rs"]
mod tests;
