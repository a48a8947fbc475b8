//! Answers that were given before, for exactly the same question: in memory, bounded, each with its age.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// Bytes of answers that are kept at most.
const CAPACITY: u64 = 64 << 20;

/// No answer is kept longer, whatever a judge's own limit.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// What an entry takes beside its text.
const OVERHEAD: usize = 128;

/// Everything that an answer depends on, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The parts are told apart by their lengths.
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

/// The answers of all judges; a cheap handle.
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
    /// An answer that is not older than `ttl`, and its age.
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
