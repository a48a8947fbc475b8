//! A calibration fitted on an operator's own labels, as a run's result names it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::verdict::Label;

/// The effect of the operator's calibration on a result. `faithfulness` is the calibrated one then; the hallucination
/// score is not changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Calibrated {
    /// The name of the calibration.
    pub name: String,
    /// The number of labels that the calibration was fitted on.
    pub labels: usize,
    /// When the calibration was fitted.
    pub created_at: String,
    /// The SHA-256 of the calibration's figures.
    pub hash: String,
    /// The probability that the source supports every claim, before the calibration; absent in results of the
    /// first release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_probability: Option<f64>,
    /// The result's hallucination score as the panel gave it, 0..100.
    pub raw_hallucination_score: f64,
    /// The probability, in percent, that the source does not support the whole output, according to the labels.
    pub hallucination_score: f64,
    /// The threshold for `hallucination_score`, in percent: 100 × (1 − `faithfulness.threshold`). An output at or over
    /// it is flagged.
    pub threshold: f64,
    /// True if `hallucination_score` is at or over the threshold.
    pub flagged: bool,
}

/// A judge's labels compared with people's labels of the same claims.
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
