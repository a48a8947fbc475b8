//! Prints what the fitted support model sees of labelled pairs, for `benches/offline/fit.py`.
//!
//! `cargo bench --bench features -- FILE.jsonl...`: lines with `source`, `candidate`, `label`, `dataset`.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::fs::File;
use std::io::{BufRead, BufReader};

use judge_auditor::domain::claim::Claim;
use judge_auditor::domain::ids::ClaimId;
use judge_auditor::evidence::SourceIndex;
use judge_auditor::evidence::rules::Comparison;
use judge_auditor::evidence::support::values;
use judge_auditor::text::claims::extract;
use serde_json::{Value, json};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo itself adds `--bench`.
    for path in std::env::args().skip(1).filter(|path| path != "--bench") {
        for line in BufReader::new(File::open(path)?).lines() {
            let pair: Value = serde_json::from_str(&line?)?;
            let text = |key: &str| pair[key].as_str().unwrap_or_default();
            let claims: Vec<Claim> = extract(text("candidate"))
                .into_iter()
                .enumerate()
                .map(|(index, draft)| Claim {
                    id: ClaimId::new(Uuid::from_u128(index as u128 + 1)),
                    index,
                    text: draft.text,
                    kind: draft.kind,
                    span: draft.span,
                })
                .collect();
            let index = SourceIndex::new(text("source"));
            let all: Vec<_> = (0..claims.len())
                .map(|at| values(&Comparison::new(&index, &claims, at)))
                .collect();
            let line = json!({ "dataset": pair["dataset"], "label": pair["label"], "values": all });
            println!("{line}");
        }
    }
    Ok(())
}
