//! Measures how well probabilities separate supported texts from others, given labels by people.
//!
//! As usual in the field, "positive" is a text that its source does not fully support; it should
//! have a low probability.

use std::collections::BTreeMap;

use super::bootstrap::SplitMix64;
use super::spread::quantile;

/// Number of resamples for an interval.
const RESAMPLES: usize = 1_000;
/// Number of bins of equal width for the calibration error.
const BINS: usize = 10;
const SEED: u64 = 20_241;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Observation {
    /// The probability, between 0 and 1, that the source supports the whole text.
    pub probability: f64,
    /// The label given by people: true if the source supports the whole text.
    pub supported: bool,
    /// The document that it belongs to; pairs of one document are resampled together.
    pub document: usize,
}

/// The figures of the pairs of one file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Accuracy {
    /// Probability that an unsupported text has a lower figure than a supported one, with ties
    /// counted as a half; `None` without both kinds.
    pub auroc: Option<f64>,
    /// Mean of the two recalls at the threshold; `None` without both kinds.
    pub balanced_accuracy: Option<f64>,
    /// F1 of the unsupported texts at the threshold; `None` if there are none and none is flagged.
    pub f1: Option<f64>,
    /// Expected calibration error over ten bins (Naeini et al. 2015).
    pub calibration_error: Option<f64>,
    /// Mean squared error (Brier 1950).
    pub brier: Option<f64>,
    /// The AUROC of each bootstrap resample of the documents; empty without an AUROC.
    pub resampled: Vec<f64>,
}

/// Computes all figures of some pairs; a probability below `threshold` flags a text.
pub(crate) fn accuracy(pairs: &[Observation], threshold: f64) -> Accuracy {
    let ranking = Ranking::new(pairs);
    let once = vec![1.0; ranking.documents];
    let auroc = ranking.area(&once);
    let count = |flagged: bool, supported: bool| {
        pairs
            .iter()
            .filter(|pair| (pair.probability < threshold) == flagged && pair.supported == supported)
            .count() as f64
    };
    let (hits, misses) = (count(true, false), count(false, false));
    let (false_alarms, passes) = (count(true, true), count(false, true));
    let share = |part: f64, all: f64| (all > 0.0).then(|| part / all);
    let n = pairs.len() as f64;
    Accuracy {
        balanced_accuracy: share(hits, hits + misses)
            .zip(share(passes, passes + false_alarms))
            .map(|(one, two)| (one + two) / 2.0),
        f1: share(2.0 * hits, 2.0 * hits + false_alarms + misses),
        calibration_error: share(calibration_gap(pairs), n),
        brier: share(pairs.iter().map(|pair| error(pair).powi(2)).sum(), n),
        resampled: if auroc.is_some() {
            ranking.resample()
        } else {
            Vec::new()
        },
        auroc,
    }
}

/// The AUROC alone, without resamples, for figures shown without an interval.
pub(crate) fn auroc(pairs: &[Observation]) -> Option<f64> {
    let ranking = Ranking::new(pairs);
    ranking.area(&vec![1.0; ranking.documents])
}

pub(crate) fn calibration_error(pairs: &[Observation]) -> Option<f64> {
    (!pairs.is_empty()).then(|| calibration_gap(pairs) / pairs.len() as f64)
}

/// The central 95 % of resampled values; `None` if there are too few.
pub(crate) fn interval(resampled: &[f64]) -> Option<(f64, f64)> {
    if resampled.len() < RESAMPLES / 2 {
        return None;
    }
    let mut sorted = resampled.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.025).zip(quantile(&sorted, 0.975))
}

/// The mean over files of each figure that all of them have; the n-th resamples of
/// all files are averaged.
pub(crate) fn mean_of(files: &[&Accuracy]) -> Option<Accuracy> {
    let mean = |figure: fn(&Accuracy) -> Option<f64>| {
        let values: Option<Vec<f64>> = files.iter().map(|file| figure(file)).collect();
        super::consensus::mean(values?.into_iter())
    };
    let shortest = files.iter().map(|file| file.resampled.len()).min()?;
    let resampled = (0..shortest)
        .filter_map(|at| super::consensus::mean(files.iter().map(|file| file.resampled[at])))
        .collect();
    Some(Accuracy {
        auroc: mean(|file| file.auroc),
        balanced_accuracy: mean(|file| file.balanced_accuracy),
        f1: mean(|file| file.f1),
        calibration_error: mean(|file| file.calibration_error),
        brier: mean(|file| file.brier),
        resampled,
    })
}

/// Pearson's correlation of the errors of two judges, over pairs `(one, other, supported)` for
/// which both gave a figure. The error is the figure minus the mean of its label. Near 0 the errors
/// are independent; `None` if one of them never varies.
pub(crate) fn residual_correlation(pairs: &[(f64, f64, bool)]) -> Option<f64> {
    let mut residuals = Vec::with_capacity(pairs.len());
    for supported in [false, true] {
        let of: Vec<_> = pairs.iter().filter(|pair| pair.2 == supported).collect();
        let means = (
            super::consensus::mean(of.iter().map(|pair| pair.0)),
            super::consensus::mean(of.iter().map(|pair| pair.1)),
        );
        if let (Some(one), Some(two)) = means {
            residuals.extend(of.iter().map(|pair| (pair.0 - one, pair.1 - two)));
        }
    }
    let sum =
        |part: &dyn Fn(&(f64, f64)) -> f64| -> f64 { residuals.iter().map(part).sum::<f64>() };
    let spread = (sum(&|r| r.0 * r.0) * sum(&|r| r.1 * r.1)).sqrt();
    (spread > 0.0).then(|| sum(&|r| r.0 * r.1) / spread)
}

fn error(pair: &Observation) -> f64 {
    pair.probability - f64::from(u8::from(pair.supported))
}

/// The sum over the bins of the absolute difference between the probabilities and the labels.
fn calibration_gap(pairs: &[Observation]) -> f64 {
    let mut bins = [0.0; BINS];
    for pair in pairs {
        let bin = ((pair.probability * BINS as f64) as usize).min(BINS - 1);
        bins[bin] += error(pair);
    }
    bins.iter().map(|gap| gap.abs()).sum()
}

/// Pairs sorted by probability, prepared for counting with different weights of documents.
struct Ranking {
    /// Ascending by the probability of being unsupported: this probability, true if
    /// positive, and the document.
    sorted: Vec<(f64, bool, usize)>,
    documents: usize,
}

impl Ranking {
    fn new(pairs: &[Observation]) -> Self {
        let mut places = BTreeMap::new();
        for pair in pairs {
            let next = places.len();
            places.entry(pair.document).or_insert(next);
        }
        let mut sorted: Vec<_> = pairs
            .iter()
            .map(|pair| (-pair.probability, !pair.supported, places[&pair.document]))
            .collect();
        sorted.sort_by(|one, two| one.0.total_cmp(&two.0));
        Self {
            sorted,
            documents: places.len(),
        }
    }

    /// The area under the ROC curve, with each document counted by its weight.
    fn area(&self, weights: &[f64]) -> Option<f64> {
        let (mut below, mut positives, mut wins) = (0.0, 0.0, 0.0);
        for group in self.sorted.chunk_by(|one, two| one.0 == two.0) {
            let of = |positive: bool| -> f64 {
                group
                    .iter()
                    .filter(|pair| pair.1 == positive)
                    .map(|pair| weights[pair.2])
                    .sum()
            };
            let (up, down) = (of(true), of(false));
            wins += up * (below + down / 2.0);
            below += down;
            positives += up;
        }
        (below > 0.0 && positives > 0.0).then(|| wins / (below * positives))
    }

    /// AUROCs of documents drawn with replacement; a draw without both labels is skipped.
    fn resample(&self) -> Vec<f64> {
        let mut random = SplitMix64::new(SEED);
        (0..RESAMPLES)
            .filter_map(|_| {
                let mut weights = vec![0.0; self.documents];
                for _ in 0..self.documents {
                    weights[random.below(self.documents)] += 1.0;
                }
                self.area(&weights)
            })
            .collect()
    }
}

#[cfg(test)]
#[path = "tests/accuracy.rs"]
mod tests;
