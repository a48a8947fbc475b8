//! How often and how many at a time: permits, attempts, waiting between them.

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::judges::JudgeError;

/// How long to wait between attempts where the provider does not say: doubling from `shortest` to
/// `longest`, each with up to as much again at random, so that runs that failed together do not
/// return together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pub(super) shortest: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    pub(super) const DEFAULT: Self = Self {
        shortest: Duration::from_millis(500),
        longest: Duration::from_secs(15),
    };
}

/// The limits of one judge over all runs.
#[derive(Debug)]
pub(super) struct Limits {
    permits: Semaphore,
    max_attempts: u32,
    timeout: Duration,
    backoff: Backoff,
}

impl Limits {
    pub(super) fn new(
        max_concurrency: usize,
        max_attempts: u32,
        timeout: Duration,
        backoff: Backoff,
    ) -> Self {
        Self {
            permits: Semaphore::new(max_concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            max_attempts: max_attempts.max(1),
            timeout,
            backoff,
        }
    }

    /// Attempts until one succeeds, fails for good, or the limits are reached; returns how many
    /// attempts were made.
    ///
    /// One attempt may take `timeout`; all attempts and the waits between them `timeout` ×
    /// `max_attempts` together, waiting for a permit not counted. A wait that would not fit is not
    /// begun. The permit is given back while waiting: others may have better luck.
    pub(super) async fn run<T, F>(
        &self,
        judge: &str,
        mut attempt: impl FnMut() -> F,
    ) -> (u32, Result<T, JudgeError>)
    where
        F: Future<Output = Result<T, JudgeError>>,
    {
        let mut budget = self.timeout.saturating_mul(self.max_attempts);
        let mut delays = ExponentialBuilder::new()
            .with_min_delay(self.backoff.shortest)
            .with_max_delay(self.backoff.longest)
            .with_factor(2.0)
            .without_max_times()
            .with_jitter()
            .build();
        let mut attempts = 0;
        loop {
            let Ok(permit) = self.permits.acquire().await else {
                let error = JudgeError::Internal("its permits are gone".into());
                return (attempts, Err(error));
            };
            attempts += 1;
            let allowed = self.timeout.min(budget);
            let begun = Instant::now();
            let result = tokio::time::timeout(allowed, attempt())
                .await
                .unwrap_or(Err(JudgeError::Timeout(allowed)));
            drop(permit);
            budget = budget.saturating_sub(begun.elapsed());

            let error = match result {
                Err(error) if attempts < self.max_attempts => error,
                done => return (attempts, done),
            };
            let Some(asked) = error.retry() else {
                return (attempts, Err(error));
            };
            let delay = delays.next().unwrap_or(self.backoff.longest).max(asked);
            if delay >= budget {
                return (attempts, Err(error));
            }
            tracing::debug!(judge, attempts, ?delay, %error, "asking again");
            tokio::time::sleep(delay).await;
            budget -= delay;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::cell::RefCell;

    const QUICK: Backoff = Backoff {
        shortest: Duration::from_millis(1),
        longest: Duration::from_millis(4),
    };

    fn limits(max_attempts: u32, timeout: Duration) -> Limits {
        Limits::new(1, max_attempts, timeout, QUICK)
    }

    fn unavailable(retry_after: Option<u64>) -> JudgeError {
        JudgeError::Overloaded {
            status: 503,
            reason: "busy".into(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    /// Answers with each of `errors` in turn, then with success.
    async fn run(limits: &Limits, errors: Vec<JudgeError>) -> (u32, Result<(), JudgeError>) {
        let errors = RefCell::new(errors.into_iter());
        limits
            .run("j", || async {
                errors.borrow_mut().next().map_or(Ok(()), Err)
            })
            .await
    }

    #[tokio::test]
    async fn only_what_can_pass_is_asked_again() {
        let minute = Duration::from_secs(60);
        let rejected = JudgeError::Rejected {
            status: 401,
            reason: "bad key".into(),
        };
        let limited = JudgeError::RateLimited {
            status: 429,
            retry_after: None,
        };
        let table = [
            (vec![], 1, true),
            (vec![unavailable(None)], 2, true),
            (vec![limited, JudgeError::Timeout(minute)], 3, true),
            (vec![unavailable(None); 3], 3, false),
            (vec![rejected], 1, false),
            (vec![JudgeError::Malformed("no JSON".into())], 1, false),
            (vec![JudgeError::Refused("no".into())], 1, false),
            // Said to take longer than there is time for.
            (vec![unavailable(Some(3600))], 1, false),
        ];
        for (errors, attempts, success) in table {
            let what = format!("{errors:?}");
            let (made, result) = run(&limits(3, minute), errors).await;
            assert_eq!((made, result.is_ok()), (attempts, success), "{what}");
        }
    }

    #[tokio::test]
    async fn an_attempt_that_hangs_is_cut_and_tried_again() {
        let limits = limits(2, Duration::from_millis(40));
        let begun = Instant::now();
        let (attempts, result) = limits
            .run("j", std::future::pending::<Result<(), JudgeError>>)
            .await;
        assert_eq!(attempts, 2);
        assert!(matches!(result, Err(JudgeError::Timeout(_))), "{result:?}");
        assert!(
            begun.elapsed() >= Duration::from_millis(80),
            "the whole budget was used"
        );
    }

    #[tokio::test]
    async fn the_permit_is_free_while_waiting() {
        let patient = Backoff {
            shortest: Duration::from_secs(20),
            longest: Duration::from_secs(20),
        };
        let limits = Limits::new(1, 2, Duration::from_secs(60), patient);
        let waiting = limits.run("j", || async { Err::<(), _>(unavailable(None)) });
        let other = limits.run("j", || async { Ok(()) });
        tokio::select! {
            biased;
            _ = waiting => panic!("it should wait"),
            (attempts, result) = other => assert_eq!((attempts, result.is_ok()), (1, true)),
            () = tokio::time::sleep(Duration::from_secs(10)) => panic!("the permit is kept"),
        }
    }
}
