use proptest::prelude::*;

use super::*;

const ALL_HEARD: Heard = Heard {
    claims: Some(3),
    verified: true,
    probability: Some(0.9),
    threshold: 0.45,
    missing_here: 0,
    missing_elsewhere: 0,
    accept_missing: false,
};

#[test]
fn what_everybody_supports_passes() {
    assert_eq!(decide(ALL_HEARD), (GuardVerdict::Pass, Vec::new()));
    let at_the_threshold = Heard {
        probability: Some(0.45),
        ..ALL_HEARD
    };
    assert_eq!(decide(at_the_threshold).0, GuardVerdict::Pass);
}

#[test]
fn each_reason_is_named() {
    let below = Heard {
        probability: Some(0.449),
        missing_elsewhere: 1,
        ..ALL_HEARD
    };
    let both = vec![GuardReason::BelowThreshold, GuardReason::NotHeard];
    assert_eq!(decide(below), (GuardVerdict::Flag, both));
    let unscored = Heard {
        probability: None,
        ..ALL_HEARD
    };
    let why = vec![GuardReason::NoScore];
    assert_eq!(decide(unscored), (GuardVerdict::Flag, why));
}

#[test]
fn a_chance_that_is_no_number_passes_nothing() {
    let broken = Heard {
        probability: Some(f64::NAN),
        ..ALL_HEARD
    };
    assert_eq!(decide(broken).0, GuardVerdict::Flag);
}

#[test]
fn without_a_claim_there_is_nothing_to_check_and_that_is_not_the_same_as_not_known() {
    let none = Heard {
        claims: Some(0),
        probability: None,
        ..ALL_HEARD
    };
    assert_eq!(decide(none), (GuardVerdict::NothingToCheck, Vec::new()));
    let unknown = Heard {
        claims: None,
        verified: false,
        ..none
    };
    assert_eq!(decide(unknown).0, GuardVerdict::Flag);
}

#[test]
fn judges_elsewhere_may_be_missing_where_that_is_accepted() {
    let without = Heard {
        missing_elsewhere: 2,
        accept_missing: true,
        ..ALL_HEARD
    };
    assert_eq!(decide(without).0, GuardVerdict::Pass);
}

proptest! {
    /// Time that is over never lets anything through, however good the figure is that was there by then.
    #[test]
    fn nothing_passes_of_which_something_was_not_heard(
        probability in proptest::option::of(0.0..=1.0_f64),
        threshold in 0.0..=1.0_f64,
        claims in proptest::option::of(1..50_usize),
        missing in (0..3_usize, 0..3_usize),
        verified: bool,
        accept_missing: bool,
    ) {
        let (missing_here, missing_elsewhere) = missing;
        let heard = Heard {
            claims, verified, probability, threshold, missing_here, missing_elsewhere, accept_missing,
        };
        let (verdict, reasons) = decide(heard);
        let is_incomplete = claims.is_none() || !verified || missing_here > 0
            || (missing_elsewhere > 0 && !accept_missing);
        prop_assert_eq!(is_incomplete, reasons.contains(&GuardReason::NotHeard));
        prop_assert_eq!(verdict == GuardVerdict::Pass, reasons.is_empty());
    }
}
