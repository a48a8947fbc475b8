//! The rates of API keys: how many requests a minute the owner of a key allows it. Each node counts
//! separately, to save a query to the database.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::ids::ApiKeyId;
use crate::protocol::error::{ErrorCode, Refusal};

use super::limits::Limit;

/// Maximum number of keys that are counted at a time.
const MOST: usize = 100_000;
/// The time after which the allowance of an unused key is full again, so that it can be forgotten.
const WINDOW: Duration = Duration::from_secs(60);

/// The requests of the keys that have a rate.
#[derive(Default)]
pub(crate) struct KeyRates(Mutex<HashMap<ApiKeyId, Counted>>);

struct Counted {
    limit: Limit,
    used: Instant,
}

impl KeyRates {
    fn all(&self) -> MutexGuard<'_, HashMap<ApiKeyId, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one request from the allowance of a key.
    ///
    /// # Errors
    /// `rate_limited`, with the time until a request is free.
    pub(crate) fn check(&self, key: ApiKeyId, per_minute: NonZeroU32) -> Result<(), Refusal> {
        self.check_at(key, per_minute, Instant::now())
    }

    fn check_at(&self, key: ApiKeyId, per_minute: NonZeroU32, now: Instant) -> Result<(), Refusal> {
        let mut all = self.all();
        if all.len() >= MOST && !all.contains_key(&key) {
            sweep(&mut all, now);
            // So many at once are forgotten: a key then gains one allowance, and none is refused.
            if all.len() >= MOST {
                all.clear();
            }
        }
        let counted = all.entry(key).or_insert_with(|| Counted {
            limit: Limit::per_minute(per_minute),
            used: now,
        });
        counted.used = now;
        counted.limit.check().map_err(|early| {
            let message =
                format!("this API key may make {per_minute} requests a minute: wait and try again");
            let wait = early.retry_after.unwrap_or(WINDOW);
            Refusal::new(ErrorCode::RateLimited, message).after(wait)
        })
    }

    /// Forgets keys whose allowance is full again.
    pub(crate) fn sweep(&self) {
        sweep(&mut self.all(), Instant::now());
    }
}

fn sweep(all: &mut HashMap<ApiKeyId, Counted>, now: Instant) {
    all.retain(|_, counted| now - counted.used < WINDOW);
}

#[cfg(test)]
#[path = "tests/key_rates.rs"]
mod tests;
