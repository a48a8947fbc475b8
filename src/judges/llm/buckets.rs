//! Rate limits of a provider, in requests and tokens per minute, shared by all of its judges.
//!
//! GCRA for both limits at once: a request takes from both allowances or from neither, and gives
//! back what it took if it is not sent. Available libraries do neither, and an allowance that
//! refused requests use up starves those that would be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::shared_counters::{Allowance, ProviderCounters, SharedCounters};
use crate::judges::JudgeError;

/// Time window of an allowance: all of it may be used at once.
const WINDOW: Duration = Duration::from_secs(60);

/// The allowances of one provider.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    requests: Option<Rate>,
    tokens: Option<Rate>,
    used: Mutex<Used>,
    /// The processes that share the allowances, and the name under which they do.
    shared: Option<(SharedCounters, String)>,
}

/// A limit per minute.
#[derive(Debug, Clone, Copy)]
struct Rate {
    per_minute: u32,
    what: &'static str,
}

/// The theoretical arrival time of each allowance. `None` or a time in the past means that it is
/// full.
#[derive(Debug, Default, Clone, Copy)]
struct Used {
    requests: Option<Instant>,
    tokens: Option<Instant>,
}

/// The amount that a request took. It stays taken unless it is given back.
#[must_use]
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    buckets: &'a Buckets,
    tokens: u64,
}

impl Taken<'_> {
    /// Gives the amount back, for a request that was not sent.
    pub(crate) fn give_back(self) {
        let Self { buckets, tokens } = self;
        buckets.put_back(tokens);
        if let Some((counters, allowances)) = buckets.shared_allowances(tokens) {
            counters.give_back(allowances);
        }
    }

    /// Gives the amount back where it was not taken from the shared allowance.
    fn put_back(self) {
        let Self { buckets, tokens } = self;
        buckets.put_back(tokens);
    }
}

impl Rate {
    fn new(per_minute: u32, what: &'static str) -> Option<Self> {
        (per_minute > 0).then_some(Self { per_minute, what })
    }

    /// Returns the time in which the rate replenishes `count`.
    fn takes(self, count: u64) -> Duration {
        const MINUTE: u128 = 60_000_000_000;
        let nanos = MINUTE * u128::from(count) / u128::from(self.per_minute);
        Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX))
    }

    /// Returns the arrival time after `count` more are taken, or else the time to wait for them.
    fn check(
        self,
        until: Option<Instant>,
        count: u64,
        now: Instant,
    ) -> Result<Instant, Result<Duration, JudgeError>> {
        if count > u64::from(self.per_minute) {
            // More than the limit can never be taken at once, so waiting does not help.
            return Err(Err(JudgeError::Budget(format!(
                "it may take {count} {what}, more than the whole {what}_per_minute = {} of the judge",
                self.per_minute,
                what = self.what,
            ))));
        }
        let then = until.map_or(now, |until| until.max(now)) + self.takes(count);
        // The whole allowance of a minute may be used at once.
        let wait = then.saturating_duration_since(now + WINDOW);
        if wait.is_zero() {
            Ok(then)
        } else {
            Err(Ok(wait))
        }
    }
}

impl Buckets {
    /// Allows so many requests and tokens per minute, all at once if need be; 0 means no limit.
    pub(crate) fn new(requests_per_minute: u32, tokens_per_minute: u32) -> Self {
        Self {
            requests: Rate::new(requests_per_minute, "requests"),
            tokens: Rate::new(tokens_per_minute, "tokens"),
            used: Mutex::default(),
            shared: None,
        }
    }

    /// Shares the allowances with all other processes under this name.
    pub(crate) fn shared(self, counters: SharedCounters, name: String) -> Self {
        Self {
            shared: Some((counters, name)),
            ..self
        }
    }

    /// Waits until a request of so many tokens is allowed. `wanted` is called before anything is
    /// taken, and again after each wait; if it fails, nothing is taken.
    pub(crate) async fn take(
        &self,
        tokens: u64,
        mut wanted: impl FnMut() -> Result<(), JudgeError>,
    ) -> Result<Taken<'_>, JudgeError> {
        loop {
            wanted()?;
            let wait = match self.check(tokens)? {
                Ok(taken) => match self.take_shared(tokens).await {
                    None => return Ok(taken),
                    Some(wait) => {
                        taken.put_back();
                        wait
                    }
                },
                Err(wait) => wait,
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes the amount for one more request without waiting, both from this process's allowance
    /// and from the shared one.
    pub(crate) async fn take_if_there(&self, tokens: u64) -> Option<Taken<'_>> {
        let taken = self.take_now(tokens)?;
        if self.take_shared(tokens).await.is_some() {
            taken.put_back();
            return None;
        }
        Some(taken)
    }

    /// Takes from the shared allowance, or returns the time to wait.
    async fn take_shared(&self, tokens: u64) -> Option<Duration> {
        let (counters, allowances) = self.shared_allowances(tokens)?;
        counters.take(allowances).await
    }

    /// Returns the shared allowances that a request of so many tokens needs, and where to take
    /// them.
    fn shared_allowances(&self, tokens: u64) -> Option<(&dyn ProviderCounters, Vec<Allowance>)> {
        let (counters, name) = self.shared.as_ref()?;
        let counters = counters.get()?;
        let rates = [(self.requests, 1), (self.tokens, tokens)];
        let allowances = rates.into_iter().filter_map(|(rate, count)| {
            let rate = rate?;
            Some(Allowance {
                key: format!("{}:{name}", rate.what),
                step: rate.takes(count),
                window: WINDOW,
            })
        });
        let allowances: Vec<_> = allowances.collect();
        (!allowances.is_empty()).then_some((counters, allowances))
    }

    /// Takes the amount for one more request from this process's allowance without waiting.
    pub(crate) fn take_now(&self, tokens: u64) -> Option<Taken<'_>> {
        self.check(tokens).ok()?.ok()
    }

    /// Takes the amount for one request from this process's allowance, or returns the time to wait.
    fn check(&self, tokens: u64) -> Result<Result<Taken<'_>, Duration>, JudgeError> {
        let now = Instant::now();
        let mut used = self.used();
        let of = |rate: Option<Rate>, until, count| match rate {
            None => Ok(until),
            Some(rate) => rate.check(until, count, now).map(Some),
        };
        let (requests, tokens_used) = match (
            of(self.requests, used.requests, 1),
            of(self.tokens, used.tokens, tokens),
        ) {
            (Ok(requests), Ok(tokens)) => (requests, tokens),
            (Err(Err(error)), _) | (_, Err(Err(error))) => return Err(error),
            (Err(Ok(one)), Err(Ok(other))) => return Ok(Err(one.max(other))),
            (Err(Ok(wait)), Ok(_)) | (Ok(_), Err(Ok(wait))) => return Ok(Err(wait)),
        };
        *used = Used {
            requests,
            tokens: tokens_used,
        };
        Ok(Ok(Taken {
            buckets: self,
            tokens,
        }))
    }

    fn put_back(&self, tokens: u64) {
        let mut used = self.used();
        let less = |until: Option<Instant>, rate: &Option<Rate>, count| match (until, rate) {
            (Some(until), Some(rate)) => until.checked_sub(rate.takes(count)),
            (until, _) => until,
        };
        used.requests = less(used.requests, &self.requests, 1);
        used.tokens = less(used.tokens, &self.tokens, tokens);
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        // A poisoned lock is harmless: both values are always valid.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "tests/buckets.rs"]
mod tests;
