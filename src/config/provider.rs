//! Identity of a provider: judges of the same provider share its rate limits.

use reqwest::Url;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::judge::{JudgeKind, JudgeSettings};

/// A server together with a key, independent of the spelling of the address and of the place of the
/// key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Provider {
    kind: JudgeKind,
    server: String,
    /// The SHA-256 hash of the key, so that printing this value does not reveal it. `None` without
    /// a key.
    key: Option<[u8; 32]>,
}

impl Provider {
    /// Returns the provider of a judge; its key must have been read before.
    pub(crate) fn of(judge: &JudgeSettings) -> Self {
        let url = Url::parse(&judge.base_url);
        let url = url.map_or_else(|_| judge.base_url.clone(), String::from);
        let key = judge.api_key.as_ref().map(ExposeSecret::expose_secret);
        Self {
            kind: judge.kind,
            server: url.trim_end_matches('/').to_owned(),
            key: key.map(|key| Sha256::digest(key).into()),
        }
    }

    /// Returns an identifier for counters that several processes share. It is the same in all
    /// processes with the same settings, and does not reveal the key.
    pub(crate) fn digest(&self) -> String {
        let parts = format!("{:?} {} {:?}", self.kind, self.server, self.key);
        let hash = Sha256::digest(parts);
        let hash = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
        hash.collect()
    }
}

#[cfg(test)]
#[path = "tests/provider.rs"]
mod tests;
