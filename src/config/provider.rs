//! Which judges ask the same provider, and so share what it takes.

use reqwest::Url;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::judge::{JudgeKind, JudgeSettings};

/// One server and one key, however the address is spelled and wherever the key was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Provider {
    kind: JudgeKind,
    server: String,
    /// Its SHA-256: whoever prints this learns nothing.
    key: Option<[u8; 32]>,
}

impl Provider {
    /// The provider of a judge whose key was read.
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

    /// What it is called where processes count together: alike in all that are configured alike, and nothing can be
    /// learnt of the key from it.
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
