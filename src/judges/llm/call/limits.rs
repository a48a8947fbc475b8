//! Limits of a judge's calls: concurrency, number of attempts, timeouts, and delays between
//! attempts.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::circuit::{Breaker, Call};
use super::permits::Permits;
use crate::judges::llm::buckets::{Buckets, Taken};
use crate::judges::llm::settings::Settings;
use crate::judges::llm::shared_counters::SharedCounters;
use crate::judges::{CircuitState, JudgeError};

/// Delays between attempts if the provider does not specify one: doubling from `shortest` to
/// `longest`, each with up to the same amount of random jitter, so that runs that failed together
/// do not retry together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

impl Backoff {
    pub(crate) const DEFAULT: Self = Self {
        shortest: Duration::from_millis(500),
        longest: Duration::from_secs(15),
    };
}

/// The limits of one judge over all runs.
#[derive(Debug)]
pub(crate) struct CallLimits {
    permits: Permits,
    max_attempts: u32,
    timeout: Duration,
    backoff: Backoff,
    hedge_after: Option<Duration>,
    breaker: Breaker,
    buckets: Arc<Buckets>,
    counters: SharedCounters,
}

impl CallLimits {
    pub(crate) fn new(settings: &Settings, backoff: Backoff) -> Self {
        Self {
            permits: Permits::new(settings.max_concurrency, settings.counters.clone()),
            max_attempts: settings.max_attempts.max(1),
            timeout: settings.timeout,
            backoff,
            hedge_after: settings.hedge_after,
            breaker: Breaker::new(settings.circuit_failures, settings.circuit_open),
            buckets: Arc::clone(&settings.buckets),
            counters: settings.counters.clone(),
        }
    }

    /// Returns the state of the circuit breaker.
    pub(crate) fn circuit(&self) -> CircuitState {
        self.breaker.state()
    }

    /// Runs attempts until one succeeds, fails permanently, or a limit is reached. Returns the
    /// number of attempts that were made. Each of them may take so many tokens.
    ///
    /// One attempt may take `timeout`. All attempts and the delays between them may take `timeout`
    /// × `max_attempts` together, without the time spent waiting for the provider's allowance and
    /// for a permit. A delay that would exceed this is not begun. The permit is released during
    /// delays, so that other calls can use it.
    pub(crate) async fn run<T, F>(
        &self,
        judge: &str,
        tokens: u64,
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
        let mut failed = None;
        loop {
            let Some(permit) = self.permits.acquire().await else {
                let error = JudgeError::Internal("its permits are gone".into());
                return (attempts, Err(error));
            };
            let (call, taken) = match self.admit(tokens).await {
                Ok(admitted) => admitted,
                // The error that opened the circuit is more informative than the fact that it is
                // open.
                Err(error) => return (attempts, Err(failed.unwrap_or(error))),
            };
            // It may have waited for long, for its permit or before another attempt.
            if let Some(counters) = self.counters.get() {
                counters.in_touch().await;
            }
            attempts += 1;
            let allowed = self.timeout.min(budget);
            let begun = Instant::now();
            let answer = self.hedged((tokens, taken), &mut attempts, &mut attempt);
            let result = tokio::time::timeout(allowed, answer)
                .await
                .unwrap_or(Err(JudgeError::Timeout(allowed)));
            call.end(&result);
            drop(permit);
            // The budget is checked last, so an attempt that it refuses was not made.
            if matches!(result, Err(JudgeError::Budget(_))) {
                attempts -= 1;
            }
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
            failed = Some(error);
        }
    }

    /// Acquires the permit of the circuit breaker and the provider's allowance. Nothing is taken
    /// from the allowance while the circuit is open, and a call that waited for the allowance
    /// checks the circuit again.
    async fn admit(&self, tokens: u64) -> Result<(Call<'_>, Taken<'_>), JudgeError> {
        let mut call = self.breaker.enter()?;
        let taken = self.buckets.take(tokens, || call.renew()).await?;
        Ok((call, taken))
    }

    /// Runs one attempt. If hedging is on and the attempt takes long, starts a second one
    /// concurrently, provided that attempts, the allowance and a permit are left. The first answer
    /// wins, and the other request is dropped.
    async fn hedged<T, F>(
        &self,
        (tokens, taken): (u64, Taken<'_>),
        attempts: &mut u32,
        attempt: &mut impl FnMut() -> F,
    ) -> Result<T, JudgeError>
    where
        F: Future<Output = Result<T, JudgeError>>,
    {
        let first = with_allowance(taken, attempt());
        let Some(hedge_after) = self.hedge_after else {
            return first.await;
        };
        let mut first = Box::pin(first);
        tokio::select! {
            biased;
            result = &mut first => return result,
            () = tokio::time::sleep(hedge_after) => {}
        }
        let counters = self.counters.get();
        let is_in_touch = counters.is_none_or(|counters| counters.is_in_touch());
        if *attempts >= self.max_attempts || !is_in_touch {
            return first.await;
        }
        let Some(_permit) = self.permits.try_acquire() else {
            return first.await;
        };
        let taken = tokio::select! {
            biased;
            result = &mut first => return result,
            taken = self.buckets.take_if_there(tokens) => taken,
        };
        let Some(taken) = taken else {
            return first.await;
        };
        *attempts += 1;
        match select(first, Box::pin(with_allowance(taken, attempt()))).await {
            Either::Left((Err(_), second)) => second.await,
            Either::Right((Err(error), first)) => {
                // That attempt was not made.
                *attempts -= u32::from(matches!(error, JudgeError::Budget(_)));
                first.await
            }
            Either::Left((answer, _)) | Either::Right((answer, _)) => answer,
        }
    }
}

/// Runs an attempt with the allowance that it took. If the budget refuses it, nothing is sent, and
/// the allowance is given back.
async fn with_allowance<T>(
    taken: Taken<'_>,
    attempt: impl Future<Output = Result<T, JudgeError>>,
) -> Result<T, JudgeError> {
    let result = attempt.await;
    if matches!(result, Err(JudgeError::Budget(_))) {
        taken.give_back();
    }
    result
}

#[cfg(test)]
#[path = "tests/limits.rs"]
mod tests;
