//! The messages of the public interface: commands, replies, events, REST bodies and the list of
//! error codes.
//!
//! All JSON of the public interface is encoded and decoded here; the formats of language model
//! providers are in their judges. Imported by `actors`, `service`, `ws`, `http` and `cli`; imports
//! `domain` only. Deliberately not here: sockets, handlers, rules of a run.

pub(crate) mod asyncapi;
pub(crate) mod check;
pub(crate) mod command;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod object;
pub(crate) mod reply;
pub(crate) mod rest;
pub(crate) mod sse;

use chrono::{DateTime, SecondsFormat, Utc};

pub(crate) const SUBPROTOCOL: &str = "judge-auditor.v1";

/// Prefix of the additional subprotocol by which a browser sends its token, since it cannot set
/// headers on a WebSocket.
pub(crate) const BEARER_SUBPROTOCOL: &str = "base64url.bearer.";

/// Returns the token of a `Bearer` authorization, whose scheme is case-insensitive (RFC 9110).
pub(crate) fn strip_bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Formats a time as the protocol requires: RFC 3339 in UTC with `Z` and milliseconds.
pub(crate) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// For `#[serde(with = …)]` of times.
pub(crate) mod rfc3339_millis {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes `2026-01-31T12:00:00.000Z`.
    pub(crate) fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::timestamp(*time))
    }

    /// Reads any RFC 3339 time.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.with_timezone(&Utc))
            .map_err(serde::de::Error::custom)
    }

    /// For `#[serde(with = …)]` of optional times.
    pub(crate) mod option {
        use chrono::{DateTime, Utc};
        use serde::{Deserialize, Deserializer, Serializer};

        /// Writes the time or null.
        pub(crate) fn serialize<S: Serializer>(
            time: &Option<DateTime<Utc>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads an RFC 3339 time or null.
        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<DateTime<Utc>>, D::Error> {
            Option::<String>::deserialize(deserializer)?
                .map(|text| {
                    DateTime::parse_from_rfc3339(&text)
                        .map(|time| time.with_timezone(&Utc))
                        .map_err(serde::de::Error::custom)
                })
                .transpose()
        }
    }
}
