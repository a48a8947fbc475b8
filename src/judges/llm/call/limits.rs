//! How often and how many at a time: permits, attempts, waiting between them.

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
use crate::judges::{CircuitState, JudgeError};

/// How long to wait between attempts where the provider does not say: doubling from `shortest` to
/// `longest`, each with up to as much again at random, so that runs that failed together do not
/// return together.
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
}

impl CallLimits {
    pub(crate) fn new(settings: &Settings, backoff: Backoff) -> Self {
        Self {
            permits: Permits::new(settings.max_concurrency, settings.others.clone()),
            max_attempts: settings.max_attempts.max(1),
            timeout: settings.timeout,
            backoff,
            hedge_after: settings.hedge_after,
            breaker: Breaker::new(settings.circuit_failures, settings.circuit_open),
            buckets: Arc::clone(&settings.buckets),
        }
    }

    /// Whether the provider is asked at all.
    pub(crate) fn circuit(&self) -> CircuitState {
        self.breaker.state()
    }

    /// Attempts until one succeeds, fails for good, or the limits are reached; returns how many
    /// attempts were made. Each may take so many tokens.
    ///
    /// One attempt may take `timeout`; all attempts and the waits between them `timeout` ×
    /// `max_attempts` together, waiting for the provider's allowance and for a permit not counted. A
    /// wait that would not fit is not begun. The permit is given back while waiting: others may have
    /// better luck.
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
            let (call, taken) = match self.leave(tokens).await {
                Ok(leave) => leave,
                // What opened the circuit says more than that it is open.
                Err(error) => return (attempts, Err(failed.unwrap_or(error))),
            };
            attempts += 1;
            let allowed = self.timeout.min(budget);
            let begun = Instant::now();
            let answer = self.hedged((tokens, taken), &mut attempts, &mut attempt);
            let result = tokio::time::timeout(allowed, answer)
                .await
                .unwrap_or(Err(JudgeError::Timeout(allowed)));
            call.end(&result);
            drop(permit);
            // The budget is looked at last.
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

    /// Leave of the circuit and of the provider's allowance. Nothing is taken from the allowance for a
    /// judge that is left alone, and whoever waited for it longer than the provider lasted does not ask.
    async fn leave(&self, tokens: u64) -> Result<(Call<'_>, Taken<'_>), JudgeError> {
        let mut call = self.breaker.enter()?;
        let taken = self.buckets.take(tokens, || call.renew()).await?;
        Ok((call, taken))
    }

    /// One attempt; where hedging is on and it takes long, a second beside it, if attempts, the
    /// allowance and a permit are left. The first answer wins, and the other request is dropped.
    async fn hedged<T, F>(
        &self,
        (tokens, taken): (u64, Taken<'_>),
        attempts: &mut u32,
        attempt: &mut impl FnMut() -> F,
    ) -> Result<T, JudgeError>
    where
        F: Future<Output = Result<T, JudgeError>>,
    {
        let first = paid(taken, attempt());
        let Some(patience) = self.hedge_after else {
            return first.await;
        };
        let mut first = Box::pin(first);
        tokio::select! {
            biased;
            result = &mut first => return result,
            () = tokio::time::sleep(patience) => {}
        }
        if *attempts >= self.max_attempts {
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
        match select(first, Box::pin(paid(taken, attempt()))).await {
            Either::Left((Err(_), second)) => second.await,
            Either::Right((Err(error), first)) => {
                // It was not sent.
                *attempts -= u32::from(matches!(error, JudgeError::Budget(_)));
                first.await
            }
            Either::Left((answer, _)) | Either::Right((answer, _)) => answer,
        }
    }
}

/// An attempt with what it took. What the budgets refuse is not sent, and leaves the provider's allowance
/// to others.
async fn paid<T>(
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
