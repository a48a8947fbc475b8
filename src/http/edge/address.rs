//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use crate::config::Cidr;
use crate::service::limits::network;

/// The client's network, by which limits and the record go.
pub(crate) fn client_address(request: &HttpRequest, trusted: &[Cidr]) -> IpAddr {
    network(exact_address(request, trusted))
}

/// The client's address: the peer's, or, where the peer is a configured proxy, the last address of
/// `X-Forwarded-For` that is not one (those before it are only what the client said).
pub(crate) fn exact_address(request: &HttpRequest, trusted: &[Cidr]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    // What a client put before the proxy's own hop may be any bytes, and must not hide that hop.
    let values: Vec<_> = request
        .headers()
        .get_all("x-forwarded-for")
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let chain: Vec<&str> = values.iter().flat_map(|value| value.split(',')).collect();
    resolve(peer, &chain, trusted)
}

/// Whether the client came by https. This server itself speaks none, so only a configured proxy can say
/// so, in the last value of `X-Forwarded-Proto`.
pub(crate) fn is_https(request: &HttpRequest, trusted: &[Cidr]) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let by_proxy = peer.is_some_and(|peer| trusted.iter().any(|cidr| cidr.contains(peer)));
    let said = request.headers().get_all("x-forwarded-proto").last();
    by_proxy
        && said.is_some_and(|value| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let last = value.rsplit(',').next().unwrap_or_default();
            last.trim().eq_ignore_ascii_case("https")
        })
}

fn resolve(peer: IpAddr, chain: &[&str], trusted: &[Cidr]) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|cidr| cidr.contains(address));
    let mut address = peer;
    for hop in chain.iter().rev() {
        if !is_proxy(address) {
            break;
        }
        let Ok(next) = hop.trim().parse() else { break };
        address = next;
    }
    address
}

#[cfg(test)]
#[path = "tests/address.rs"]
mod tests;
