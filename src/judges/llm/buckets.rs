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

    /// Waits until one more request of so many tokens is allowed.
    pub(super) async fn take(&self, tokens: u64) -> Result<(), JudgeError> {
        if let Some(bucket) = &self.requests {
            bucket.take(1).await?;
        }
        if let Some(bucket) = &self.tokens {
            bucket.take(tokens).await?;
        }
        Ok(())
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

    async fn take(&self, count: u64) -> Result<(), JudgeError> {
        let wanted = u32::try_from(count).unwrap_or(u32::MAX);
        let Some(wanted) = NonZeroU32::new(wanted) else {
            return Ok(());
        };
        loop {
            match self.limiter.check_n(wanted) {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(early)) => {
                    let wait = early.wait_time_from(DefaultClock::default().now());
                    tokio::time::sleep(wait).await;
                }
                // Waiting does not help.
                Err(_) => {
                    return Err(JudgeError::Budget(format!(
                        "it may take {count} {}, and the provider takes {} a minute",
                        self.what, self.per_minute
                    )));
                }
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
            buckets.take(1_000_000).await.unwrap();
        }
        let burst = begun.elapsed();
        for _ in 0..4 {
            buckets.take(1).await.unwrap();
        }
        let all = begun.elapsed();
        assert!(all >= Duration::from_millis(200), "{burst:?}, {all:?}");
    }

    #[tokio::test]
    async fn tokens_are_counted_too() {
        let buckets = Buckets::new(0, 6000);
        let begun = Instant::now();
        buckets.take(6000).await.unwrap();
        // 100 a second.
        buckets.take(20).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(150));
        let error = buckets.take(6001).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "not asked: it may take 6001 tokens, and the provider takes 6000 a minute"
        );
    }

    #[tokio::test]
    async fn without_limits_nothing_waits() {
        let buckets = Buckets::new(0, 0);
        let waiting = async {
            for _ in 0..10_000 {
                buckets.take(u64::MAX).await.unwrap();
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(in_time.is_ok());
    }
}
