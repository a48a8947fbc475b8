//! The address of a request's client, and whether it came over https, behind configured proxies.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use crate::config::Cidr;
use crate::service::limits::network;

/// Returns the network of the client, which limits and the security record use as their key.
pub(crate) fn client_address(request: &HttpRequest, trusted: &[Cidr]) -> IpAddr {
    network(exact_address(request, trusted))
}

/// Returns the address of the client: that of the peer or, where the peer is a configured proxy,
/// the last address of `X-Forwarded-For` that is no configured proxy. The addresses before it are
/// only claims of the client.
pub(crate) fn exact_address(request: &HttpRequest, trusted: &[Cidr]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    // A client may put any bytes before the entry of the proxy; they must not hide that entry.
    let values: Vec<_> = request
        .headers()
        .get_all("x-forwarded-for")
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let chain: Vec<&str> = values.iter().flat_map(|value| value.split(',')).collect();
    resolve(peer, &chain, trusted)
}

/// Returns whether the client came by https. This server itself speaks none, so only a configured
/// proxy can say so, in the last value of `X-Forwarded-Proto`.
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
