//! Saying it twice, or more politely, makes nothing truer.

use super::texts::{FAITHFUL, FAULTS};
use super::{case, mean, scored};

const FILLERS: [&str; 3] = [
    "Thank you for asking! ",
    "I hope this helps. Do you have another question?",
    "Great question!",
];

#[test]
fn repeating_and_padding_never_raise_a_score() {
    let candidates = FAULTS
        .iter()
        .map(|(source, candidate, ..)| (*source, *candidate));
    let candidates = candidates.chain(FAITHFUL.iter().copied());
    let mut compared = 0;
    let mut raised = Vec::new();
    for (source, candidate) in candidates {
        let plain = case(source, candidate);
        if scored(&plain).is_empty() {
            continue;
        }
        let [before, between, after] = FILLERS;
        for padded in [
            format!("{candidate} {candidate}"),
            format!("{candidate} ").repeat(7),
            format!("{before}{candidate} {between}"),
            format!("{candidate} {after} {after} {after}"),
        ] {
            let (was, is) = (mean(&plain), mean(&case(source, &padded)));
            compared += 1;
            if is > was + 1e-6 {
                raised.push(format!("{was:.3} -> {is:.3}: {padded}"));
            }
        }
    }
    assert!(compared > 100, "{compared}");
    assert_eq!(raised, Vec::<String>::new());
}
