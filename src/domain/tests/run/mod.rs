//! A run, driven as its actor does, and what a database would hand out after a crash.

mod revisions;
mod stages;

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
        citations: None,
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
    changes: Vec<Change>,
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
            changes: Vec::new(),
            claims,
            failing: Vec::new(),
            decisions: Vec::new(),
        }
    }

    fn feed(&mut self, input: Input) -> Vec<Effect> {
        let step = self.state.apply(input);
        self.events.extend(step.events);
        self.changes.extend(step.changes);
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
                        from_collection: None,
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
        stored(&self.changes, &self.events)
    }
}

/// What a database that took every change and every event would hand out after a restart.
fn stored(changes: &[Change], events: &[EventBody]) -> Progressed {
    let mut past = Progressed::default();
    for change in changes {
        match change {
            Change::Claims(claims) => past.claims = Some(claims.clone()),
            Change::Verdict(verdict) => past.verdicts.push((**verdict).clone()),
            Change::Report(report) => past.reports.push((**report).clone()),
            Change::Decisions(_) | Change::Ended(_) => {}
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
