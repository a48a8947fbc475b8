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
use crate::domain::result::{AuditResult, Faithfulness, ProbabilityInterval};

use super::accuracy::{Accuracy, Observation, accuracy};
use super::bootstrap::SplitMix64;
use super::faithfulness::{LEVEL, THRESHOLD};
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
/// The 97.5 % quantile of the standard normal distribution.
const NORMAL_975: f64 = 1.959_963_984_540_054;

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
    /// The precision of the fit. Absent in files of earlier versions, and if all labels are about one
    /// document, which cannot show how documents differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariance: Option<Covariance>,
}

/// The covariance of slope and intercept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Covariance {
    /// The variance of the slope.
    pub slope: f64,
    /// The variance of the intercept.
    pub intercept: f64,
    /// The covariance of both.
    pub both: f64,
}

impl Map {
    /// The calibrated probability, between 0 and 1.
    pub(crate) fn apply(&self, probability: f64) -> f64 {
        sigmoid(self.slope * logit(probability) + self.intercept)
    }

    /// The interval of the calibrated probability, given the uncalibrated one: normal on the logit
    /// scale. `None` if the precision of the fit is unknown.
    pub(crate) fn interval(&self, probability: f64) -> Option<ProbabilityInterval> {
        let covariance = self.covariance?;
        let x = logit(probability);
        let variance = x * x * covariance.slope + 2.0 * x * covariance.both + covariance.intercept;
        let center = self.slope * x + self.intercept;
        let half = NORMAL_975 * variance.max(0.0).sqrt();
        Some(ProbabilityInterval {
            level: LEVEL,
            lower: sigmoid(center - half),
            upper: sigmoid(center + half),
            method: "labels".to_owned(),
        })
    }

    /// Returns true if the values can be the result of a fit.
    pub(crate) fn is_valid(&self) -> bool {
        let is_covariance = |known: &Covariance| {
            known.slope >= 0.0
                && known.intercept >= 0.0
                && known.both.powi(2) <= known.slope * known.intercept * (1.0 + 1e-9)
        };
        self.slope.is_finite()
            && self.slope > 0.0
            && self.intercept.is_finite()
            && (0.0..=1.0).contains(&self.threshold)
            && self.covariance.as_ref().is_none_or(is_covariance)
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
            interval: self.map.interval(before.probability),
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
    let (points, documents): (Vec<(f64, f64)>, Vec<usize>) = pairs
        .map(|pair| {
            let label = f64::from(u8::from(pair.supported));
            ((logit(pair.probability), label), pair.document)
        })
        .unzip();
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
        covariance: covariance(&points, &documents, (slope, intercept)),
    }
}

/// The covariance of a fit: the inverse of the loss's curvature (Laplace's approximation), times the
/// mean design effect of the documents (Rao and Scott 1981) where that is above 1, since several
/// labels of one document say less than as many of several. `None` for fewer than two documents.
fn covariance(points: &[(f64, f64)], documents: &[usize], at: (f64, f64)) -> Option<Covariance> {
    let mut scores: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (&(x, label), &document) in points.iter().zip(documents) {
        let residual = sigmoid(at.0 * x + at.1) - label;
        let score = scores.entry(document).or_default();
        *score = (score.0 + residual * x, score.1 + residual);
    }
    if scores.len() < 2 {
        return None;
    }
    let h = curvature(points, at);
    let determinant = h.0 * h.2 - h.1 * h.1;
    let inverse = (h.2 / determinant, -h.1 / determinant, h.0 / determinant);
    // The priors' part of the curvature is known, and has no sampling error.
    let few = scores.len() as f64 / (scores.len() - 1) as f64;
    let spread = scores
        .values()
        .fold((SLOPE_PRECISION, 0.0, INTERCEPT_PRECISION), |sum, score| {
            (
                sum.0 + few * score.0 * score.0,
                sum.1 + few * score.0 * score.1,
                sum.2 + few * score.1 * score.1,
            )
        });
    let effect = (spread.0 * inverse.0 + 2.0 * spread.1 * inverse.1 + spread.2 * inverse.2) / 2.0;
    let effect = effect.max(1.0);
    Some(Covariance {
        slope: effect * inverse.0,
        intercept: effect * inverse.2,
        both: effect * inverse.1,
    })
}

/// The second derivatives of the loss: by the slope, by both, by the intercept.
fn curvature(points: &[(f64, f64)], at: (f64, f64)) -> (f64, f64, f64) {
    points.iter().fold(
        (SLOPE_PRECISION, 0.0, INTERCEPT_PRECISION),
        |sum, (x, _)| {
            let p = sigmoid(at.0 * x + at.1);
            let w = p * (1.0 - p);
            (sum.0 + w * x * x, sum.1 + w * x, sum.2 + w)
        },
    )
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
        let h = curvature(points, at);
        let mut g = (SLOPE_PRECISION * (at.0 - 1.0), INTERCEPT_PRECISION * at.1);
        for (x, label) in points {
            let p = sigmoid(at.0 * x + at.1);
            g = (g.0 + (p - label) * x, g.1 + (p - label));
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
