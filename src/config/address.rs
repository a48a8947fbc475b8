//! Values that a TOML string carries: addresses, networks, paths that may be absent.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network in CIDR notation; an address alone is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    network: IpAddr,
    prefix: u32,
}

impl Cidr {
    /// Whether the address lies in the network; an IPv4 address mapped into IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                network.to_bits() == address.to_bits() & mask_v4(self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                network.to_bits() == address.to_bits() & mask_v6(self.prefix)
            }
            _ => false,
        }
    }
}

fn mask_v4(prefix: u32) -> u32 {
    u32::MAX
        .checked_shl(u32::BITS.saturating_sub(prefix))
        .unwrap_or(0)
}

fn mask_v6(prefix: u32) -> u128 {
    u128::MAX
        .checked_shl(u128::BITS.saturating_sub(prefix))
        .unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed =
            || format!("`{text}` is not a network: give one such as 10.0.0.0/8 or fd00::/8");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) => digits.parse().map_err(|_| malformed())?,
            None => longest,
        };
        if prefix > longest {
            return Err(malformed());
        }
        let network = match address {
            IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & mask_v4(prefix)).into()),
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & mask_v6(prefix)).into()),
        };
        if network != address {
            return Err(format!(
                "`{text}` has bits beyond its prefix: {network}/{prefix} may be meant"
            ));
        }
        Ok(Self { network, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
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

/// What is written as a string that may be empty.
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

/// For values that must be there.
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

/// For values that may be absent: an empty string is none.
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
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_they_should() {
        let rows = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("fd00::/8", "fdab::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "2001:db8::1", true),
        ];
        for (network, address, expected) in rows {
            let network: Cidr = network.parse().unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                expected,
                "{network} {address}"
            );
        }
    }

    #[test]
    fn wrong_networks_are_refused_with_a_hint() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/",
            "ten/8",
            "::/129",
            "10.0.0.0/-1",
        ] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
        assert_eq!(
            "10.1.2.3/8".parse::<Cidr>().unwrap_err(),
            "`10.1.2.3/8` has bits beyond its prefix: 10.0.0.0/8 may be meant"
        );
    }
}
