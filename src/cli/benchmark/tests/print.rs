//! The figures of two small files, as they are printed: what judges said of them is made by hand.

use std::io::Write as _;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::super::all::all;
use super::super::figures::measure;
use super::super::{json as as_json, lines};
use super::*;
use crate::audit::panel::Opinion;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::{Probabilities, Verdict};

const THRESHOLD: f64 = 0.5;

/// Outputs of one claim, with classes and, once, what people marked.
const FERRIES: &str = r#"{"source":"The ferry sank in 1931.","candidate":"The ferry sank in 1931.","label":1,"doc":"a","label_detail":{"class":"SUPPORTED"}}
{"source":"The ferry sank in 1931.","candidate":"The ferry sank in 1947.","label":0,"doc":"a","label_detail":{"class":"REFUTED","spans":[{"start":18,"end":22,"type":"date"}]}}
{"source":"The mill was sold.","candidate":"The mill was sold.","label":1,"doc":"b","label_detail":{"class":"SUPPORTED"}}
{"source":"The mill was sold.","candidate":"Penguins adore marmalade.","label":0,"doc":"b","label_detail":{"class":"NOT_ENOUGH_INFO"}}
"#;

/// Claims with labels; the product finds none of the second.
const MILLS: &str = r#"{"source":"The mill was sold.","candidate":"The mill was sold.","claims":[{"text":"The mill was sold.","label":"SUPPORTED"}]}
{"source":"The mill was sold.","candidate":"A mill.","claims":[{"text":"A mill.","label":"REFUTED"}]}
"#;

fn names() -> Vec<String> {
    ["facts", "lexical"].map(str::to_owned).to_vec()
}

/// What the panel says of an output of one claim: the chance that it holds, its label, each judge's score.
fn opinion(candidate: &str, chance: f64, label: Label, scores: [Option<f64>; 2]) -> Opinion {
    let probability = Probabilities::from_label(label, 0.8);
    let id = ClaimId::new(Uuid::from_u128(1));
    let verdict = Verdict {
        claim: Claim {
            id,
            index: 0,
            text: candidate.to_owned(),
            kind: ClaimType::Factual,
            span: Span {
                start: 0,
                end: candidate.len(),
            },
        },
        label,
        confidence: 0.8,
        probability,
        evidence: Vec::new(),
        reasoning: String::new(),
    };
    let result = json!({
        "consensus_score": 50.0, "hallucination_score": 50.0,
        "hallucination_components": { "inverse_consensus": 0.5, "issues": 0.0, "confidence": 0.2 },
        "hallucination_breakdown": {}, "agreement": { "items": 0, "raters": 0 },
        "statistics": { "mean": 50.0, "median": 50.0, "min": 50.0, "max": 50.0, "q1": 50.0, "q3": 50.0 },
        "mean_confidence": 0.8,
        "claims": { "total": 1, "supported": 0, "refuted": 0, "not_enough_info": 0 },
        "judges": { "requested": 2, "completed": 2, "failed": 0 },
        "aggregation_strategy": "mean", "reliability": if chance > 0.8 { "high" } else { "low" },
        "reliability_reasons": [],
        "faithfulness": {
            "probability": chance, "flagged": chance < THRESHOLD, "threshold": THRESHOLD, "basis": "built-in/1",
        },
    });
    let report = |(name, score): (String, Option<f64>)| {
        let status = if score.is_some() {
            "completed"
        } else {
            "timeout"
        };
        let issues = match score {
            Some(score) if score < 40.0 => json!([{
                "type": "numerical_error", "severity": "high", "description": "the year",
                "span": { "start": 14, "end": 22 },
            }]),
            _ => json!([]),
        };
        let of_claims = match score {
            Some(score) => json!([{ "claim_id": id, "label": label, "confidence": score / 100.0 }]),
            None => json!([]),
        };
        serde_json::from_value(json!({
            "judge_name": name, "kind": name, "model": "1", "status": status, "score": score,
            "reasoning": "", "flagged_issues": issues, "claim_verdicts": of_claims,
            "response_time_ms": 1, "attempts": 1,
        }))
    };
    Opinion {
        result: Some(serde_json::from_value(result).unwrap()),
        verdicts: vec![verdict],
        verifier: vec![probability],
        reports: std::iter::zip(names(), scores)
            .map(|judge| report(judge).unwrap())
            .collect(),
    }
}

fn measured(file: &str, text: &str, opinions: &[Opinion]) -> Measured {
    let mut written = tempfile::NamedTempFile::new().unwrap();
    written.write_all(text.as_bytes()).unwrap();
    let pairs = lines::read(written.path()).unwrap();
    assert_eq!(pairs.len(), opinions.len());
    let took = Duration::from_millis(500);
    measure(
        file.to_owned(),
        &pairs,
        opinions,
        (&names(), THRESHOLD),
        took,
    )
}

fn ferries() -> Measured {
    let opinions = [
        opinion(
            "The ferry sank in 1931.",
            0.95,
            Label::Supported,
            [Some(90.0), Some(80.0)],
        ),
        opinion(
            "The ferry sank in 1947.",
            0.1,
            Label::Refuted,
            [Some(10.0), Some(60.0)],
        ),
        opinion(
            "The mill was sold.",
            0.4,
            Label::NotEnoughInfo,
            [Some(70.0), None],
        ),
        opinion(
            "Penguins adore marmalade.",
            0.3,
            Label::NotEnoughInfo,
            [Some(50.0), Some(20.0)],
        ),
    ];
    measured("data/ferries.jsonl", FERRIES, &opinions)
}

fn mills() -> Measured {
    let mut nothing = opinion("A mill.", 0.9, Label::Supported, [Some(60.0), Some(50.0)]);
    nothing.verdicts.clear();
    nothing.result = None;
    let opinions = [
        opinion(
            "The mill was sold.",
            0.9,
            Label::Supported,
            [Some(90.0), Some(80.0)],
        ),
        nothing,
    ];
    measured("mills.jsonl", MILLS, &opinions)
}

#[test]
fn one_file_has_no_mean() {
    let files = [ferries()];
    insta::assert_snapshot!(table(&names(), THRESHOLD, &files, &all(&files)));
}

#[test]
fn two_files_and_their_mean() {
    let files = [ferries(), mills()];
    insta::assert_snapshot!(table(&names(), THRESHOLD, &files, &all(&files)));
}

#[test]
fn the_same_as_json() {
    let files = [ferries(), mills()];
    let value = as_json::value(&names(), THRESHOLD, &files, &all(&files));
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}
