//! When a provider that keeps failing is left alone: a state machine with the clock passed in.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::report::Failure;
use crate::judges::{CircuitState as State, JudgeError};

/// What a call's end says of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It serves.
    Good,
    /// It does not.
    Bad,
    /// Nothing: the call was dropped.
    None,
}

/// Leave to make one call; handed back with its end, so that late answers of an earlier state
/// change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass(u64);

/// One judge's circuit.
#[derive(Debug)]
pub(crate) struct Circuit {
    failures: u32,
    open_for: Duration,
    row: u32,
    opened: Option<Instant>,
    probing: bool,
    epoch: u64,
}

impl Circuit {
    /// Opens after `failures` in a row, never where that is 0, for `open_for`.
    pub(crate) const fn new(failures: u32, open_for: Duration) -> Self {
        Self {
            failures,
            open_for,
            row: 0,
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

    /// Whether a call that has leave may still be made: nothing was decided since.
    const fn allows(&self, pass: Pass) -> bool {
        pass.0 == self.epoch
    }

    /// Leave for one call, or how long to wait at least.
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

    /// The end of a call.
    pub(crate) fn end(&mut self, pass: Pass, sign: Sign, now: Instant) {
        if pass.0 != self.epoch || (self.opened.is_some() && !self.probing) {
            return;
        }
        match sign {
            Sign::None => self.probing = false,
            Sign::Good => {
                self.row = 0;
                self.opened = None;
                self.probing = false;
            }
            Sign::Bad => {
                self.row = self.row.saturating_add(1);
                if self.probing || (self.failures > 0 && self.row >= self.failures) {
                    self.opened = Some(now);
                    self.probing = false;
                    self.epoch += 1;
                }
            }
        }
    }
}

/// How long to wait at least while another call tries whether the provider is back.
const PROBE: Duration = Duration::from_secs(1);

/// A circuit that the calls of all runs share.
#[derive(Debug)]
pub(crate) struct Breaker(Mutex<Circuit>);

impl Breaker {
    pub(crate) const fn new(failures: u32, open_for: Duration) -> Self {
        Self(Mutex::new(Circuit::new(failures, open_for)))
    }

    /// A thread that panicked while it held the lock leaves plain numbers behind.
    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> State {
        self.circuit().state(Instant::now())
    }

    /// Leave for one call.
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

/// A call under way. One that is dropped says nothing of the provider, and gives its place back.
pub(crate) struct Call<'a> {
    breaker: &'a Breaker,
    pass: Option<Pass>,
}

impl Call<'_> {
    /// For a call that waited and was not yet made: it may still be, or may again.
    pub(crate) fn renew(&mut self) -> Result<(), JudgeError> {
        let mut circuit = self.breaker.circuit();
        if self.pass.is_none_or(|pass| !circuit.allows(pass)) {
            self.pass = None;
            self.pass = Some(begin(&mut circuit)?);
        }
        Ok(())
    }

    /// How it ended.
    pub(crate) fn end<T>(mut self, result: &Result<T, JudgeError>) {
        let sign = match result {
            Ok(_) => Sign::Good,
            Err(error) => sign(error.failure()),
        };
        self.tell(sign);
    }

    fn tell(&mut self, sign: Sign) {
        if let Some(pass) = self.pass.take() {
            self.breaker.circuit().end(pass, sign, Instant::now());
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.tell(Sign::None);
    }
}

/// A provider that answers serves, whatever it answers to this one question.
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
mod tests {
    use super::*;

    use proptest::prelude::*;

    const OPEN: Duration = Duration::from_secs(30);

    fn opened() -> (Circuit, Instant) {
        let (mut circuit, now) = (Circuit::new(2, OPEN), Instant::now());
        for _ in 0..2 {
            let pass = circuit.begin(now).unwrap();
            circuit.end(pass, Sign::Bad, now);
        }
        assert_eq!(circuit.state(now), State::Open);
        (circuit, now)
    }

    #[test]
    fn a_success_between_failures_keeps_it_closed() {
        let (mut circuit, now) = (Circuit::new(2, OPEN), Instant::now());
        for sign in [Sign::Bad, Sign::Good, Sign::Bad, Sign::None] {
            let pass = circuit.begin(now).unwrap();
            circuit.end(pass, sign, now);
        }
        assert_eq!(circuit.state(now), State::Closed);
    }

    #[test]
    fn zero_failures_never_opens() {
        let (mut circuit, now) = (Circuit::new(0, OPEN), Instant::now());
        for _ in 0..100 {
            let pass = circuit.begin(now).unwrap();
            circuit.end(pass, Sign::Bad, now);
        }
        assert_eq!(circuit.state(now), State::Closed);
    }

    #[test]
    fn one_probe_at_a_time_decides() {
        for (sign, then) in [
            (Sign::Good, State::Closed),
            (Sign::Bad, State::Open),
            (Sign::None, State::HalfOpen),
        ] {
            let (mut circuit, now) = opened();
            assert_eq!(circuit.begin(now), Err(OPEN));
            let later = now + OPEN;
            let probe = circuit.begin(later).unwrap();
            assert!(circuit.begin(later).is_err(), "a second probe");
            circuit.end(probe, sign, later);
            assert_eq!(circuit.state(later), then);
            assert_eq!(circuit.begin(later).is_ok(), sign != Sign::Bad);
        }
    }

    #[test]
    fn a_late_answer_from_before_changes_nothing() {
        let (mut circuit, now) = (Circuit::new(1, OPEN), Instant::now());
        let late = circuit.begin(now).unwrap();
        let pass = circuit.begin(now).unwrap();
        circuit.end(pass, Sign::Bad, now);
        circuit.end(late, Sign::Good, now);
        assert_eq!(circuit.state(now), State::Open);
        let probe = circuit.begin(now + OPEN).unwrap();
        circuit.end(late, Sign::None, now + OPEN);
        assert!(circuit.begin(now + OPEN).is_err(), "the probe is still out");
        circuit.end(probe, Sign::Good, now + OPEN);
        assert_eq!(circuit.state(now + OPEN), State::Closed);
    }

    #[test]
    fn leave_ends_when_the_circuit_opens_and_can_be_had_again() {
        let breaker = Breaker::new(1, Duration::from_secs(60));
        let (mut waiting, failing) = (breaker.enter().unwrap(), breaker.enter().unwrap());
        waiting.renew().unwrap();
        failing.end(&Err::<(), _>(JudgeError::Transport("gone".into())));
        let refused = waiting.renew().unwrap_err();
        assert!(matches!(refused, JudgeError::CircuitOpen { .. }));
        let breaker = Breaker::new(1, Duration::ZERO);
        let (mut waiting, failing) = (breaker.enter().unwrap(), breaker.enter().unwrap());
        failing.end(&Err::<(), _>(JudgeError::Transport("gone".into())));
        // It is the probe now.
        waiting.renew().unwrap();
        assert!(breaker.enter().is_err());
        waiting.end(&Ok(()));
        assert_eq!(breaker.state(), State::Closed);
    }

    /// What a provider and the callers may do to a circuit.
    #[derive(Debug, Clone)]
    enum Act {
        Ask,
        /// The call under way at this place, counted round, ends so.
        End(usize, Sign),
        Wait(u64),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let sign = prop_oneof![Just(Sign::Good), Just(Sign::Bad), Just(Sign::None)];
        let act = prop_oneof![
            4 => Just(Act::Ask),
            4 => (any::<usize>(), sign).prop_map(|(which, sign)| Act::End(which, sign)),
            1 => (0..40_u64).prop_map(Act::Wait),
        ];
        proptest::collection::vec(act, 1..200)
    }

    proptest! {
        /// Whatever comes in whatever order: an open circuit lets nothing through, a half-open one a
        /// single call, and only as many failures as configured open one.
        #[test]
        fn a_circuit_keeps_its_rules(failures in 0..4_u32, acts in acts()) {
            let mut now = Instant::now();
            let mut circuit = Circuit::new(failures, OPEN);
            let mut calls: Vec<Pass> = Vec::new();
            let mut probe: Option<Pass> = None;
            for act in acts {
                match act {
                    Act::Wait(seconds) => {
                        let before = circuit.state(now);
                        now += Duration::from_secs(seconds);
                        if before == State::Closed {
                            prop_assert_eq!(circuit.state(now), State::Closed, "opened by itself");
                        }
                    }
                    Act::Ask => {
                        let state = circuit.state(now);
                        let asked = circuit.begin(now);
                        match state {
                            State::Closed => prop_assert!(asked.is_ok()),
                            State::Open => prop_assert!(asked.is_err_and(|left| left <= OPEN)),
                            State::HalfOpen => {
                                prop_assert_eq!(asked.is_ok(), probe.is_none(), "one probe at a time");
                                probe = probe.or(asked.ok());
                            }
                        }
                        calls.extend(asked);
                    }
                    Act::End(which, sign) if !calls.is_empty() => {
                        let pass = calls.swap_remove(which % calls.len());
                        let before = circuit.state(now);
                        let counted = circuit.allows(pass);
                        circuit.end(pass, sign, now);
                        let after = circuit.state(now);
                        let probed = probe == Some(pass);
                        if probed {
                            probe = None;
                            let expected = match sign {
                                Sign::Good => State::Closed,
                                Sign::Bad => State::Open,
                                Sign::None => State::HalfOpen,
                            };
                            prop_assert_eq!(after, expected);
                        } else if before != State::Closed || !counted {
                            prop_assert_eq!(after, before, "a late answer decided");
                        } else if after == State::Open {
                            prop_assert!(failures > 0 && sign == Sign::Bad);
                        }
                    }
                    Act::End(..) => {}
                }
            }
            // Nobody is shut out for ever.
            for pass in calls {
                circuit.end(pass, Sign::None, now);
            }
            now += OPEN;
            let last = circuit.begin(now);
            prop_assert!(last.is_ok());
            circuit.end(last.unwrap(), Sign::Good, now);
            prop_assert_eq!(circuit.state(now), State::Closed);
        }
    }
}
