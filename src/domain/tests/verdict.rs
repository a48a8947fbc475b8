use super::*;

#[test]
fn a_label_and_a_confidence_become_probabilities_of_that_label() {
    for label in Label::ALL {
        for confidence in [0.0, 0.2, 0.4, 0.55, 0.95, 1.0] {
            let made = Probabilities::from_label(label, confidence);
            assert!(made.is_valid(), "{made:?}");
            assert_eq!(made.label(), label, "{confidence}");
            assert!(made.confidence() >= confidence, "{confidence}");
        }
    }
}

#[test]
fn what_is_not_likely_enough_is_not_said() {
    let label = |s, r, n| Probabilities::normalised(s, r, n).label();
    assert_eq!(label(0.36, 0.32, 0.32), Label::NotEnoughInfo);
    assert_eq!(label(0.32, 0.36, 0.32), Label::NotEnoughInfo);
    assert_eq!(label(0.38, 0.52, 0.10), Label::NotEnoughInfo);
    assert_eq!(label(0.38, 0.60, 0.02), Label::Refuted);
    assert_eq!(label(0.46, 0.44, 0.10), Label::Supported);
    assert_eq!(label(0.45, 0.10, 0.45), Label::NotEnoughInfo);
    assert_eq!(label(0.0, 0.0, 0.0), Label::NotEnoughInfo);
}

#[test]
fn between_two_labels_nothing_is_decided() {
    let undecided = |s, r, n| Probabilities::normalised(s, r, n).is_undecided();
    assert!(undecided(0.47, 0.48, 0.05));
    assert!(undecided(0.38, 0.52, 0.10));
    // Said, or likely to be said nowhere.
    assert!(!undecided(0.56, 0.40, 0.04));
    assert!(!undecided(0.38, 0.60, 0.02));
    assert!(!undecided(0.22, 0.50, 0.28));
    assert!(!undecided(0.10, 0.20, 0.70));
}

#[test]
fn a_verdict_of_the_first_release_gets_the_probabilities_of_its_label() {
    let old = serde_json::json!({
        "claim": { "id": "01890a5d-ac96-774b-bcce-b302099a8057", "index": 0, "text": "x",
            "type": "factual", "span": { "start": 0, "end": 1 } },
        "label": "REFUTED", "confidence": 0.8, "evidence": [], "reasoning": "",
    });
    let read: Verdict = serde_json::from_value(old).unwrap();
    let expected = Probabilities::from_label(Label::Refuted, 0.8);
    assert_eq!(read.probability, expected);
    let again = serde_json::to_value(&read).unwrap();
    assert_eq!(serde_json::from_value::<Verdict>(again).unwrap(), read);
}
