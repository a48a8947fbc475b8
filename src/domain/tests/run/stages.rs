//! Stage by stage to the one end, whatever fails, comes late or breaks off.

use super::*;

#[test]
fn fewer_scores_than_the_quorum_are_no_result() {
    let judges = ["a", "b", "c"];
    for (quorum, is_result) in [(1, true), (2, true), (3, false)] {
        let plan = Plan {
            quorum,
            ..plan(&judges, false)
        };
        let mut run = RunState::resume(plan, Progressed::default());
        run.apply(Input::Launched);
        run.apply(Input::Admitted);
        run.apply(Input::ClaimsExtracted(Vec::new()));
        for (name, status) in [
            ("a", JudgeStatus::Completed),
            ("b", JudgeStatus::Timeout),
            ("c", JudgeStatus::Completed),
        ] {
            run.apply(Input::JudgeAnswered(report(name, status)));
        }
        let step = run.apply(Input::Aggregated {
            result: Some(result()),
            decisions: Vec::new(),
            processing_time_ms: 1,
        });
        let end = step.events.last().unwrap();
        match end {
            EventBody::EvaluationComplete(_) => assert!(is_result, "quorum {quorum}"),
            EventBody::EvaluationError(error) => {
                assert!(!is_result, "quorum {quorum}");
                assert_eq!(error.error_type, ErrorType::AllJudgesFailed);
                assert_eq!(
                    error.message,
                    "2 of the 3 judges that are needed gave a score: 1 failed (no answer in time), 0 abstained"
                );
                let details = error.details.clone().unwrap();
                assert_eq!(
                    (&details["completed"], &details["quorum"]),
                    (&2.into(), &3.into())
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_whole_run_goes_through_every_stage_and_ends_once() {
    let mut driver = Driver::new(plan(&["a", "b"], true), Progressed::default(), claims(3));
    driver.run(100);
    let mut stages: Vec<Stage> = driver
        .events
        .iter()
        .filter_map(|event| match event {
            EventBody::EvaluationProgress(progress) => Some(progress.stage),
            _ => None,
        })
        .collect();
    stages.dedup();
    assert_eq!(
        stages,
        [
            Stage::Queued,
            Stage::ClaimExtraction,
            Stage::Retrieval,
            Stage::Verification,
            Stage::Judging,
            Stage::Aggregation,
        ]
    );
    let progress = progress(&driver.events);
    assert!(progress.is_sorted(), "{progress:?}");
    assert_eq!(
        (progress.first(), progress.last()),
        (Some(&0.0), Some(&100.0))
    );
    assert_eq!(
        names(&driver.events)
            .iter()
            .filter(|name| **name == "claim_verdict")
            .count(),
        3
    );
    assert!(
        matches!(driver.events.last(), Some(EventBody::EvaluationComplete(done)) if !done.degraded)
    );
    assert!(driver.state.ended());
}

#[test]
fn a_judge_that_fails_degrades_the_run_and_is_told_of() {
    let mut driver = Driver::new(plan(&["a", "b"], false), Progressed::default(), claims(1));
    driver.failing = vec!["b"];
    driver.run(100);
    let warning = driver.events.iter().find_map(|event| match event {
        EventBody::EvaluationError(error) => Some(error),
        _ => None,
    });
    let warning = warning.expect("a failure is told of");
    assert!(!warning.fatal);
    assert_eq!(warning.error_type, ErrorType::JudgeTimeout);
    assert!(!warning.recovery_suggestions.is_empty());
    assert!(
        matches!(driver.events.last(), Some(EventBody::EvaluationComplete(done)) if done.degraded)
    );
}

#[test]
fn no_score_at_all_is_a_fatal_error_and_never_a_result() {
    let mut driver = Driver::new(plan(&["a"], false), Progressed::default(), claims(1));
    driver.failing = vec!["a"];
    driver.run(100);
    let Some(EventBody::EvaluationError(error)) = driver.events.last() else {
        panic!("not an error");
    };
    assert!(error.fatal);
    assert_eq!(error.error_type, ErrorType::AllJudgesFailed);
    let Some(Change::Ended(ending)) = driver.changes.last() else {
        panic!("no ending")
    };
    assert_eq!((ending.status, &ending.result), (Status::Failed, &None));
}

#[test]
fn a_candidate_without_claims_still_reaches_the_judges() {
    let mut driver = Driver::new(plan(&["a"], true), Progressed::default(), Vec::new());
    driver.run(100);
    assert!(!names(&driver.events).contains(&"claim_verdict"));
    assert!(driver.state.ended());
}

#[test]
fn what_comes_too_late_or_twice_changes_nothing() {
    let mut driver = Driver::new(plan(&["a", "b"], false), Progressed::default(), claims(2));
    driver.run(4);
    let decided = driver.state.verdicts().len();
    driver.feed(Input::ClaimDecided(verdict(&claims(2)[0])));
    assert_eq!(driver.state.verdicts().len(), decided, "decided before");
    driver.feed(Input::JudgeAnswered(report("a", JudgeStatus::Completed)));
    assert!(driver.state.reports().is_empty(), "nobody was asked yet");
    driver.feed(Input::Cancel(CancelReason::User, Vec::new()));
    let after = driver.events.len();
    for input in [
        Input::ClaimDecided(verdict(&claims(2)[1])),
        Input::JudgeAnswered(report("a", JudgeStatus::Completed)),
        Input::Cancel(CancelReason::Deadline, Vec::new()),
        Input::Broken(ErrorType::Internal, "late".into()),
    ] {
        assert_eq!(driver.feed(input), []);
    }
    assert_eq!(driver.events.len(), after, "the last event is the last");
}

#[test]
fn a_cancel_reports_the_judges_under_way_once() {
    let past = Progressed {
        reports: vec![*report("a", JudgeStatus::Completed)],
        ..Progressed::default()
    };
    let mut driver = Driver::new(plan(&["a", "b"], false), past, Vec::new());
    driver.run(2);
    driver.feed(Input::Cancel(
        CancelReason::User,
        vec![
            *report("a", JudgeStatus::Failed),
            *report("b", JudgeStatus::Failed),
        ],
    ));
    let reported = driver.changes.iter().filter_map(|change| match change {
        Change::Report(report) => Some(report.judge_name.as_str()),
        _ => None,
    });
    assert_eq!(reported.collect::<Vec<_>>(), ["b"]);
    let names = names(&driver.events);
    assert!(
        names.ends_with(&["judge_result", "evaluation_cancelled"]),
        "{names:?}"
    );
}

#[test]
fn a_broken_verification_goes_on_to_the_judges() {
    let mut driver = Driver::new(plan(&["a"], false), Progressed::default(), claims(2));
    driver.run(3);
    let effects = driver.feed(Input::VerificationFailed("it broke".into()));
    assert_eq!(effects, [Effect::Ask(vec!["a".into()])]);
    driver.feed(Input::JudgeAnswered(report("a", JudgeStatus::Completed)));
    driver.feed(Input::Aggregated {
        result: Some(result()),
        decisions: Vec::new(),
        processing_time_ms: 1,
    });
    assert!(
        matches!(driver.events.last(), Some(EventBody::EvaluationComplete(done)) if done.degraded)
    );
}

#[test]
fn where_nothing_can_be_checked_nobody_has_to_give_a_score() {
    for status in [JudgeStatus::Abstained, JudgeStatus::Timeout] {
        let plan = Plan {
            quorum: 2,
            ..plan(&["a", "b"], false)
        };
        let mut driver = Driver::new(plan, Progressed::default(), Vec::new());
        driver.run(3);
        for name in ["a", "b"] {
            driver.feed(Input::JudgeAnswered(report(name, status)));
        }
        let mut nothing = result();
        nothing.outcome = Outcome::NothingToCheck;
        driver.feed(Input::Aggregated {
            result: Some(nothing),
            decisions: Vec::new(),
            processing_time_ms: 1,
        });
        let Some(EventBody::EvaluationComplete(done)) = driver.events.last() else {
            panic!("{status:?}: {:?}", driver.events.last());
        };
        assert_eq!(done.degraded, status.is_failure());
    }
}

proptest! {
    /// Wherever a crash comes, the second process asks only for what is missing, progress does not
    /// fall, and the whole log has exactly one end.
    #[test]
    fn a_run_continues_where_its_last_commit_stood(
        crash in 1_usize..30,
        n in 0_usize..6,
        judges in 1_usize..4,
        retrieval: bool,
    ) {
        let names = ["a", "b", "c"];
        let plan = plan(&names[..judges], retrieval);
        let mut first = Driver::new(plan.clone(), Progressed::default(), claims(n));
        first.run(crash);
        if first.state.ended() {
            return Ok(());
        }
        let past = first.stored();
        let (decided, heard) = (past.verdicts.len(), past.reports.len());
        let mut second = Driver::new(plan, past, claims(n));
        second.run(100);
        prop_assert!(second.state.ended());

        let new_verdicts = second.changes.iter().filter(|change| matches!(change, Change::Verdict(_))).count();
        let new_reports = second.changes.iter().filter(|change| matches!(change, Change::Report(_))).count();
        prop_assert_eq!(decided + new_verdicts, n);
        prop_assert_eq!(heard + new_reports, judges);

        let log: Vec<EventBody> = first.events.into_iter().chain(second.events).collect();
        prop_assert_eq!(log.iter().filter(|event| event.is_terminal()).count(), 1);
        prop_assert!(log.last().is_some_and(EventBody::is_terminal));
        prop_assert!(progress(&log).is_sorted());
    }
}
