use std::collections::HashMap;

use super::*;
use crate::cli::run_cases::baseline::{Kept, compared};

const NONE: Gate = Gate {
    min_faithful: None,
    no_worse_by: None,
};

fn tally(passed: usize, failed: usize) -> Tally {
    Tally {
        passed,
        failed,
        nothing: 3,
        errored: 0,
    }
}

#[test]
fn the_share_that_is_not_flagged_has_a_floor() {
    let gate = Gate {
        min_faithful: Some(0.9),
        ..NONE
    };
    assert_eq!(gate.failures(tally(9, 1), None), [""; 0]);
    let failed = gate.failures(tally(8, 1), None);
    assert_eq!(
        failed,
        ["--min-faithful: 88.9 % of the outputs are not flagged, and 90.0 % have to be"]
    );
    let nothing = gate.failures(tally(0, 0), None);
    assert_eq!(nothing, ["--min-faithful: nothing was judged"]);
    assert!(NONE.failures(tally(0, 9), None).is_empty() && !NONE.is_set());
}

fn run(probability: impl Fn(u64) -> f64, items: u64) -> HashMap<u64, Kept> {
    let kept = |id| Kept {
        outcome: Outcome::Passed,
        probability: Some(probability(id)),
        document: id,
        digest: 0,
    };
    (0..items).map(|id| (id, kept(id))).collect()
}

#[test]
fn not_being_worse_has_to_be_shown() {
    let gate = Gate {
        no_worse_by: Some(5.0),
        ..NONE
    };
    let failures = |items, now: &dyn Fn(u64) -> f64| {
        let compared = compared(&run(|_| 0.9, items), &run(now, items), 0.45);
        gate.failures(tally(1, 0), compared.as_ref())
    };
    assert_eq!(
        failures(100, &|_| 0.8),
        [""; 0],
        "lower, and none is flagged"
    );
    let few = failures(20, &|_| 0.9);
    assert!(
        few[0].contains("20 documents can't show it") && few[0].contains("takes 59"),
        "{few:?}"
    );
    let worse = failures(100, &|id| if id < 20 { 0.1 } else { 0.9 });
    assert!(worse[0].contains("changed by -20.0 points"), "{worse:?}");
    let apart = gate.failures(tally(1, 0), None);
    assert!(apart[0].contains("no item is in both"), "{apart:?}");
}

#[test]
fn no_number_of_documents_shows_a_margin_of_nothing() {
    let gate = Gate {
        no_worse_by: Some(0.0),
        ..NONE
    };
    let compared = compared(&run(|_| 0.9, 20), &run(|_| 0.9, 20), 0.45);
    let failures = gate.failures(tally(1, 0), compared.as_ref());
    assert!(
        failures[0].ends_with("no number of documents can show it"),
        "{failures:?}"
    );
    assert_eq!(needed(0.05), Some(59));
    assert_eq!(needed(1e-300), None);
}
