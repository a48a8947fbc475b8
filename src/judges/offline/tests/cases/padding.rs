//! Saying it twice, or more politely, makes nothing truer.

use super::texts::{FAITHFUL, FAULTS};
use super::{case, mean, scored, verdicts};
use crate::text::sentences;

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

#[test]
fn a_sentence_of_the_source_behind_an_unended_claim_bears_out_nothing() {
    let weakest = |source: &str, candidate: &str| {
        let verdicts = verdicts(&case(source, candidate));
        let supported = verdicts.iter().map(|verdict| verdict.probability.supported);
        supported.fold(1.0, f64::min)
    };
    let (mut compared, mut raised) = (0, Vec::new());
    for (source, candidate, ..) in FAULTS {
        let candidate = candidate.trim_end_matches(['.', '。', '!', '।']);
        let was = weakest(source, candidate);
        for sentence in sentences::split(source) {
            let sentence = &source[sentence.range];
            for gap in [" ", "\n"] {
                let longer = format!("{candidate}{gap}{sentence}");
                let is = weakest(source, &longer);
                compared += 1;
                if is > was + 1e-6 {
                    raised.push(format!("{was:.3} -> {is:.3}: {longer}"));
                }
            }
        }
    }
    assert!(compared > 300, "{compared}");
    assert_eq!(raised, Vec::<String>::new());
}
