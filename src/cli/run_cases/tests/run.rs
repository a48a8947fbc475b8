use super::*;
use crate::cli::run_cases::record::tests::sample;

#[test]
fn a_stored_result_counts_by_todays_threshold() {
    let stored = Record {
        outcome: Outcome::Passed,
        probability: Some(0.6),
        ..sample("1")
    };
    assert_eq!(rejudged(stored.clone(), Some(0.7)).outcome, Outcome::Failed);
    assert_eq!(rejudged(stored.clone(), Some(0.6)).outcome, Outcome::Passed);
    assert_eq!(rejudged(stored.clone(), None), stored);
    assert_eq!(rejudged(sample("1"), Some(0.7)).outcome, Outcome::Errored);
}

#[test]
fn input_that_shrinks_is_an_error() {
    assert!(complete(3, 3).is_ok());
    let wrong = complete(3, 0).unwrap_err().to_string();
    assert!(wrong.contains("it had 3 items at first"), "{wrong}");
}
