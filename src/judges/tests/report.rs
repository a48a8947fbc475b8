use super::*;

fn profile() -> Profile {
    Profile {
        name: "j".into(),
        kind: "openai".into(),
        model: "m".into(),
        offline: false,
        weight: 1.0,
    }
}

fn outcome(score: f64, confidence: f64) -> Outcome {
    let assessment = Assessment {
        score,
        confidence,
        reasoning: "because".into(),
        issues: Vec::new(),
        claim_labels: Vec::new(),
    };
    Outcome::of(2, Ok(Answer::Scored(assessment)))
}

#[test]
fn only_a_score_in_range_is_a_score() {
    let good = report(&profile(), outcome(40.0, 0.5), Duration::from_millis(7));
    assert_eq!(
        (good.status, good.score, good.attempts),
        (JudgeStatus::Completed, Some(40.0), 2)
    );
    assert_eq!(good.response_time_ms, 7);
    for (score, confidence) in [(f64::NAN, 0.5), (101.0, 0.5), (-1.0, 0.5), (50.0, 1.5)] {
        let bad = report(&profile(), outcome(score, confidence), Duration::ZERO);
        assert_eq!((bad.status, bad.score), (JudgeStatus::Failed, None));
        assert!(bad.error.is_some());
    }
}

#[test]
fn a_failure_and_an_abstention_have_no_score() {
    let abstained = Outcome::of(1, Ok(Answer::Abstained("no number".into())));
    let abstained = report(&profile(), abstained, Duration::ZERO);
    assert_eq!(
        (abstained.status, abstained.score),
        (JudgeStatus::Abstained, None)
    );
    let failed = Outcome::of(3, Err(JudgeError::Timeout(Duration::from_secs(1))));
    let failed = report(&profile(), failed, Duration::ZERO);
    assert_eq!((failed.status, failed.score), (JudgeStatus::Timeout, None));
    assert_eq!(lost(&profile()).status, JudgeStatus::Failed);
}
