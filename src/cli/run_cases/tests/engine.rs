use super::*;
use crate::domain::report::JudgeStatus;

#[test]
fn failed_is_not_errored() {
    use GuardReason::{BelowThreshold, NoScore, NotHeard};
    use GuardVerdict::{Flag, NothingToCheck, Pass};
    let cases: [(GuardVerdict, &[GuardReason], Outcome); 6] = [
        (Pass, &[], Outcome::Passed),
        (NothingToCheck, &[], Outcome::NothingToCheck),
        (Flag, &[BelowThreshold], Outcome::Failed),
        (Flag, &[BelowThreshold, NotHeard], Outcome::Errored),
        (Flag, &[NotHeard], Outcome::Errored),
        (Flag, &[NoScore], Outcome::Errored),
    ];
    for (verdict, reasons, expected) in cases {
        assert_eq!(
            outcome(verdict, reasons),
            expected,
            "{verdict:?} {reasons:?}"
        );
    }
}

#[test]
fn an_error_names_each_judge_that_was_not_heard() {
    let judge = |name: &str, status, error: Option<&str>| CheckedJudge {
        name: name.to_owned(),
        status,
        score: None,
        response_time_ms: 1,
        error: error.map(str::to_owned),
    };
    let judges = [
        judge("a", JudgeStatus::Completed, None),
        judge("b", JudgeStatus::Timeout, Some("too slow")),
        judge("c", JudgeStatus::Failed, None),
    ];
    assert_eq!(why(&judges), "b: too slow; c: it gave no answer");
    assert_eq!(why(&judges[..1]), "no judge gave a score");
}

#[test]
fn a_refused_key_ends_the_run_and_nothing_else_does() {
    let said = |text: &'static str| unusable_if_refused(Error::msg(text));
    let refused = said("/check: the server answered 403 Forbidden: the key has no scope audit");
    assert!(refused.is::<Unusable>());
    assert!(refused.to_string().ends_with("the key has no scope audit"));
    assert!(said("/judges: the server answered 401 Unauthorized: ").is::<Unusable>());
    for other in [
        "/check: the server answered 500 Internal Server Error: /check: the server answered 403",
        "/check: the connection was closed",
    ] {
        assert!(!said(other).is::<Unusable>(), "{other}");
    }
}
