//! A circuit breaker for a provider that keeps failing: a state machine that gets the time as a
//! parameter.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::report::Failure;
use crate::judges::{CircuitState as State, JudgeError};

/// The outcome of a call as evidence of the provider's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Good,
    Bad,
    /// No evidence, because the call was dropped.
    None,
}

/// Permit for one call. It is handed back when the call ends, so that late results of an earlier
/// state are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass(u64);

#[derive(Debug)]
pub(crate) struct Circuit {
    failures: u32,
    open_for: Duration,
    consecutive_failures: u32,
    opened: Option<Instant>,
    probing: bool,
    epoch: u64,
}

impl Circuit {
    /// Opens for `open_for` after `failures` consecutive failures; never if `failures` is 0.
    pub(crate) const fn new(failures: u32, open_for: Duration) -> Self {
        Self {
            failures,
            open_for,
            consecutive_failures: 0,
            opened: None,
            probing: false,
            epoch: 0,
        }
    }

    pub(crate) fn state(&self, now: Instant) -> State {
        match self.opened {
            None => State::Closed,
            Some(at) if now.saturating_duration_since(at) < self.open_for => State::Open,
            Some(_) => State::HalfOpen,
        }
    }

    /// Returns whether a permit is still valid, which means that the state has not changed since.
    const fn allows(&self, pass: Pass) -> bool {
        pass.0 == self.epoch
    }

    /// Returns a permit for one call, or the minimum time to wait.
    pub(crate) fn begin(&mut self, now: Instant) -> Result<Pass, Duration> {
        if let Some(at) = self.opened {
            let open = now.saturating_duration_since(at);
            let left = self.open_for.saturating_sub(open);
            if !left.is_zero() || self.probing {
                return Err(left);
            }
            self.probing = true;
            self.epoch += 1;
        }
        Ok(Pass(self.epoch))
    }

    /// Records the outcome of a call.
    pub(crate) fn end(&mut self, pass: Pass, sign: Sign, now: Instant) {
        if pass.0 != self.epoch || (self.opened.is_some() && !self.probing) {
            return;
        }
        match sign {
            Sign::None => self.probing = false,
            Sign::Good => {
                self.consecutive_failures = 0;
                self.opened = None;
                self.probing = false;
            }
            Sign::Bad => {
                self.consecutive_failures = self.consecutive_failures.saturating_add(1);
                if self.probing || (self.failures > 0 && self.consecutive_failures >= self.failures)
                {
                    self.opened = Some(now);
                    self.probing = false;
                    self.epoch += 1;
                }
            }
        }
    }
}

/// Minimum time to wait while another call probes whether the provider has recovered.
const PROBE: Duration = Duration::from_secs(1);

/// A circuit breaker that the calls of all runs share.
#[derive(Debug)]
pub(crate) struct Breaker(Mutex<Circuit>);

impl Breaker {
    pub(crate) const fn new(failures: u32, open_for: Duration) -> Self {
        Self(Mutex::new(Circuit::new(failures, open_for)))
    }

    /// A poisoned lock is harmless: a thread that panicked leaves plain numbers behind.
    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> State {
        self.circuit().state(Instant::now())
    }

    /// Returns a permit for one call, or an error while the circuit is open.
    pub(crate) fn enter(&self) -> Result<Call<'_>, JudgeError> {
        let pass = begin(&mut self.circuit())?;
        Ok(Call {
            breaker: self,
            pass: Some(pass),
        })
    }
}

fn begin(circuit: &mut Circuit) -> Result<Pass, JudgeError> {
    let refused = |left: Duration| JudgeError::CircuitOpen {
        retry_after: if left.is_zero() { PROBE } else { left },
    };
    circuit.begin(Instant::now()).map_err(refused)
}

/// A call in flight. Dropping it gives no evidence about the provider, and frees the permit.
pub(crate) struct Call<'a> {
    breaker: &'a Breaker,
    pass: Option<Pass>,
}

impl Call<'_> {
    /// Renews the permit of a call that was waiting to be sent, if the state has changed meanwhile.
    pub(crate) fn renew(&mut self) -> Result<(), JudgeError> {
        let mut circuit = self.breaker.circuit();
        if self.pass.is_none_or(|pass| !circuit.allows(pass)) {
            self.pass = None;
            self.pass = Some(begin(&mut circuit)?);
        }
        Ok(())
    }

    pub(crate) fn end<T>(mut self, result: &Result<T, JudgeError>) {
        let sign = match result {
            Ok(_) => Sign::Good,
            Err(error) => sign(error.failure()),
        };
        self.record(sign);
    }

    fn record(&mut self, sign: Sign) {
        if let Some(pass) = self.pass.take() {
            self.breaker.circuit().end(pass, sign, Instant::now());
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.record(Sign::None);
    }
}

/// Any answer shows that the provider is up, even if it refuses this particular request.
const fn sign(failure: Failure) -> Sign {
    match failure {
        Failure::Timeout
        | Failure::RateLimited
        | Failure::Quota
        | Failure::Auth
        | Failure::Overloaded
        | Failure::Transport => Sign::Bad,
        Failure::Refused | Failure::Malformed | Failure::Truncated | Failure::Rejected => {
            Sign::Good
        }
        Failure::Budget
        | Failure::CircuitOpen
        | Failure::Quarantined
        | Failure::Cancelled
        | Failure::Internal => Sign::None,
    }
}

#[cfg(test)]
#[path = "tests/circuit.rs"]
mod tests;
