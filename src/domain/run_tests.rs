use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::claim::{ClaimType, Span};
use crate::domain::event::CancelReason;
use crate::domain::report::Failure;
use crate::domain::result::{
    Agreement, ClaimCounts, HallucinationComponents, JudgeCounts, Outcome, Reliability, Statistics,
};
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{ClaimLabel, Label, Probabilities};

fn claims(n: usize) -> Vec<Claim> {
    (0..n)
        .map(|index| Claim {
            id: ClaimId::new(Uuid::from_u128(index as u128 + 1)),
            index,
            text: format!("claim {index}"),
            kind: ClaimType::Factual,
            span: Span {
                start: index,
                end: index + 1,
            },
        })
        .collect()
}

fn verdict(claim: &Claim) -> Box<Verdict> {
    Box::new(Verdict {
        claim: claim.clone(),
        label: Label::Supported,
        confidence: 0.9,
        probability: Probabilities::from_label(Label::Supported, 0.9),
        evidence: Vec::new(),
        reasoning: String::new(),
    })
}

fn report(name: &str, status: JudgeStatus) -> Box<JudgeReport> {
    let scored = status == JudgeStatus::Completed;
    Box::new(JudgeReport {
        judge_name: name.into(),
        kind: "lexical".into(),
        model: "lexical/1".into(),
        status,
        score: scored.then_some(80.0),
        confidence: scored.then_some(0.8),
        reasoning: String::new(),
        flagged_issues: Vec::new(),
        claim_verdicts: Vec::new(),
        response_time_ms: 1,
        attempts: 1,
        usage: None,
        error: status.is_failure().then(|| "no answer".into()),
        failure: status.is_failure().then_some(Failure::Timeout),
        details: None,
    })
}

fn result() -> Box<AuditResult> {
    Box::new(AuditResult {
        outcome: Outcome::Checked,
        outcome_reason: None,
        faithfulness: None,
        consensus_score: Some(80.0),
        hallucination_score: Some(20.0),
        hallucination_components: Some(HallucinationComponents {
            inverse_consensus: 0.2,
            verification: Some(0.0),
            issues: 0.0,
            confidence: 0.2,
        }),
        hallucination_breakdown: BTreeMap::new(),
        confidence_interval: None,
        confidence_interval_reason: Some("fewer_than_3_judges".into()),
        inter_judge_agreement: None,
        agreement: Agreement {
            raw: None,
            fleiss_kappa: None,
            krippendorff_alpha: None,
            gwet_ac1: None,
            items: 0,
            raters: 0,
            interpretation: None,
            undefined_because: Some("no_items".into()),
        },
        statistics: Some(Statistics {
            variance: None,
            standard_deviation: None,
            mean: 80.0,
            median: 80.0,
            min: 80.0,
            max: 80.0,
            q1: 80.0,
            q3: 80.0,
        }),
        mean_confidence: Some(0.8),
        non_claims: Vec::new(),
        claims: ClaimCounts {
            total: 0,
            supported: 0,
            refuted: 0,
            not_enough_info: 0,
            supported_interval: None,
        },
        judges: JudgeCounts {
            requested: 1,
            completed: 1,
            failed: 0,
        },
        aggregation_strategy: AggregationStrategy::Mean,
        reliability: Reliability::Unknown,
        reliability_reasons: Vec::new(),
        usage: None,
        injection: None,
        offline_comparison: None,
        calibration: None,
    })
}

fn plan(judges: &[&str], retrieval: bool) -> Plan {
    Plan {
        judges: judges.iter().map(|&name| name.to_owned()).collect(),
        retrieval,
        quorum: 1,
    }
}

/// What a driver does: carries out effects by feeding the inputs that they lead to.
struct Driver {
    state: RunState,
    events: Vec<EventBody>,
    facts: Vec<Fact>,
    claims: Vec<Claim>,
    failing: Vec<&'static str>,
    decisions: Vec<Decision>,
}

impl Driver {
    fn new(plan: Plan, past: Progressed, claims: Vec<Claim>) -> Self {
        let state = RunState::resume(plan, past);
        Self {
            state,
            events: Vec::new(),
            facts: Vec::new(),
            claims,
            failing: Vec::new(),
            decisions: Vec::new(),
        }
    }

    fn feed(&mut self, input: Input) -> Vec<Effect> {
        let step = self.state.apply(input);
        self.events.extend(step.events);
        self.facts.extend(step.facts);
        step.effects
    }

    /// Runs until the end, or until `limit` inputs were fed.
    fn run(&mut self, limit: usize) {
        let mut inputs: std::collections::VecDeque<Input> = [Input::Launched].into();
        for _ in 0..limit {
            let Some(input) = inputs.pop_front() else {
                return;
            };
            for effect in self.feed(input) {
                match effect {
                    Effect::Admit => inputs.push_back(Input::Admitted),
                    Effect::ExtractClaims => {
                        inputs.push_back(Input::ClaimsExtracted(self.claims.clone()));
                    }
                    Effect::Retrieve => inputs.push_back(Input::Retrieved {
                        beside: None,
                        kept: 5,
                        of: 10,
                    }),
                    Effect::Verify(open) => {
                        inputs.extend(open.iter().map(|claim| Input::ClaimDecided(verdict(claim))));
                    }
                    Effect::Ask(names) => inputs.extend(names.iter().map(|name| {
                        let failing = self.failing.contains(&name.as_str());
                        let status = if failing {
                            JudgeStatus::Timeout
                        } else {
                            JudgeStatus::Completed
                        };
                        Input::JudgeAnswered(report(name, status))
                    })),
                    Effect::Aggregate => {
                        let scored = self
                            .state
                            .reports()
                            .iter()
                            .any(|report| report.status == JudgeStatus::Completed);
                        inputs.push_back(Input::Aggregated {
                            result: scored.then(result),
                            decisions: self.decisions.clone(),
                            processing_time_ms: 7,
                        });
                    }
                    Effect::End => return,
                }
            }
        }
    }

    fn stored(&self) -> Progressed {
        stored(&self.facts, &self.events)
    }
}

/// What a database that took every fact and every event would hand out after a restart.
fn stored(facts: &[Fact], events: &[EventBody]) -> Progressed {
    let mut past = Progressed::default();
    for fact in facts {
        match fact {
            Fact::Claims(claims) => past.claims = Some(claims.clone()),
            Fact::Verdict(verdict) => past.verdicts.push((**verdict).clone()),
            Fact::Report(report) => past.reports.push((**report).clone()),
            Fact::Decisions(_) | Fact::Ended(_) => {}
        }
    }
    past.progress = progress(events).last().copied();
    past
}

fn progress(events: &[EventBody]) -> Vec<f64> {
    events
        .iter()
        .filter_map(|event| match event {
            EventBody::EvaluationProgress(progress) => Some(progress.progress),
            _ => None,
        })
        .collect()
}

fn names(events: &[EventBody]) -> Vec<&'static str> {
    events.iter().map(EventBody::name).collect()
}

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
    let Some(Fact::Ended(ending)) = driver.facts.last() else {
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
    let reported = driver.facts.iter().filter_map(|fact| match fact {
        Fact::Report(report) => Some(report.judge_name.as_str()),
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

/// The panel has every other claim otherwise than the verifier.
fn otherwise(n: usize) -> Vec<Decision> {
    claims(n)
        .iter()
        .map(|claim| {
            let label = if claim.index.is_multiple_of(2) {
                Label::Refuted
            } else {
                Label::Supported
            };
            Decision::of(claim.id, Probabilities::from_label(label, 0.7))
        })
        .collect()
}

fn revisions(events: &[EventBody]) -> Vec<&ClaimRevised> {
    let revised = events.iter().filter_map(|event| match event {
        EventBody::ClaimRevised(revised) => Some(&**revised),
        _ => None,
    });
    revised.collect()
}

#[test]
fn what_the_panel_has_otherwise_is_told_and_kept_with_the_end() {
    let mut driver = Driver::new(plan(&["b", "a"], false), Progressed::default(), claims(3));
    driver.run(6);
    for name in ["b", "a"] {
        let mut said = report(name, JudgeStatus::Completed);
        said.claim_verdicts = vec![ClaimLabel {
            claim_id: claims(3)[2].id,
            label: Label::Refuted,
            confidence: 0.9,
            probability: None,
        }];
        driver.feed(Input::JudgeAnswered(said));
    }
    let step = driver.state.apply(Input::Aggregated {
        result: Some(result()),
        decisions: otherwise(3),
        processing_time_ms: 1,
    });
    assert_eq!(
        names(&step.events),
        [
            "claim_revised",
            "claim_revised",
            "evaluation_progress",
            "evaluation_complete"
        ]
    );
    let told: Vec<_> = revisions(&step.events)
        .into_iter()
        .map(|one| (one.index, one.previous_label, one.label, one.confidence))
        .collect();
    let before = Label::Supported;
    assert_eq!(
        told,
        [
            (0, before, Label::Refuted, 0.7),
            (2, before, Label::Refuted, 0.7)
        ]
    );
    let said: Vec<Vec<&str>> = revisions(&step.events)
        .into_iter()
        .map(|one| one.views.iter().map(|view| view.judge_name.as_str()))
        .map(Iterator::collect)
        .collect();
    assert_eq!(said, [vec![], vec!["a", "b"]]);
    assert!(
        matches!(&step.facts[..], [Fact::Decisions(all), Fact::Ended(_)] if all.len() == 3),
        "{:?}",
        step.facts
    );
}

#[test]
fn a_run_that_fails_revises_nothing() {
    let mut driver = Driver::new(plan(&["a"], false), Progressed::default(), claims(2));
    driver.failing = vec!["a"];
    driver.decisions = otherwise(2);
    driver.run(100);
    assert!(driver.state.ended());
    assert!(revisions(&driver.events).is_empty());
    let decided = |fact: &Fact| matches!(fact, Fact::Decisions(_));
    assert!(!driver.facts.iter().any(decided));
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
    /// However often a run is broken off, its log tells of the same revisions, each once.
    #[test]
    fn revisions_survive_a_crash(crashes in prop::collection::vec(1_usize..20, 0..4), n in 0_usize..6) {
        let plan = plan(&["a", "b"], true);
        let mut whole = Driver::new(plan.clone(), Progressed::default(), claims(n));
        whole.decisions = otherwise(n);
        whole.run(100);
        let mut events = Vec::new();
        let mut facts: Vec<Fact> = Vec::new();
        for limit in crashes.into_iter().chain([100]) {
            let past = stored(&facts, &events);
            let mut part = Driver::new(plan.clone(), past, claims(n));
            part.decisions = otherwise(n);
            part.run(limit);
            let ended = part.state.ended();
            events.extend(part.events);
            facts.extend(part.facts);
            if ended {
                break;
            }
        }
        prop_assert_eq!(revisions(&events), revisions(&whole.events));
        prop_assert_eq!(facts.last(), whole.facts.last());
        let decided = |facts: &[Fact]| {
            facts.iter().filter(|fact| matches!(fact, Fact::Decisions(_))).count()
        };
        prop_assert_eq!(decided(&facts), decided(&whole.facts));
    }

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

        let new_verdicts = second.facts.iter().filter(|fact| matches!(fact, Fact::Verdict(_))).count();
        let new_reports = second.facts.iter().filter(|fact| matches!(fact, Fact::Report(_))).count();
        prop_assert_eq!(decided + new_verdicts, n);
        prop_assert_eq!(heard + new_reports, judges);

        let log: Vec<EventBody> = first.events.into_iter().chain(second.events).collect();
        prop_assert_eq!(log.iter().filter(|event| event.is_terminal()).count(), 1);
        prop_assert!(log.last().is_some_and(EventBody::is_terminal));
        prop_assert!(progress(&log).is_sorted());
    }
}
