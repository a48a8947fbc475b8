//! By which names the server may be called.
//!
//! A page elsewhere can make its own name lead to this server's address, and is then of the server's own
//! origin to a browser. Its requests still say by which name they came.

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

/// Refuses requests by a name that is not this server's.
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
    // A proxy has names of its own, and passes on what came by one of them.
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

/// Whether `name` is on the list. Without a list, whether it can't be one that a stranger has made lead
/// here: an address, or a name without a dot, which is nobody's on the Internet.
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
