//! How often the sentences that the verifier looks at first hold one that people named as evidence.
//!
//! `cargo bench --bench evidence -- FILE.jsonl...`: lines with `source`, `candidate` and
//! `label_detail.gold_evidence`, a list of texts; others are passed over. A text is found where it stands in
//! a sentence of the source, or one in it.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::fs::File;
use std::io::{BufRead, BufReader};

use judge_auditor::internals::{Alignment, SourceIndex, claims_of};
use serde_json::Value;

/// How many sentences are looked at.
const DEPTHS: [usize; 4] = [1, 3, 5, 10];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo itself adds `--bench`.
    for path in std::env::args().skip(1).filter(|path| path != "--bench") {
        let (mut cases, mut found) = (0_u32, [0; DEPTHS.len()]);
        for line in BufReader::new(File::open(&path)?).lines() {
            let pair: Value = serde_json::from_str(&line?)?;
            let text = |key: &str| pair[key].as_str().unwrap_or_default();
            let gold: Vec<&str> = pair["label_detail"]["gold_evidence"]
                .as_array()
                .map(|texts| texts.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default();
            let claims = claims_of(text("candidate"));
            if gold.is_empty() || claims.is_empty() {
                continue;
            }
            cases += 1;
            let index = SourceIndex::new(text("source"));
            let alignments: Vec<Alignment<'_>> = (0..claims.len())
                .map(|at| Alignment::new(&index, &claims, at))
                .collect();
            for (found, depth) in found.iter_mut().zip(DEPTHS) {
                let first = alignments
                    .iter()
                    .flat_map(|one| one.candidates.iter().take(depth));
                let mut sentences = first.map(|(at, _)| &index.text()[index.range(*at)]);
                let holds = |sentence: &str| {
                    gold.iter()
                        .any(|it| it.contains(sentence) || sentence.contains(it))
                };
                *found += usize::from(sentences.any(holds));
            }
        }
        let shares = DEPTHS.iter().zip(found).map(|(depth, found)| {
            format!(
                "top {depth}: {:.1} %",
                100.0 * found as f64 / f64::from(cases.max(1))
            )
        });
        println!(
            "{path}: {cases} cases, {}",
            shares.collect::<Vec<_>>().join(", ")
        );
    }
    Ok(())
}
