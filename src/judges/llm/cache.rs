//! A bounded cache in memory of earlier answers to exactly the same prompt, each with its age.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// Maximum size of the cache, in bytes.
const CAPACITY: u64 = 64 << 20;

/// Maximum age of an answer, whatever the limit of a judge.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Estimated memory of an entry beside its text, in bytes.
const OVERHEAD: usize = 128;

/// A hash of everything that an answer depends on, and of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// Hashes the parts, each prefixed with its length so that they cannot be confused.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().into())
    }
}

#[derive(Debug, Clone)]
struct Entry {
    text: Arc<str>,
    since: Instant,
}

/// The cached answers of all judges; clones share the cache.
#[derive(Debug, Clone)]
pub(crate) struct Answers(Cache<Key, Entry>);

impl Default for Answers {
    fn default() -> Self {
        let weigh =
            |_: &Key, entry: &Entry| u32::try_from(entry.text.len() + OVERHEAD).unwrap_or(u32::MAX);
        Self(
            Cache::builder()
                .weigher(weigh)
                .max_capacity(CAPACITY)
                .time_to_live(LONGEST)
                .build(),
        )
    }
}

impl Answers {
    /// Returns an answer that is not older than `ttl`, and its age.
    pub(crate) fn get(&self, key: &Key, ttl: Duration) -> Option<(Arc<str>, Duration)> {
        let entry = self.0.get(key)?;
        let age = entry.since.elapsed();
        (age < ttl).then_some((entry.text, age))
    }

    pub(crate) fn put(&self, key: Key, text: &str) {
        let entry = Entry {
            text: text.into(),
            since: Instant::now(),
        };
        self.0.insert(key, entry);
    }
}

#[cfg(test)]
#[path = "tests/cache.rs"]
mod tests;
