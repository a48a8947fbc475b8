//! Values written as TOML strings: addresses, networks and optional paths.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use reqwest::Url;
use serde::{Deserialize, Serialize};

/// A network in CIDR notation; an address without a prefix is a network of one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr(IpNet);

impl Cidr {
    /// Returns true if the network contains the address. An IPv4-mapped IPv6 address counts as its
    /// IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network: Option<IpNet> = text.parse().ok();
        let network = network.or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
        let network = network.ok_or_else(|| {
            format!("`{text}` is not a network: give one such as 10.0.0.0/8 or fd00::/8")
        })?;
        let meant = network.trunc();
        if network != meant {
            return Err(format!(
                "`{text}` has bits beyond its prefix: {meant} may be meant"
            ));
        }
        Ok(Self(network))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(network: Cidr) -> Self {
        network.to_string()
    }
}

/// Returns true if the URL's host is this machine: `localhost` or a loopback address.
pub(super) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A value that is read from a string and written as one.
pub(super) trait Text: Sized {
    fn read(text: &str) -> Result<Self, String>;
    fn written(&self) -> String;
}

impl Text for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| {
            format!(
                "`{text}` is not an address: give IP and port, such as 127.0.0.1:8000 or [::]:8000"
            )
        })
    }

    fn written(&self) -> String {
        self.to_string()
    }
}

impl Text for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }

    fn written(&self) -> String {
        self.display().to_string()
    }
}

/// For `#[serde(with = …)]` of required values.
pub(super) mod required {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Text;

    pub(in crate::config) fn serialize<T: Text, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&value.written())
    }

    pub(in crate::config) fn deserialize<'de, T: Text, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        T::read(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// For `#[serde(with = …)]` of optional values; the empty string is `None`.
pub(super) mod optional {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Text;

    pub(in crate::config) fn serialize<T: Text, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&value.as_ref().map(T::written).unwrap_or_default())
    }

    pub(in crate::config) fn deserialize<'de, T: Text, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        let text = String::deserialize(from)?;
        let value = (!text.is_empty()).then(|| T::read(&text));
        value.transpose().map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[path = "tests/address.rs"]
mod tests;
