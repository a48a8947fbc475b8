//! How much a provider takes a minute: requests and tokens, of all its judges together.
//!
//! GCRA for both at once: a request takes from the two allowances together or from neither, and gives
//! back what it took if it is not sent. Libraries have neither, and an allowance that is used up by
//! requests which are then refused starves those that would be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::judges::JudgeError;

/// The allowances of one provider.
#[derive(Debug, Default)]
pub struct Buckets {
    requests: Option<Rate>,
    tokens: Option<Rate>,
    used: Mutex<Used>,
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
        let Buckets {
            requests, tokens, ..
        } = self.buckets;
        let mut used = self.buckets.used();
        let less = |until: Option<Instant>, rate: &Option<Rate>, count| match (until, rate) {
            (Some(until), Some(rate)) => until.checked_sub(rate.takes(count)),
            (until, _) => until,
        };
        used.requests = less(used.requests, requests, 1);
        used.tokens = less(used.tokens, tokens, self.tokens);
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
        let wait = then.saturating_duration_since(now + Duration::from_secs(60));
        if wait.is_zero() {
            Ok(then)
        } else {
            Err(Ok(wait))
        }
    }
}

impl Buckets {
    /// So many requests and tokens a minute, all of a minute's at once if need be; 0 means no limit.
    pub fn new(requests_per_minute: u32, tokens_per_minute: u32) -> Self {
        Self {
            requests: Rate::new(requests_per_minute, "requests"),
            tokens: Rate::new(tokens_per_minute, "tokens"),
            used: Mutex::default(),
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
            match self.check(tokens)? {
                Ok(taken) => return Ok(taken),
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
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

    fn used(&self) -> MutexGuard<'_, Used> {
        // Two plain values, each whole whoever panicked.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_minute_may_be_used_at_once_and_then_flows() {
        // One each 50 ms.
        let buckets = Buckets::new(1200, 0);
        let begun = Instant::now();
        for _ in 0..1200 {
            let _sent = buckets.take(1_000_000, || Ok(())).await.unwrap();
        }
        let burst = begun.elapsed();
        for _ in 0..4 {
            let _sent = buckets.take(1, || Ok(())).await.unwrap();
        }
        let all = begun.elapsed();
        assert!(all >= Duration::from_millis(200), "{burst:?}, {all:?}");
    }

    #[tokio::test]
    async fn tokens_are_counted_too() {
        let buckets = Buckets::new(0, 6000);
        let begun = Instant::now();
        let _sent = buckets.take(6000, || Ok(())).await.unwrap();
        // 100 a second.
        let _sent = buckets.take(20, || Ok(())).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(150));
        let error = buckets.take(6001, || Ok(())).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "not asked: it may take 6001 tokens, more than the whole tokens_per_minute = 6000 of the judge"
        );
    }

    #[tokio::test]
    async fn without_limits_nothing_waits() {
        let buckets = Buckets::new(0, 0);
        let waiting = async {
            for _ in 0..10_000 {
                let _sent = buckets.take(u64::MAX, || Ok(())).await.unwrap();
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(in_time.is_ok());
    }

    #[tokio::test]
    async fn what_is_no_longer_wanted_takes_nothing() {
        let buckets = Buckets::new(2, 0);
        let refused = || {
            Err(JudgeError::CircuitOpen {
                retry_after: Duration::ZERO,
            })
        };
        for _ in 0..10 {
            buckets.take(1, refused).await.unwrap_err();
        }
        assert!(buckets.take_now(1).is_some() && buckets.take_now(1).is_some());
        assert!(buckets.take_now(1).is_none(), "a minute's are used up");
    }

    #[tokio::test]
    async fn a_request_takes_from_both_allowances_or_from_neither() {
        let buckets = Buckets::new(1, 100);
        assert!(buckets.take_now(101).is_none(), "too many tokens");
        let sent = buckets.take_now(40).unwrap();
        // No request is left: its tokens stay.
        assert!(buckets.take_now(60).is_none());
        let refused = || Err(JudgeError::Budget("no money".into()));
        buckets.take(60, refused).await.unwrap_err();
        assert!(buckets.tokens_left(60) && !buckets.tokens_left(61));
        sent.give_back();
        let all = buckets.take_now(100);
        assert!(all.is_some(), "what was given back is there again");
    }

    impl Buckets {
        /// Whether so many tokens are left now.
        fn tokens_left(&self, count: u64) -> bool {
            let used = *self.used();
            let rate = self.tokens.unwrap();
            rate.check(used.tokens, count, Instant::now()).is_ok()
        }
    }
}
