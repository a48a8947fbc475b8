//! A calibration to one's own labels: what a run names when it used one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a calibration makes of a hallucination score. The raw figure stays where it always is.
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
    /// As the panel gave it, 0..100.
    pub raw_hallucination_score: f64,
    /// The chance in percent that not all is supported, by the labels.
    pub hallucination_score: f64,
    /// From which calibrated score an output is flagged.
    pub threshold: f64,
    /// True at the threshold or over it.
    pub flagged: bool,
}
