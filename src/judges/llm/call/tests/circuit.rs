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
