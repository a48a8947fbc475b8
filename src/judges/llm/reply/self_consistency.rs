//! Self-consistency: merges repeated samples of one judge into one opinion.

use std::collections::BTreeMap;

use crate::domain::details::{Details, Repeats};
use crate::domain::ids::ClaimId;
use crate::domain::verdict::{ClaimLabel, Label};
use crate::judges::{Assessment, JudgeError};

/// One sample, with its number of attempts and its details.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) attempts: u32,
    pub(crate) details: Details,
    pub(crate) result: Result<Assessment, JudgeError>,
}

/// Merges samples: the mean of the scores and confidences, the majority label of each claim, and
/// the explanation and issues of the sample that is nearest to the mean. Failed samples are
/// ignored; if all failed, the first error is returned. A single sample stays as it is.
pub(crate) fn merge(mut samples: Vec<Sample>) -> Sample {
    if samples.len() == 1 {
        return samples.remove(0);
    }
    let attempts = samples.iter().map(|sample| sample.attempts).sum();
    let repaired = samples.iter().any(|sample| sample.details.repaired);
    let usage_estimated = samples.iter().any(|sample| sample.details.usage_estimated);
    let cached_age_ms = samples
        .iter()
        .filter_map(|sample| sample.details.cached_age_ms)
        .max();
    let scores: Vec<Option<f64>> = samples
        .iter()
        .map(|sample| sample.result.as_ref().ok().map(|opinion| opinion.score))
        .collect();
    let mut failure = None;
    let mut opinions = Vec::new();
    for sample in samples {
        match sample.result {
            Ok(opinion) => opinions.push((opinion, sample.details)),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    let n = opinions.len() as f64;
    let mean = opinions
        .iter()
        .map(|(opinion, _)| opinion.score)
        .sum::<f64>()
        / n;
    let squares = opinions
        .iter()
        .map(|(opinion, _)| (opinion.score - mean).powi(2));
    let standard_deviation =
        (opinions.len() > 1).then(|| (squares.sum::<f64>() / (n - 1.0)).sqrt());
    let confidence = opinions
        .iter()
        .map(|(opinion, _)| opinion.confidence)
        .sum::<f64>()
        / n;
    let claim_labels = majority(opinions.iter().map(|(opinion, _)| &opinion.claim_labels));
    let nearest = opinions
        .into_iter()
        .min_by(|(a, _), (b, _)| f64::total_cmp(&(a.score - mean).abs(), &(b.score - mean).abs()));
    let (result, of_nearest) = match nearest {
        Some((opinion, details)) => {
            let merged = Assessment {
                score: mean,
                confidence,
                claim_labels,
                ..opinion
            };
            (Ok(merged), details)
        }
        None => (
            Err(failure.unwrap_or_else(|| JudgeError::Internal("it was never asked".into()))),
            Details::default(),
        ),
    };
    Sample {
        attempts,
        details: Details {
            quotes: of_nearest.quotes,
            answered_by: of_nearest.answered_by,
            unlabelled: of_nearest.unlabelled,
            repaired,
            usage_estimated,
            cached_age_ms,
            repeats: Some(Repeats {
                scores,
                standard_deviation,
            }),
            ..Details::default()
        },
        result,
    }
}

/// Returns the majority label of each claim, with the mean confidence of the samples that gave it.
/// In a tie the more cautious label wins.
fn majority<'a>(opinions: impl Iterator<Item = &'a Vec<ClaimLabel>>) -> Vec<ClaimLabel> {
    let mut order: Vec<ClaimId> = Vec::new();
    let mut votes: BTreeMap<ClaimId, Vec<&ClaimLabel>> = BTreeMap::new();
    for label in opinions.flatten() {
        let of_claim = votes.entry(label.claim_id).or_default();
        if of_claim.is_empty() {
            order.push(label.claim_id);
        }
        of_claim.push(label);
    }
    let caution = |label: Label| match label {
        Label::Supported => 0,
        Label::Refuted => 1,
        Label::NotEnoughInfo => 2,
    };
    order
        .into_iter()
        .filter_map(|claim_id| {
            let given = &votes[&claim_id];
            let count = |label| given.iter().filter(|vote| vote.label == label).count();
            let label = Label::ALL
                .into_iter()
                .max_by_key(|&label| (count(label), caution(label)))?;
            let agreeing = given.iter().filter(|vote| vote.label == label);
            let sum: f64 = agreeing.map(|vote| vote.confidence).sum();
            Some(ClaimLabel {
                claim_id,
                label,
                confidence: sum / count(label) as f64,
                probability: None,
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "tests/self_consistency.rs"]
mod tests;
