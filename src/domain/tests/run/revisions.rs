//! What the panel has otherwise than the verifier is told once, at the end.

use super::*;

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
        matches!(&step.changes[..], [Change::Decisions(all), Change::Ended(_)] if all.len() == 3),
        "{:?}",
        step.changes
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
    let decided = |change: &Change| matches!(change, Change::Decisions(_));
    assert!(!driver.changes.iter().any(decided));
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
        let mut changes: Vec<Change> = Vec::new();
        for limit in crashes.into_iter().chain([100]) {
            let past = stored(&changes, &events);
            let mut part = Driver::new(plan.clone(), past, claims(n));
            part.decisions = otherwise(n);
            part.run(limit);
            let ended = part.state.ended();
            events.extend(part.events);
            changes.extend(part.changes);
            if ended {
                break;
            }
        }
        prop_assert_eq!(revisions(&events), revisions(&whole.events));
        prop_assert_eq!(changes.last(), whole.changes.last());
        let decided = |changes: &[Change]| {
            changes.iter().filter(|change| matches!(change, Change::Decisions(_))).count()
        };
        prop_assert_eq!(decided(&changes), decided(&whole.changes));
    }
}
