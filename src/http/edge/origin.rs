//! Checks the `Origin` header against the allow-list: it decides which web pages may open a socket,
//! use the cookie and read answers.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::config::Server;

use super::address::is_https;

/// An origin as RFC 6454 defines it: scheme, host and port.
#[derive(Debug, PartialEq, Eq)]
struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
}

/// Returns whether the page that sent a request may use this server, or `None` where the request
/// has no `Origin`.
///
/// The server's own pages are always admitted. Loopback origins, which the default list holds, are
/// admitted only while the server listens on loopback alone: to a public server they are programs
/// of strangers.
pub(crate) fn admitted(request: &HttpRequest, server: &Server) -> Option<bool> {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN)?;
    let own = Own {
        scheme: if is_https(request, &server.trusted_proxies) {
            "https"
        } else {
            "http"
        },
        host: headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok()),
    };
    let loopback = server.bind.ip().is_loopback();
    let patterns = &server.allowed_origins;
    Some(
        origin
            .to_str()
            .is_ok_and(|origin| allowed(origin, own, patterns, loopback)),
    )
}

/// The origin of the server's own pages: the scheme by which the client came, and the request's own
/// `Host`.
#[derive(Clone, Copy)]
struct Own<'a> {
    scheme: &'a str,
    host: Option<&'a str>,
}

/// Matches an origin against patterns, in which the port may be `*`. Patterns of loopback hosts
/// only count if `loopback` is true.
fn allowed(origin: &str, own: Own<'_>, patterns: &[String], loopback: bool) -> bool {
    let Some(origin) = parse(origin).filter(|origin| origin.port != "*") else {
        return false;
    };
    let is_own = own.host.is_some_and(|host| {
        let (name, port) = split_port(host);
        own.scheme.eq_ignore_ascii_case(origin.scheme)
            && name.eq_ignore_ascii_case(origin.host)
            && port.unwrap_or(default_port(origin.scheme)) == origin.port
    });
    is_own
        || patterns
            .iter()
            .filter_map(|pattern| parse(pattern))
            .filter(|pattern| loopback || !is_loopback(pattern.host))
            .any(|pattern| {
                pattern.scheme.eq_ignore_ascii_case(origin.scheme)
                    && pattern.host.eq_ignore_ascii_case(origin.host)
                    && (pattern.port == "*" || pattern.port == origin.port)
            })
}

/// Returns whether an origin of the list is a loopback address of the machine on which its pages
/// are viewed.
pub(crate) fn is_of_this_machine(origin: &str) -> bool {
    parse(origin).is_some_and(|origin| is_loopback(origin.host))
}

/// Returns whether a host name or address is loopback.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => {
            let name = bare.to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

fn parse(text: &str) -> Option<Origin<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest));
    let whole = !host.is_empty() && !host.contains(['/', '@', '?', '#']);
    // The part before `@` is no host: `http://127.0.0.1:80@evil.example` is a page of evil.example.
    let numeric = port.is_none_or(|port| port == "*" || port.bytes().all(|b| b.is_ascii_digit()));
    (whole && numeric).then(|| Origin {
        scheme,
        host,
        port: port.unwrap_or(default_port(scheme)),
    })
}

pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The colons of an IPv6 address without a port stand inside its brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn default_port(scheme: &str) -> &'static str {
    if scheme.eq_ignore_ascii_case("https") {
        "443"
    } else {
        "80"
    }
}

#[cfg(test)]
#[path = "tests/origin.rs"]
mod tests;
