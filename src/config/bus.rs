//! The bus that connects the nodes, as configuration: a keyword, or the addresses of NATS servers.

use std::fmt;

use reqwest::Url;
use secrecy::SecretString;

use super::address::{Text, is_this_machine};
use super::secret::{MASK, WAS_MASKED};

/// The bus between the nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BusKind {
    /// `LISTEN` and `NOTIFY`.
    Postgres,
    Nats(NatsAddress),
    /// No bus: the nodes only poll the database.
    None,
}

/// Addresses of NATS servers as configured, separated by commas. They may contain a password or a
/// token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NatsAddress(String);

/// The credentials in an address.
#[derive(Debug, Clone)]
pub(crate) enum NatsUser {
    Nobody,
    Token(SecretString),
    Password(String, SecretString),
}

impl BusKind {
    /// Returns the kind's name, without an address.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Nats(_) => "nats",
            Self::None => "none",
        }
    }

    /// Returns a copy in which passwords and tokens are masked.
    pub(super) fn masked(&self) -> Self {
        match self {
            Self::Nats(address) => Self::Nats(NatsAddress(address.masked())),
            other => other.clone(),
        }
    }
}

impl Text for BusKind {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "postgres" => Ok(Self::Postgres),
            "none" => Ok(Self::None),
            _ if text.contains("://") => NatsAddress::read(text).map(Self::Nats),
            _ => Err(format!(
                "`{text}` is no bus: give \"postgres\", \"none\", or where NATS is, such as nats://127.0.0.1:4222"
            )),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Nats(NatsAddress(text)) => text.clone(),
            other => other.name().to_owned(),
        }
    }
}

impl fmt::Debug for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl NatsAddress {
    /// Parses addresses. Errors contain no password.
    fn read(text: &str) -> Result<Self, String> {
        let address = Self(text.to_owned());
        if text.contains(MASK) {
            return Err(WAS_MASKED.to_owned());
        }
        let mut users = Vec::new();
        for server in address.each() {
            let url = Url::parse(server).ok().filter(|url| {
                let is_bare = matches!(url.path(), "" | "/");
                let is_known = matches!(url.scheme(), "nats" | "tls");
                is_known && url.has_host() && is_bare && url.query().is_none()
            });
            let Some(url) = url else {
                return Err(format!(
                    "`{}` is not where NATS is: give nats://HOST:PORT, or tls://HOST:PORT; several with commas",
                    masked(server)
                ));
            };
            users.push((
                url.username().to_owned(),
                url.password().map(str::to_owned),
                url.scheme().to_owned(),
            ));
        }
        if users.windows(2).any(|two| two[0] != two[1]) {
            return Err(
                "the servers of one address have the same scheme, name and password".to_owned(),
            );
        }
        Ok(address)
    }

    fn each(&self) -> impl Iterator<Item = &str> {
        self.0.split(',').map(str::trim)
    }

    fn masked(&self) -> String {
        self.each().map(masked).collect::<Vec<_>>().join(",")
    }

    fn urls(&self) -> impl Iterator<Item = Url> {
        self.each().filter_map(|server| Url::parse(server).ok())
    }

    /// Returns the servers' addresses without user names and passwords.
    pub(crate) fn servers(&self) -> Vec<String> {
        self.urls()
            .map(|url| {
                let port = url.port().map(|port| format!(":{port}"));
                let (scheme, host) = (url.scheme(), url.host_str().unwrap_or_default());
                format!("{scheme}://{host}{}", port.unwrap_or_default())
            })
            .collect()
    }

    /// Returns the credentials. A user name without a password is a token.
    pub(crate) fn user(&self) -> NatsUser {
        let Some(url) = self.urls().next() else {
            return NatsUser::Nobody;
        };
        match (decoded(url.username()), url.password().map(decoded)) {
            (name, Some(password)) => NatsUser::Password(name, password.into()),
            (name, None) if name.is_empty() => NatsUser::Nobody,
            (token, None) => NatsUser::Token(token.into()),
        }
    }

    /// Returns true if every connection uses TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.urls().all(|url| url.scheme() == "tls")
    }

    /// Returns true if all servers are on this machine.
    pub(super) fn is_here(&self) -> bool {
        self.urls().all(|url| is_this_machine(&url))
    }
}

/// Masks the password of an address. A user name without a password is a token, and masked as well.
fn masked(server: &str) -> String {
    let Some((scheme, rest)) = server.split_once("://") else {
        return server.to_owned();
    };
    // The last @, since a password may hold an unescaped one.
    match rest.rsplit_once('@') {
        None => server.to_owned(),
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:{MASK}@{host}"),
            None => format!("{scheme}://{MASK}@{host}"),
        },
    }
}

/// Decodes the percent-encoding of a part of a URL.
fn decoded(part: &str) -> String {
    // These characters have a meaning in form encoding, but not here.
    let part = part
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    form_urlencoded::parse(part.as_bytes())
        .next()
        .map(|(text, _)| text.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/bus.rs"]
mod tests;
