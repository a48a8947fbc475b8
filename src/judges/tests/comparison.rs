use super::*;
use crate::judges::budget::RunBudget;

use std::sync::Arc;

use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::judges::Profile;
use crate::judges::injection::{self, AllowedPhrases};
use crate::judges::report::lost;
use crate::text::claims;

fn report(kind: &str, score: Option<f64>) -> JudgeReport {
    let profile = Profile {
        name: format!("{kind} {score:?}"),
        kind: kind.to_owned(),
        model: "m".to_owned(),
        offline: kind != "openai",
        weight: 1.0,
    };
    let failed = lost(&profile);
    match score {
        None => failed,
        Some(score) => JudgeReport {
            status: JudgeStatus::Completed,
            score: Some(score),
            confidence: Some(0.5),
            ..failed
        },
    }
}

fn never() -> Case {
    panic!("the panel has offline judges")
}

fn case(source: &str, candidate: &str) -> Case {
    let claims = claims::numbered(candidate, |index| {
        crate::domain::ids::ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1))
    });
    Case {
        source: source.into(),
        candidate: candidate.into(),
        question: None,
        compared: Arc::new(ComparedClaims::new(
            Arc::new(SourceIndex::new(source)),
            claims.into(),
        )),
        passages: None,
        signs: injection::signs(candidate, source, None, &AllowedPhrases::default()),
        user: None,
        run_budget: RunBudget::default(),
    }
}

#[test]
fn the_panel_s_own_offline_judges_are_used() {
    let reports = [
        report("openai", Some(100.0)),
        report("openai", Some(50.0)),
        report("openai", None),
        report("facts", Some(50.0)),
        report("logic", Some(40.0)),
        report("novelty", None),
    ];
    let got = comparison(&reports, never).unwrap();
    assert_eq!(
        (got.model_mean, got.offline_mean, got.gap, got.large),
        (75.0, 45.0, 30.0, true)
    );
    assert_eq!((got.offline_judges, got.run_for_comparison), (2, false));
    assert!(got.note.unwrap().contains("30 points above"));
    assert_eq!(comparison(&reports[2..], never), None, "no model completed");
    let near = comparison(&[reports[1].clone(), reports[4].clone()], never).unwrap();
    assert_eq!((near.gap, near.large, near.note), (10.0, false, None));
}

#[test]
fn without_any_they_are_run() {
    let source = "The mill was built in 1812 by Anna Berg. It stands in Lund.";
    let models = [report("openai", Some(100.0)), report("lexical", None)];
    let wrong = || {
        case(
            source,
            "The mill was torn down in 1950 by Karl Olsson in Malmö.",
        )
    };
    let got = comparison(&models, wrong).unwrap();
    assert!(got.run_for_comparison && got.offline_judges >= 2, "{got:?}");
    assert!(got.large && got.gap >= LARGE, "{got:?}");
    let right = comparison(&models, || case(source, source)).unwrap();
    assert!(!right.large, "{right:?}");
    assert_eq!(
        comparison(&models, || case(source, "")),
        None,
        "nothing to compare"
    );
}
