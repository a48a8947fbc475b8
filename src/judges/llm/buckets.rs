//! How much a provider takes a minute: requests and tokens, of all its judges together.
//!
//! GCRA for both at once: a request takes from the two allowances together or from neither, and gives
//! back what it took if it is not sent. Libraries have neither, and an allowance that is used up by
//! requests which are then refused starves those that would be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::others::{Allowance, Counted, Others};
use crate::judges::JudgeError;

/// How much may be used at once: all of a minute's.
const WINDOW: Duration = Duration::from_secs(60);

/// The allowances of one provider.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    requests: Option<Rate>,
    tokens: Option<Rate>,
    used: Mutex<Used>,
    /// Who shares them, and under which name.
    shared: Option<(Others, String)>,
}

/// How much a minute.
#[derive(Debug, Clone, Copy)]
struct Rate {
    per_minute: u32,
    what: &'static str,
}

/// Until when each allowance is used, at its rate; none or a past time: it is whole.
#[derive(Debug, Default, Clone, Copy)]
struct Used {
    requests: Option<Instant>,
    tokens: Option<Instant>,
}

/// What a request took. It stays taken, unless it is given back.
#[must_use]
#[derive(Debug)]
pub(crate) struct Taken<'a> {
    buckets: &'a Buckets,
    tokens: u64,
}

impl Taken<'_> {
    /// The request was not sent.
    pub(crate) fn give_back(self) {
        let Self { buckets, tokens } = self;
        buckets.put_back(tokens);
        if let Some((others, allowances)) = buckets.of_all(tokens) {
            others.give_back(allowances);
        }
    }

    /// The same, where the other processes have not been asked.
    fn put_back(self) {
        let Self { buckets, tokens } = self;
        buckets.put_back(tokens);
    }
}

impl Rate {
    fn new(per_minute: u32, what: &'static str) -> Option<Self> {
        (per_minute > 0).then_some(Self { per_minute, what })
    }

    /// How long so many are used for.
    fn takes(self, count: u64) -> Duration {
        const MINUTE: u128 = 60_000_000_000;
        let nanos = MINUTE * u128::from(count) / u128::from(self.per_minute);
        Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX))
    }

    /// Until when the allowance is used once so many more are taken, or how long to wait for them.
    fn check(
        self,
        until: Option<Instant>,
        count: u64,
        now: Instant,
    ) -> Result<Instant, Result<Duration, JudgeError>> {
        if count > u64::from(self.per_minute) {
            // Waiting does not help.
            return Err(Err(JudgeError::Budget(format!(
                "it may take {count} {what}, more than the whole {what}_per_minute = {} of the judge",
                self.per_minute,
                what = self.what,
            ))));
        }
        let then = until.map_or(now, |until| until.max(now)) + self.takes(count);
        // All of a minute's may be used at once.
        let wait = then.saturating_duration_since(now + WINDOW);
        if wait.is_zero() {
            Ok(then)
        } else {
            Err(Ok(wait))
        }
    }
}

impl Buckets {
    /// So many requests and tokens a minute, all of a minute's at once if need be; 0 means no limit.
    pub(crate) fn new(requests_per_minute: u32, tokens_per_minute: u32) -> Self {
        Self {
            requests: Rate::new(requests_per_minute, "requests"),
            tokens: Rate::new(tokens_per_minute, "tokens"),
            used: Mutex::default(),
            shared: None,
        }
    }

    /// The same, of all processes together: what they count has this name.
    pub(crate) fn shared(self, others: Others, name: String) -> Self {
        Self {
            shared: Some((others, name)),
            ..self
        }
    }

    /// Waits until one more request of so many tokens is allowed. `wanted` is asked before anything is
    /// taken, after each wait too: what it refuses takes nothing.
    pub(crate) async fn take(
        &self,
        tokens: u64,
        mut wanted: impl FnMut() -> Result<(), JudgeError>,
    ) -> Result<Taken<'_>, JudgeError> {
        loop {
            wanted()?;
            let wait = match self.check(tokens)? {
                Ok(taken) => match self.take_of_all(tokens).await {
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

    /// Takes what one more request needs, if it is there now, for this process and for all together.
    pub(crate) async fn take_if_there(&self, tokens: u64) -> Option<Taken<'_>> {
        let taken = self.take_now(tokens)?;
        if self.take_of_all(tokens).await.is_some() {
            taken.put_back();
            return None;
        }
        Some(taken)
    }

    /// Takes from what all processes count together, or tells how long to wait.
    async fn take_of_all(&self, tokens: u64) -> Option<Duration> {
        let (others, allowances) = self.of_all(tokens)?;
        others.take(allowances).await
    }

    /// Who counts with this process, and what a request takes there.
    fn of_all(&self, tokens: u64) -> Option<(&dyn Counted, Vec<Allowance>)> {
        let (others, name) = self.shared.as_ref()?;
        let others = others.get()?;
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
        (!allowances.is_empty()).then_some((others, allowances))
    }

    /// Takes what one more request needs, if it is there now.
    pub(crate) fn take_now(&self, tokens: u64) -> Option<Taken<'_>> {
        self.check(tokens).ok()?.ok()
    }

    /// Takes what a request needs, or tells how long to wait for it.
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
        // Two plain values, each whole whoever panicked.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "tests/buckets.rs"]
mod tests;
