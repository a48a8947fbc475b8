//! The result of each claim as JSON Lines, for fitting weights and for tracing a figure back to its
//! claims.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::claims::truth_of;
use super::lines::Pair;
use crate::audit::panel::Opinion;
use crate::figures::three_way::Truth;

pub(super) struct Dump(BufWriter<File>);

impl Dump {
    /// Creates the file, or truncates an existing one.
    pub(super) fn new(path: &Path) -> Result<Self, String> {
        let file = File::create(path)
            .map_err(|error| format!("{} can't be written: {error}", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    /// Writes one line per claim of a file's pairs, and one line without `claim` for a pair that
    /// has no claims.
    pub(super) fn write(&mut self, file: &str, pairs: &[Pair], opinions: &[Opinion]) -> Result<()> {
        for (at, (pair, opinion)) in pairs.iter().zip(opinions).enumerate() {
            let of_pair = json!({
                "file": file,
                "pair": at,
                "document": pair.document,
                "supported": pair.supported,
                "class": pair.class,
                "faithfulness": opinion.probability(),
                "reliability": opinion.result.as_ref().map(|result| result.reliability),
                "scores": opinion
                    .reports
                    .iter()
                    .map(|report| (report.judge_name.as_str(), report.score))
                    .collect::<BTreeMap<_, _>>(),
            });
            if opinion.verdicts.is_empty() {
                self.line(&of_pair)?;
            }
            for place in 0..opinion.verdicts.len() {
                let mut line = of_pair.clone();
                line["claim"] = claim(pair, opinion, place);
                self.line(&line)?;
            }
        }
        self.0.flush()?;
        Ok(())
    }

    fn line(&mut self, value: &Value) -> Result<()> {
        serde_json::to_writer(&mut self.0, value)?;
        self.0.write_all(b"\n")?;
        Ok(())
    }
}

fn claim(pair: &Pair, opinion: &Opinion, at: usize) -> Value {
    let verdict = &opinion.verdicts[at];
    let views: BTreeMap<&str, Value> = opinion
        .reports
        .iter()
        .filter_map(|report| {
            let mut labels = report.claim_verdicts.iter();
            let view = labels.find(|label| label.claim_id == verdict.claim.id)?;
            let value = json!({
                "label": view.label,
                "confidence": view.confidence,
                "probability": view.probabilities(),
            });
            Some((report.judge_name.as_str(), value))
        })
        .collect();
    json!({
        "index": at,
        "text": verdict.claim.text,
        "truth": truth_of(pair, &opinion.verdicts, at).map(|truth| match truth {
            Truth::Label(label) => label.as_str(),
            Truth::NotSupported => "NOT_SUPPORTED",
        }),
        "label": verdict.label,
        "probability": verdict.probability,
        "verifier": opinion.verifier.get(at),
        "judges": views,
        "reasoning": verdict.reasoning,
    })
}
