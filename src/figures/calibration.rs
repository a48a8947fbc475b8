//! Calibration of faithfulness to an operator's own labels.
//!
//! Platt scaling (1999) of the probability's logit, z = slope · logit(probability) + intercept,
//! with Gaussian priors around the identity, so that few labels change little. The slope stays
//! positive: a calibration never reverses the order of two outputs. Deliberately absent: files,
//! names and the clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::calibration::Calibrated;
use crate::domain::report::JudgeReport;
use crate::domain::result::{AuditResult, Faithfulness};

use super::accuracy::{Accuracy, Observation, accuracy};
use super::bootstrap::SplitMix64;
use super::faithfulness::THRESHOLD;
use super::panel::Confusions;
use super::spread::quantile;

/// The format version of calibration files. Files without a version have the first format, which
/// mapped the hallucination score and cannot be used any more.
pub(crate) const FORMAT: u32 = 2;
/// Minimum number of labels.
pub(crate) const FEWEST: usize = 20;
/// Probabilities are kept this far from 0 and 1, which have no logit.
const EDGE: f64 = 0.001;
/// Precision of the priors of the slope around 1 and of the intercept around 0.
const SLOPE_PRECISION: f64 = 4.0;
const INTERCEPT_PRECISION: f64 = 1.0;
const LEAST_SLOPE: f64 = 0.05;
/// The weight of the built-in threshold, as a number of labels.
const THRESHOLD_LABELS: f64 = 20.0;
/// Maximum number of groups that are held out in turn; with more documents several share a group.
const MOST_FOLDS: usize = 100;
const RESAMPLES: usize = 1_000;
const SEED: u64 = 61_103;

/// An increasing map of probabilities, and the mapped probability below which an output is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Map {
    /// Positive; 1 for the identity.
    pub slope: f64,
    /// Zero for the identity.
    pub intercept: f64,
    /// Threshold for the calibrated probability, between 0 and 1.
    pub threshold: f64,
}

impl Map {
    /// The calibrated probability, between 0 and 1.
    pub(crate) fn apply(&self, probability: f64) -> f64 {
        sigmoid(self.slope * logit(probability) + self.intercept)
    }

    /// Returns true if the values can be the result of a fit.
    pub(crate) fn is_valid(&self) -> bool {
        self.slope.is_finite()
            && self.slope > 0.0
            && self.intercept.is_finite()
            && (0.0..=1.0).contains(&self.threshold)
    }
}

/// A map and the circumstances of its fitting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    /// Always [`FORMAT`] in files of this version.
    pub format: u32,
    /// The name that results of runs show.
    pub name: String,
    /// Time in RFC 3339 format.
    pub created_at: String,
    /// The judges of the panel, sorted; it is not valid for scores of another panel.
    pub judges: Vec<String>,
    /// The number of labels used; `supported` of them are positive.
    pub labels: usize,
    pub supported: usize,
    pub map: Map,
    /// The confusion of each judge's labels of claims with those by people,
    /// if people labelled claims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub confusions: Confusions,
    /// SHA-256 of all other fields.
    pub hash: String,
}

impl Calibration {
    /// Calibrates the faithfulness of a run of the same judges with the default strategy, and keeps
    /// the value before. Leaves any other result unchanged.
    pub(crate) fn apply(&self, result: &mut AuditResult, reports: &[JudgeReport]) {
        let mut asked: Vec<&str> = reports.iter().map(|r| r.judge_name.as_str()).collect();
        asked.sort_unstable();
        if result.aggregation_strategy != Default::default() || asked != self.judges {
            return;
        }
        let Some(before) = &result.faithfulness else {
            return;
        };
        let probability = self.map.apply(before.probability);
        let after = Faithfulness {
            probability,
            flagged: probability < self.map.threshold,
            threshold: self.map.threshold,
            basis: self.name.clone(),
        };
        result.calibration = Some(Calibrated {
            name: self.name.clone(),
            labels: self.labels,
            created_at: self.created_at.clone(),
            hash: self.hash.clone(),
            raw_hallucination_score: result.hallucination_score.unwrap_or_default(),
            raw_probability: Some(before.probability),
            hallucination_score: 100.0 * (1.0 - probability),
            threshold: 100.0 * (1.0 - self.map.threshold),
            flagged: after.flagged,
        });
        result.faithfulness = Some(after);
    }
}

/// Fits a map to labels.
///
/// # Errors
/// There are fewer than [`FEWEST`] labels, or only one class.
pub(crate) fn fit(pairs: &[Observation]) -> Result<Map, String> {
    let supported = pairs.iter().filter(|pair| pair.supported).count();
    if pairs.len() < FEWEST {
        return Err(format!(
            "too few labels: {}, where a calibration needs at least {FEWEST}",
            pairs.len()
        ));
    }
    if supported == 0 || supported == pairs.len() {
        return Err("all labels are the same: a calibration needs both kinds".to_owned());
    }
    Ok(fitted(pairs.iter()))
}

/// Fits a map to any number of labels; without labels it is the identity.
fn fitted<'a>(pairs: impl Iterator<Item = &'a Observation>) -> Map {
    let points: Vec<(f64, f64)> = pairs
        .map(|pair| {
            let label = f64::from(u8::from(pair.supported));
            (logit(pair.probability), label)
        })
        .collect();
    let (mut slope, mut intercept) = newton(&points, (1.0, 0.0), true);
    if slope < LEAST_SLOPE {
        // The loss is convex, so the best allowed slope is at the bound.
        (slope, intercept) = newton(&points, (LEAST_SLOPE, 0.0), false);
    }
    // At the point where a calibrated probability equals the share of supported pairs, both recalls
    // have the same weight.
    let supported: f64 = points.iter().map(|(_, label)| label).sum();
    let product = sigmoid(slope * logit(THRESHOLD) + intercept);
    let threshold =
        (supported + THRESHOLD_LABELS * product) / (points.len() as f64 + THRESHOLD_LABELS);
    Map {
        slope,
        intercept,
        threshold,
    }
}

fn loss(points: &[(f64, f64)], (slope, intercept): (f64, f64)) -> f64 {
    let data: f64 = points
        .iter()
        .map(|(x, label)| {
            let z = slope * x + intercept;
            z.max(0.0) + (-z.abs()).exp().ln_1p() - label * z
        })
        .sum();
    data + 0.5 * SLOPE_PRECISION * (slope - 1.0).powi(2)
        + 0.5 * INTERCEPT_PRECISION * intercept.powi(2)
}

/// Newton's method with step halving. The loss is strictly convex, so it converges
/// to the only minimum.
fn newton(points: &[(f64, f64)], mut at: (f64, f64), free_slope: bool) -> (f64, f64) {
    for _ in 0..100 {
        let (mut g, mut h) = (
            (SLOPE_PRECISION * (at.0 - 1.0), INTERCEPT_PRECISION * at.1),
            (SLOPE_PRECISION, 0.0, INTERCEPT_PRECISION),
        );
        for (x, label) in points {
            let p = sigmoid(at.0 * x + at.1);
            let w = p * (1.0 - p);
            g = (g.0 + (p - label) * x, g.1 + (p - label));
            h = (h.0 + w * x * x, h.1 + w * x, h.2 + w);
        }
        let step = if free_slope {
            let determinant = h.0 * h.2 - h.1 * h.1;
            (
                (h.2 * g.0 - h.1 * g.1) / determinant,
                (h.0 * g.1 - h.1 * g.0) / determinant,
            )
        } else {
            (0.0, g.1 / h.2)
        };
        let before = loss(points, at);
        let mut share = 1.0;
        let mut next = (at.0 - step.0, at.1 - step.1);
        while loss(points, next) > before && share > 1e-10 {
            share /= 2.0;
            next = (at.0 - share * step.0, at.1 - share * step.1);
        }
        let moved = (next.0 - at.0).abs().max((next.1 - at.1).abs());
        at = next;
        if moved < 1e-13 {
            break;
        }
    }
    at
}

/// The generalisation of a calibration: the figures before, and after it on documents that it
/// was not fitted on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Carries {
    /// The uncalibrated figures, with the built-in threshold.
    pub before: Accuracy,
    /// The figures by maps fitted without the respective documents, with
    /// these maps' own thresholds.
    pub after: Accuracy,
    /// The number of documents, or groups of documents, held out in turn.
    pub folds: usize,
    /// The central 95 % of the change of the Brier score, after minus before, over
    /// resamples of the documents.
    pub brier_change: (f64, f64),
}

/// Holds out each document once; `None` if there is only one document.
pub(crate) fn carries(pairs: &[Observation]) -> Option<Carries> {
    let documents = pairs.iter().map(|pair| pair.document + 1).max()?;
    let folds = documents.min(MOST_FOLDS);
    if folds < 2 {
        return None;
    }
    let maps: Vec<Map> = (0..folds)
        .map(|fold| fitted(pairs.iter().filter(|pair| pair.document % folds != fold)))
        .collect();
    let held_out: Vec<Observation> = pairs
        .iter()
        .map(|pair| Observation {
            probability: maps[pair.document % folds].apply(pair.probability),
            ..*pair
        })
        .collect();
    let before = accuracy(pairs, THRESHOLD);
    let mut after = accuracy(&held_out, THRESHOLD);
    // Each pair is flagged by the threshold of the map that was fitted without it.
    let moved: Vec<Observation> = held_out
        .iter()
        .map(|pair| Observation {
            probability: pair.probability - maps[pair.document % folds].threshold,
            ..*pair
        })
        .collect();
    let own = accuracy(&moved, 0.0);
    (after.balanced_accuracy, after.f1) = (own.balanced_accuracy, own.f1);
    let squared =
        |pair: &Observation| (pair.probability - f64::from(u8::from(pair.supported))).powi(2);
    let mut changes = vec![(0.0, 0.0); documents];
    for (raw, calibrated) in pairs.iter().zip(&held_out) {
        let change = &mut changes[raw.document];
        *change = (
            change.0 + squared(calibrated) - squared(raw),
            change.1 + 1.0,
        );
    }
    Some(Carries {
        before,
        after,
        folds,
        brier_change: middle(&changes)?,
    })
}

/// The central 95 % of the mean over documents, each drawn with all its pairs.
fn middle(documents: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mut random = SplitMix64::new(SEED);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let (mut sum, mut count) = (0.0, 0.0);
            for _ in documents {
                let drawn = documents[random.below(documents.len())];
                sum += drawn.0;
                count += drawn.1;
            }
            (count > 0.0).then(|| sum / count)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    quantile(&means, 0.025).zip(quantile(&means, 0.975))
}

fn logit(probability: f64) -> f64 {
    let chance = probability.clamp(EDGE, 1.0 - EDGE);
    (chance / (1.0 - chance)).ln()
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

#[cfg(test)]
#[path = "tests/calibration.rs"]
mod tests;
