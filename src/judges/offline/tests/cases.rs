//! Source and candidate pairs that the verifier and the judges must tell apart.

use std::sync::Arc;

use proptest::prelude::*;

use crate::computing::Cores;
use crate::domain::ids::ClaimId;
use crate::domain::issue::IssueType;
use crate::domain::verdict::{Label, Verdict};
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaims;
use crate::evidence::index::COMPARED;
use crate::judges::offline::{facts, lexical, logic, neural};
use crate::judges::{Answer, Assessment, Case};
use crate::neural::Encoder;
use crate::text::claims::numbered;
use crate::text::span::Utf16Index;

mod hostile;
mod padding;
mod perturbations;
mod texts;

use texts::{FAITHFUL, FAULTS, MILL};

pub(super) fn case(source: &str, candidate: &str) -> Case {
    of_indexed(Arc::new(SourceIndex::new(source)), candidate)
}

/// A case of a source that is indexed already, since several are about it.
fn of_indexed(index: Arc<SourceIndex>, candidate: &str) -> Case {
    let id = |index| ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1));
    let claims = numbered(candidate, id);
    Case {
        source: Arc::clone(index.text()),
        candidate: candidate.into(),
        question: None,
        compared: Arc::new(ComparedClaims::new(index, claims.into())),
        passages: None,
        signs: Vec::new(),
        user: None,
        run_budget: crate::judges::budget::RunBudget::default(),
    }
}

fn verdicts(case: &Case) -> Vec<Verdict> {
    (0..case.claims().len())
        .map(|at| case.compared.verdict(at))
        .collect()
}

fn answers(case: &Case) -> Vec<(&'static str, Answer)> {
    vec![
        ("neural", neural::judge(case)),
        ("facts", facts::judge(case)),
        ("logic", logic::judge(case)),
        ("lexical", lexical::judge(case)),
    ]
}

fn scored(case: &Case) -> Vec<Assessment> {
    answers(case)
        .into_iter()
        .filter_map(|(_, answer)| match answer {
            Answer::Scored(assessment) => Some(assessment),
            Answer::Abstained(_) => None,
        })
        .collect()
}

fn mean(case: &Case) -> f64 {
    let scores: Vec<f64> = scored(case)
        .iter()
        .map(|assessment| assessment.score)
        .collect();
    scores.iter().sum::<f64>() / scores.len() as f64
}

/// How many claims hold by the reasoning, in percent.
fn held(said: &Assessment) -> f64 {
    let mut words = said.reasoning.split(' ');
    let held: f64 = words.next().unwrap().parse().unwrap();
    held / words.nth(1).unwrap().parse::<f64>().unwrap() * 100.0
}

/// What a judge says of the share of claims that hold and its score are one figure told twice.
/// Each judge reads what the verifier's comparison found, and compares no word again.
#[test]
fn judges_share_the_verifier_s_comparisons() {
    let candidate = format!("{} {}", FAITHFUL[0].1, FAULTS[0].1);
    let case = case(MILL, &candidate);
    let asked_first = answers(&case);
    let before = COMPARED.get();
    verdicts(&case);
    assert_eq!(answers(&case), asked_first);
    assert_eq!(COMPARED.get(), before);
}

#[test]
fn a_score_is_the_share_of_claims_that_hold() {
    let source = "The ferry to Holm leaves at 7.15 every morning. The crossing takes 40 minutes. \
        Bicycles travel free of charge. The ferry was built in 1998 and carries 220 passengers.";
    for said in scored(&case(source, source)) {
        assert!(said.score >= 99.5, "{said:?}");
        for label in &said.claim_labels {
            assert!(label.probability.unwrap().supported > 0.99, "{label:?}");
        }
    }
    let spoilt = format!("{source} It sank in 1955 with 90 bankers from Peru.");
    let candidates = FAULTS
        .iter()
        .map(|(source, candidate, ..)| (*source, *candidate));
    let candidates = candidates
        .chain(FAITHFUL.iter().copied())
        .chain([(source, &*spoilt)]);
    for (source, candidate) in candidates {
        for said in scored(&case(source, candidate)) {
            // A claim that holds is at least likely, one that does not is at most open.
            let held = held(&said);
            let open = 100.0 - held;
            assert!(said.score >= held * 0.6 - 1e-9, "{held} {said:?}");
            assert!(said.score <= held + open * 0.4 + 1e-9, "{held} {said:?}");
            for label in &said.claim_labels {
                let probability = label.probability.unwrap();
                assert!(probability.is_valid() && probability.label() == label.label);
            }
        }
    }
}

/// Ten claims, of which one has a wrong year: about 90 of 100 hold.
#[test]
fn a_number_that_is_spelled_otherwise_is_no_fault() {
    let encoder = Arc::new(Encoder::new(1));
    let source = "The ferry carries forty cars. It has two decks, and it was built in 1987.";
    let of = |candidate: &str| {
        let mut case = case(source, candidate);
        let index = SourceIndex::new(source).looked_at_by(Some(&encoder));
        case.compared = Arc::new(ComparedClaims::new(
            Arc::new(index),
            Arc::from(case.claims()),
        ));
        case
    };
    let right = of("The ferry carries 40 cars.");
    for (judge, answer) in answers(&right) {
        if let Answer::Scored(assessment) = answer {
            assert!(assessment.issues.is_empty(), "{judge}: {assessment:?}");
        }
    }
    assert_eq!(verdicts(&right)[0].label, Label::Supported);
    let Answer::Scored(wrong) = facts::judge(&of("The ferry carries 14 cars.")) else {
        panic!("a number concerns the judge of facts");
    };
    assert_eq!(wrong.issues.len(), 1);
}

#[test]
fn one_wrong_fact_of_ten_costs_a_tenth() {
    let source: String = (0..10)
        .map(|at| format!("Mill {at} of Harlow was opened by Anna Vries in 19{at}1. "))
        .collect();
    let wrong = source.replace("in 1951.", "in 1953.");
    assert_ne!(source, wrong);
    let case = case(&source, &wrong);
    assert_eq!(case.claims().len(), 10);
    let Answer::Scored(said) = facts::judge(&case) else {
        panic!("there are ten years");
    };
    assert!((88.0..=92.0).contains(&said.score), "{said:?}");
}

#[test]
fn every_fault_is_caught_pinned_and_named() {
    let mut wrong = Vec::new();
    for (source, candidate, kind, culprit) in FAULTS {
        let case = case(source, candidate);
        let verdicts = verdicts(&case);
        if verdicts
            .iter()
            .all(|verdict| verdict.label == Label::Supported)
        {
            wrong.push(format!("not caught: {candidate} {verdicts:?}"));
            continue;
        }
        let spans = Utf16Index::new(candidate);
        let start = candidate.find(culprit).unwrap();
        let words = spans.span(start..start + culprit.len());
        let issues: Vec<_> = scored(&case)
            .into_iter()
            .flat_map(|assessment| assessment.issues)
            .collect();
        if !issues.iter().any(|issue| {
            issue.kind == *kind
                && issue
                    .span
                    .is_some_and(|span| span.start <= words.start && span.end >= words.end)
        }) {
            wrong.push(format!("not pinned: {candidate} {issues:?}"));
        }
        let refutable = matches!(
            kind,
            IssueType::NumericalError | IssueType::TemporalInconsistency | IssueType::FactualError
        );
        if refutable
            && !verdicts
                .iter()
                .any(|verdict| verdict.label == Label::Refuted)
        {
            wrong.push(format!(
                "not refuted: {candidate} {:?}",
                verdicts.iter().map(|v| &v.reasoning).collect::<Vec<_>>()
            ));
        }
        let last = culprit.split(' ').next_back().unwrap();
        if !verdicts.iter().any(|verdict| {
            verdict.reasoning.contains(last)
                || verdict.reasoning.contains("negates")
                || verdict.reasoning.contains("other way round")
        }) {
            wrong.push(format!(
                "not named: {candidate} {:?}",
                verdicts.iter().map(|v| &v.reasoning).collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_faithful_paraphrase_passes() {
    let mut wrong = Vec::new();
    for (source, candidate) in FAITHFUL {
        let case = case(source, candidate);
        for verdict in verdicts(&case) {
            if verdict.label != Label::Supported {
                wrong.push(format!(
                    "{:?}: {} ({})",
                    verdict.label, verdict.claim.text, verdict.reasoning
                ));
            }
            if verdict.evidence.is_empty() {
                wrong.push(format!("no evidence: {candidate}"));
            }
        }
        if mean(&case) <= 75.0 {
            wrong.push(format!(
                "{:.1}: {candidate} {:?}",
                mean(&case),
                answers(&case)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_bad_candidate_scores_clearly_lower_than_a_good_one() {
    let good = case(
        MILL,
        "Anna Vries founded the Harlow Mill in 1902. The mill employs 1,200 workers. Revenue rose by 12% in 2020.",
    );
    let bad = case(
        MILL,
        "Clara Boyd founded the Harlow Mill in 1912. The mill employs 700 dancers. Revenue fell by 40% in 1985.",
    );
    assert!(mean(&good) > 85.0, "{} {:?}", mean(&good), answers(&good));
    assert!(
        mean(&bad) < mean(&good) - 25.0,
        "{} {}",
        mean(&bad),
        mean(&good)
    );
}

#[test]
fn judges_abstain_where_nothing_concerns_them() {
    for (_, answer) in answers(&case(MILL, "Hello! How are you?")) {
        assert!(matches!(answer, Answer::Abstained(_)));
    }
    let plain = case(MILL, "The old tower stands there.");
    assert!(matches!(facts::judge(&plain), Answer::Abstained(_)));
    let strange = case(MILL, "Violins sound sweeter after rehearsal.");
    assert!(matches!(logic::judge(&strange), Answer::Abstained(_)));
}

#[tokio::test]
async fn the_trait_answers_once_with_what_the_function_says() {
    let case = Arc::new(case(MILL, "The mill employs 1,500 workers."));
    for kind in crate::judges::offline::KINDS {
        let judge = crate::judges::offline::build(kind, "any", 2.0, Cores::new(1)).unwrap();
        assert_eq!(judge.profile().model, format!("{kind}/1"));
        let outcome = judge.assess(Arc::clone(&case)).await;
        assert_eq!(outcome.attempts, 1);
        let expected = answers(&case)
            .into_iter()
            .find(|(name, _)| *name == if kind == "novelty" { "lexical" } else { kind })
            .unwrap()
            .1;
        assert_eq!(outcome.result.unwrap(), expected);
    }
    assert!(crate::judges::offline::build("oracle", "any", 1.0, Cores::new(1)).is_none());
}

fn holds(source: &str, candidate: &str) -> Result<(), TestCaseError> {
    let case = case(source, candidate);
    let spans = Utf16Index::new(source);
    let length = candidate.encode_utf16().count();
    let verdicts = verdicts(&case);
    for verdict in &verdicts {
        prop_assert!((0.0..=1.0).contains(&verdict.confidence));
        prop_assert!(verdict.evidence.len() <= 3);
        prop_assert!(!verdict.reasoning.is_empty());
        for evidence in &verdict.evidence {
            prop_assert_eq!(
                spans.bytes(evidence.span).map(|range| &source[range]),
                Some(evidence.text.as_str())
            );
        }
    }
    for assessment in scored(&case) {
        prop_assert!((0.0..=100.0).contains(&assessment.score));
        prop_assert!((0.0..=1.0).contains(&assessment.confidence));
        for label in &assessment.claim_labels {
            prop_assert!((0.0..=1.0).contains(&label.confidence));
        }
        for span in assessment.issues.iter().filter_map(|issue| issue.span) {
            prop_assert!(span.start < span.end && span.end <= length);
        }
    }
    let again = self::case(source, candidate);
    prop_assert_eq!(verdicts, self::verdicts(&again));
    prop_assert_eq!(answers(&case), answers(&again));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_unicode_is_judged(source in any::<String>(), candidate in any::<String>()) {
        holds(&source, &candidate)?;
    }

    #[test]
    fn likely_texts_are_judged(
        source in "((not|no|The|may|Anna Vries|acquired|fell|rose|1,200|3\\.5|%|\\$|in 2019|by|before|than|all|most|没有|图书馆|١٢|\\.|,|;|and|it|was|\\n) ?){0,40}",
        candidate in "((not|no|The|may|Anna Boyd|acquired|fell|rose|1,500|4\\.5|%|\\$|in 2018|by|after|than|some|most|没有|图书馆|١٢|\\.|,|;|and|it|was|\\n) ?){0,40}",
    ) {
        holds(&source, &candidate)?;
    }
}
