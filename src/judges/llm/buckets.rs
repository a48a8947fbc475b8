//! How much a provider takes a minute: requests and tokens, of all its judges together (GCRA, by
//! `governor`).

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota};

use crate::judges::JudgeError;

/// The allowances of one provider.
#[derive(Debug, Default)]
pub struct Buckets {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    limiter: DefaultDirectRateLimiter,
    per_minute: u32,
    what: &'static str,
}

impl Buckets {
    /// So many requests and tokens a minute, all of a minute's at once if need be; 0 means no limit.
    pub fn new(requests_per_minute: u32, tokens_per_minute: u32) -> Self {
        Self {
            requests: Bucket::new(requests_per_minute, "requests"),
            tokens: Bucket::new(tokens_per_minute, "tokens"),
        }
    }

    /// Waits until one more request of so many tokens is allowed. `wanted` is asked before anything is
    /// taken, after each wait too: what it refuses takes nothing.
    pub(super) async fn take(
        &self,
        tokens: u64,
        mut wanted: impl FnMut() -> Result<(), JudgeError>,
    ) -> Result<(), JudgeError> {
        // The longer wait first: what is left of the other is taken by who can go.
        if let Some(bucket) = &self.tokens {
            bucket.take(tokens, &mut wanted).await?;
        }
        if let Some(bucket) = &self.requests {
            bucket.take(1, &mut wanted).await?;
        }
        Ok(())
    }

    /// Takes what one more request needs, if it is there now.
    pub(super) fn take_now(&self, tokens: u64) -> bool {
        let has = |bucket: &Option<Bucket>, count| {
            let free = bucket.as_ref().map(|bucket| bucket.check(count));
            free.is_none_or(|checked| matches!(checked, Ok(None)))
        };
        has(&self.tokens, tokens) && has(&self.requests, 1)
    }
}

impl Bucket {
    fn new(per_minute: u32, what: &'static str) -> Option<Self> {
        let count = NonZeroU32::new(per_minute)?;
        let period = Duration::from_secs(60) / per_minute;
        let quota = Quota::with_period(period)?.allow_burst(count);
        Some(Self {
            limiter: DefaultDirectRateLimiter::direct(quota),
            per_minute,
            what,
        })
    }

    /// Takes so many, or tells how long to wait for them.
    fn check(&self, count: u64) -> Result<Option<Duration>, JudgeError> {
        let wanted = u32::try_from(count).unwrap_or(u32::MAX);
        let Some(wanted) = NonZeroU32::new(wanted) else {
            return Ok(None);
        };
        match self.limiter.check_n(wanted) {
            Ok(Ok(())) => Ok(None),
            Ok(Err(early)) => Ok(Some(early.wait_time_from(DefaultClock::default().now()))),
            // Waiting does not help.
            Err(_) => Err(JudgeError::Budget(format!(
                "it may take {count} {what}, more than the whole {what}_per_minute = {} of the judge",
                self.per_minute,
                what = self.what,
            ))),
        }
    }

    async fn take(
        &self,
        count: u64,
        wanted: &mut impl FnMut() -> Result<(), JudgeError>,
    ) -> Result<(), JudgeError> {
        loop {
            wanted()?;
            match self.check(count)? {
                None => return Ok(()),
                Some(wait) => tokio::time::sleep(wait).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Instant;

    #[tokio::test]
    async fn a_minute_may_be_used_at_once_and_then_flows() {
        // One each 50 ms.
        let buckets = Buckets::new(1200, 0);
        let begun = Instant::now();
        for _ in 0..1200 {
            buckets.take(1_000_000, || Ok(())).await.unwrap();
        }
        let burst = begun.elapsed();
        for _ in 0..4 {
            buckets.take(1, || Ok(())).await.unwrap();
        }
        let all = begun.elapsed();
        assert!(all >= Duration::from_millis(200), "{burst:?}, {all:?}");
    }

    #[tokio::test]
    async fn tokens_are_counted_too() {
        let buckets = Buckets::new(0, 6000);
        let begun = Instant::now();
        buckets.take(6000, || Ok(())).await.unwrap();
        // 100 a second.
        buckets.take(20, || Ok(())).await.unwrap();
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
                buckets.take(u64::MAX, || Ok(())).await.unwrap();
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
        assert!(buckets.take_now(1) && buckets.take_now(1));
        assert!(!buckets.take_now(1), "a minute's are used up");
        let tokens = Buckets::new(0, 100);
        assert!(tokens.take_now(60) && !tokens.take_now(60) && !tokens.take_now(101));
    }
}
