//! A calibration fitted on an operator's own labels, as a run's result names it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::verdict::Label;

/// What a calibration makes of a result. `faithfulness` is the calibrated one then; the hallucination score
/// stays what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Calibrated {
    /// The calibration's name.
    pub name: String,
    /// Labels that it was fitted on.
    pub labels: usize,
    /// When it was fitted.
    pub created_at: String,
    /// SHA-256 of its figures.
    pub hash: String,
    /// The probability that the source supports every claim, before the calibration; absent in results of the
    /// first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_probability: Option<f64>,
    /// The result's hallucination score, as the panel gave it, 0..100.
    pub raw_hallucination_score: f64,
    /// The chance in percent that not all is supported, by the labels.
    pub hallucination_score: f64,
    /// From which such chance an output is flagged: `faithfulness.threshold`, seen from the other side.
    pub threshold: f64,
    /// True at the threshold or over it.
    pub flagged: bool,
}

/// How a judge's labels of claims stand to what a person says of the same claims.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Confusion {
    /// Rows: the person's label; columns: the judge's. Both in the order SUPPORTED, REFUTED,
    /// NOT_ENOUGH_INFO.
    pub counts: [[u64; 3]; 3],
}

impl Confusion {
    pub(crate) fn count(&mut self, truth: Label, said: Label) {
        self.counts[truth as usize][said as usize] += 1;
    }

    #[cfg(test)]
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }
}
