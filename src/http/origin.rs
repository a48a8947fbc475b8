//! Which web pages may open a socket or use the cookie: the `Origin` header against the allow-list.

/// An origin: scheme, host and port (RFC 6454).
#[derive(Debug, PartialEq, Eq)]
struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
}

/// Whether a page of `origin` may connect. `host` is the request's own `Host`: the server's own pages
/// always may. A pattern is an origin whose port may be `*`.
pub fn allowed(origin: &str, host: Option<&str>, patterns: &[String]) -> bool {
    let Some(origin) = parse(origin).filter(|origin| origin.port != "*") else {
        return false;
    };
    let own = host.is_some_and(|host| {
        let (name, port) = split_port(host);
        name.eq_ignore_ascii_case(origin.host)
            && port.unwrap_or(default_port(origin.scheme)) == origin.port
    });
    own || patterns
        .iter()
        .filter_map(|pattern| parse(pattern))
        .any(|pattern| {
            pattern.scheme.eq_ignore_ascii_case(origin.scheme)
                && pattern.host.eq_ignore_ascii_case(origin.host)
                && (pattern.port == "*" || pattern.port == origin.port)
        })
}

fn parse(text: &str) -> Option<Origin<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest));
    let whole = !host.is_empty() && !host.contains(['/', '@', '?', '#']);
    // `http://127.0.0.1:80@evil.example` is a page of evil.example.
    let numeric = port.is_none_or(|port| port == "*" || port.bytes().all(|b| b.is_ascii_digit()));
    (whole && numeric).then(|| Origin {
        scheme,
        host,
        port: port.unwrap_or(default_port(scheme)),
    })
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The colons of a bare IPv6 address are inside its brackets.
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
mod tests {
    use super::*;

    #[test]
    fn the_allow_list_decides_and_the_own_origin_passes() {
        let patterns = [
            "http://localhost:3000",
            "http://127.0.0.1:*",
            "https://app.example.org",
        ]
        .map(str::to_owned);
        let cases = [
            ("http://localhost:3000", true),
            ("http://LOCALHOST:3000", true),
            ("http://localhost:3001", false),
            ("https://localhost:3000", false),
            ("http://127.0.0.1:49152", true),
            ("https://app.example.org", true),
            ("https://app.example.org:443", true),
            ("https://app.example.org.evil.com", false),
            ("http://auditor.local:8000", true),
            ("http://auditor.local", false),
            ("http://[::1]:8000", false),
            ("null", false),
            ("", false),
            ("http://", false),
            ("http://user@localhost:3000", false),
            ("http://127.0.0.1:80@evil.example", false),
            ("http://127.0.0.1:*", false),
        ];
        for (origin, expected) in cases {
            assert_eq!(
                allowed(origin, Some("auditor.local:8000"), &patterns),
                expected,
                "{origin}"
            );
        }
        assert!(allowed(
            "https://auditor.example",
            Some("auditor.example"),
            &[]
        ));
        assert!(allowed("http://[::1]:8000", Some("[::1]:8000"), &[]));
    }
}
