//! Prints what the verifier's fitted model sees of labelled texts, for `training/fit_verifier.py`.
//!
//! `cargo bench --bench features -- [--no-neural] FILE.jsonl...`. A line has `source` and either `candidate` with
//! `label` (1 the source supports all of it, 0 it does not), or `claims` with `text` and `label` each; without a
//! `candidate` these are looked at one by one. Printed for each line: `dataset`, `doc`, `label`, `gold` (labels
//! of the claims, where there are some), and for each claim `values`, what else is `certain` of it, and `read`: the sentences that the model read.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

use judge_auditor::internals::{
    Certain, Claim, ClaimId, ClaimType, Comparison, Encoder, SourceIndex, Span, extract, values,
};
use serde_json::{Value, json};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo itself adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let encoder =
        (!arguments.iter().any(|it| it == "--no-neural")).then(|| Arc::new(Encoder::new(1)));
    for path in arguments.iter().filter(|it| !it.starts_with("--")) {
        for line in BufReader::new(File::open(path)?).lines() {
            println!("{}", seen(&serde_json::from_str(&line?)?, encoder.as_ref()));
        }
    }
    Ok(())
}

/// A claim's values, and the sentences that the model read.
type Seen = (Vec<f64>, Vec<String>);

fn seen(pair: &Value, encoder: Option<&Arc<Encoder>>) -> Value {
    let text = |key: &str| pair[key].as_str().unwrap_or_default();
    let index = SourceIndex::new(text("source")).looked_at_by(encoder);
    let stands_alone = pair["candidate"].is_null();
    let texts: Vec<Claim> = if pair["claims"].is_array() {
        let given = pair["claims"].as_array().map(Vec::as_slice);
        let given = given.unwrap_or_default().iter().enumerate();
        given
            .map(|(at, it)| whole(at, it["text"].as_str().unwrap_or_default()))
            .collect()
    } else {
        let drafts = extract(text("candidate")).into_iter().enumerate();
        drafts
            .map(|(index, draft)| Claim {
                id: ClaimId::new(Uuid::from_u128(index as u128 + 1)),
                index,
                text: draft.text,
                kind: draft.kind,
                span: draft.span,
            })
            .collect()
    };
    let of = |claims: &[Claim], at: usize| {
        let comparison = Comparison::new(&index, claims, at);
        let sentences = comparison.neural.iter().flat_map(|view| &view.sentences);
        let read = sentences.map(|at| index.text()[index.range(*at)].to_owned());
        let certain = Certain::new(&comparison);
        (
            (values(&comparison), read.collect::<Vec<String>>()),
            json!({
                "copied": certain.copied, "contradicted": certain.contradicted, "least": certain.least,
                "hard": certain.hard, "against": certain.against,
            }),
        )
    };
    let (seen, certain): (Vec<Seen>, Vec<Value>) = (0..texts.len())
        .map(|at| {
            if stands_alone {
                of(&texts[at..=at], 0)
            } else {
                of(&texts, at)
            }
        })
        .unzip();
    let (all, read): (Vec<Vec<f64>>, Vec<Vec<String>>) = seen.into_iter().unzip();
    let gold = pair["claims"].as_array().map(|claims| {
        let labels = claims.iter().map(|claim| claim["label"].clone());
        labels.collect::<Vec<_>>()
    });
    json!({
        "dataset": pair["dataset"].as_str().unwrap_or(if stands_alone { "own" } else { "reader" }),
        "language": pair["language"],
        "doc": pair["doc"].as_str().or(pair["id"].as_str()),
        "label": pair["label"],
        "gold": gold,
        "texts": texts.iter().map(|claim| claim.text.as_str()).collect::<Vec<_>>(),
        "values": all,
        "read": read,
        "certain": certain,
    })
}

fn whole(index: usize, text: &str) -> Claim {
    Claim {
        id: ClaimId::new(Uuid::from_u128(index as u128 + 1)),
        index,
        text: text.to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start: 0,
            end: text.encode_utf16().count(),
        },
    }
}
