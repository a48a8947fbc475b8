use super::*;

use uuid::Uuid;

fn sample(result: Result<(f64, f64, &[Label]), JudgeError>) -> Sample {
    Sample {
        attempts: 1,
        details: Details::default(),
        result: result.map(|(score, confidence, labels)| Assessment {
            score,
            confidence,
            reasoning: format!("because {score}"),
            issues: Vec::new(),
            claim_labels: (1..)
                .zip(labels)
                .map(|(id, &label)| ClaimLabel {
                    claim_id: ClaimId::new(Uuid::from_u128(id)),
                    label,
                    confidence,
                    probability: None,
                })
                .collect(),
        }),
    }
}

#[test]
fn opinions_are_averaged_and_their_spread_is_shown() {
    use Label::{NotEnoughInfo, Refuted, Supported};
    let merged = merge(vec![
        sample(Ok((75.0, 0.9, &[Supported, Supported]))),
        sample(Err(JudgeError::Malformed("no JSON".into()))),
        sample(Ok((25.0, 0.3, &[Supported, Refuted]))),
        sample(Ok((50.0, 0.6, &[Refuted, NotEnoughInfo]))),
    ]);
    let opinion = merged.result.unwrap();
    assert_eq!(
        (opinion.score, opinion.reasoning.as_str()),
        (50.0, "because 50")
    );
    assert!((opinion.confidence - 0.6).abs() < 1e-12);
    let labels: Vec<_> = opinion.claim_labels.iter().map(|l| l.label).collect();
    assert_eq!(labels, [Supported, NotEnoughInfo]);
    assert!((opinion.claim_labels[0].confidence - 0.6).abs() < 1e-12);
    assert_eq!(merged.attempts, 4);
    let repeats = merged.details.repeats.unwrap();
    assert_eq!(repeats.scores, [Some(75.0), None, Some(25.0), Some(50.0)]);
    assert_eq!(repeats.standard_deviation, Some(25.0));
}

#[test]
fn without_any_opinion_the_first_failure_stands() {
    let merged = merge(vec![
        sample(Err(JudgeError::Refused("no".into()))),
        sample(Err(JudgeError::Malformed("no JSON".into()))),
    ]);
    assert!(matches!(merged.result, Err(JudgeError::Refused(_))));
    assert_eq!(merged.attempts, 2);
}

#[test]
fn one_opinion_alone_has_no_spread() {
    let merged = merge(vec![sample(Ok((75.0, 0.9, &[])))]);
    assert_eq!(merged.details.repeats, None);
    assert_eq!(merged.result.unwrap().score, 75.0);
}
