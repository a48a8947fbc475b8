use super::*;
use uuid::Uuid;

use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::report::JudgeStatus;
use crate::domain::verdict::{Label, Probabilities};

fn verdict() -> Verdict {
    Verdict {
        claim: Claim {
            id: ClaimId::new(Uuid::from_u128(1)),
            index: 0,
            text: "The mill is old.".to_owned(),
            kind: ClaimType::Temporal,
            span: Span { start: 0, end: 16 },
        },
        label: Label::Supported,
        confidence: 0.8,
        probability: Probabilities {
            supported: 0.8,
            refuted: 0.1,
            not_enough_info: 0.1,
        },
        evidence: Vec::new(),
        reasoning: String::new(),
    }
}

fn report(judge: &str, score: f64) -> JudgeReport {
    JudgeReport {
        judge_name: judge.to_owned(),
        kind: judge.to_owned(),
        model: judge.to_owned(),
        status: JudgeStatus::Completed,
        score: Some(score),
        confidence: Some(score / 70.0),
        reasoning: String::new(),
        flagged_issues: Vec::new(),
        claim_verdicts: Vec::new(),
        response_time_ms: 1,
        attempts: 1,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

#[test]
fn figures_are_the_same_to_the_last_bit_in_whatever_order_judges_answered() {
    let weights = BTreeMap::from(
        [("a", 0.1), ("b", 0.7), ("c", 1.3)].map(|(name, weight)| (name.to_owned(), weight)),
    );
    let method = Method {
        weights: &weights,
        strategy: AggregationStrategy::WeightedAverage,
        settings: &figures::Settings::default(),
        calibration: None,
    };
    let said = [report("a", 10.1), report("b", 20.7), report("c", 63.3)];
    let result = |order: [usize; 3]| {
        let reports = order.map(|at| said[at].clone());
        let concluded = method.conclude(vec![verdict()], &reports, None);
        serde_json::to_string(&concluded.result.expect("there are scores")).unwrap()
    };
    let first = result([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(result(order), first, "{order:?}");
    }
}
