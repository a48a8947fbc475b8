//! How well chances tell supported texts from others, by labels that people gave.
//!
//! "Positive" is a text that its source does not fully support, as everywhere in the field: a low chance
//! should mean that.

use std::collections::BTreeMap;

use super::bootstrap::SplitMix64;
use super::spread::quantile;

/// Resamples of an interval.
const RESAMPLES: usize = 1_000;
/// Bins of the calibration error, of equal width.
const BINS: usize = 10;
const SEED: u64 = 20_241;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Observation {
    /// The chance, 0..1, that the source supports all of it.
    pub probability: f64,
    /// What people say: true where the source supports all of it.
    pub supported: bool,
    /// Which document it belongs to; pairs of one document are drawn together.
    pub document: usize,
}

/// What the pairs of one file say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Accuracy {
    /// Chance that an unsupported text has a lower figure than a supported one, ties counted half; none
    /// without both.
    pub auroc: Option<f64>,
    /// Mean of the two recalls at the threshold; none without both.
    pub balanced_accuracy: Option<f64>,
    /// Of the unsupported ones at the threshold; none where there is none and none is flagged.
    pub f1: Option<f64>,
    /// Expected calibration error over ten bins (Naeini et al. 2015).
    pub calibration_error: Option<f64>,
    /// Mean squared error (Brier 1950).
    pub brier: Option<f64>,
    /// The area of each bootstrap resample of the documents; empty without an area.
    pub resampled: Vec<f64>,
}

/// All figures of some pairs; a chance under `threshold` flags a text.
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

/// The area alone, without resamples: for figures that are shown without an interval.
pub(crate) fn auroc(pairs: &[Observation]) -> Option<f64> {
    let ranking = Ranking::new(pairs);
    ranking.area(&vec![1.0; ranking.documents])
}

/// The expected calibration error alone.
pub(crate) fn calibration_error(pairs: &[Observation]) -> Option<f64> {
    (!pairs.is_empty()).then(|| calibration_gap(pairs) / pairs.len() as f64)
}

/// The middle 95 % of resampled values, none of too few of them.
pub(crate) fn interval(resampled: &[f64]) -> Option<(f64, f64)> {
    if resampled.len() < RESAMPLES / 2 {
        return None;
    }
    let mut sorted = resampled.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.025).zip(quantile(&sorted, 0.975))
}

/// The mean over files of each figure that all of them have; the n-th resamples of all files make one.
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

/// Pearson's correlation of what two judges get wrong, over pairs `(one, other, supported)` that both
/// gave a figure for: each figure less the mean of its label. Near 0 they err apart; none where one never varies.
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

/// The sum over bins of how far the chances are from what is so.
fn calibration_gap(pairs: &[Observation]) -> f64 {
    let mut bins = [0.0; BINS];
    for pair in pairs {
        let bin = ((pair.probability * BINS as f64) as usize).min(BINS - 1);
        bins[bin] += error(pair);
    }
    bins.iter().map(|gap| gap.abs()).sum()
}

/// Pairs by their chance, ready to be counted with other weights of their documents.
struct Ranking {
    /// Ascending by the chance that something is not supported: that chance, positive, document.
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

    /// The area under the curve where each document counts as often as its weight says.
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

    /// Documents drawn with replacement; a draw without both labels is drawn again by the next.
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
