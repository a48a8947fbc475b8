//! Aggregates over all files: ratios are averaged over the files, counts are summed.

use std::collections::BTreeMap;

use super::figures::{Measured, Reached};
use crate::figures::accuracy::{Accuracy, mean_of};
use crate::figures::three_way::{Judged, ThreeWay, three_way};

pub(super) struct All {
    /// The mean over the files. A figure is absent if one of the files lacks it.
    pub(super) accuracy: Option<Accuracy>,
    /// Figures over the labelled claims of all files; `None` if there are none.
    pub(super) claims: Option<ThreeWay>,
    /// Figures over the outputs of all files that have one of the three labels; `None` if there are
    /// none.
    pub(super) wholes: Option<ThreeWay>,
    pub(super) reliability: BTreeMap<&'static str, Reached>,
    /// For each two judges the mean correlation of their residuals, over the files where it is
    /// defined.
    pub(super) residuals: Vec<(String, String, Option<f64>)>,
    pub(super) pairs: usize,
    pub(super) supported: usize,
    pub(super) verdicts: usize,
    pub(super) seconds: f64,
}

pub(super) fn all(files: &[Measured]) -> All {
    let accuracies: Vec<&Accuracy> = files.iter().map(|file| &file.accuracy).collect();
    let mut reliability: BTreeMap<&'static str, Reached> = BTreeMap::new();
    for (class, reached) in files.iter().flat_map(|file| &file.reliability) {
        let sum = reliability.entry(class).or_default();
        *sum = sum.plus(*reached);
    }
    let count = |of: fn(&Measured) -> usize| files.iter().map(of).sum::<usize>();
    All {
        accuracy: mean_of(&accuracies),
        claims: together(files.iter().flat_map(|file| &file.claims)),
        wholes: together(files.iter().flat_map(|file| &file.wholes)),
        reliability,
        residuals: residuals(files),
        pairs: count(|file| file.pairs),
        supported: count(|file| file.supported),
        verdicts: count(|file| file.verdicts),
        seconds: files.iter().map(|file| file.seconds).sum(),
    }
}

/// Computes the figures of some claims; `None` if there are no claims.
pub(super) fn together<'a>(claims: impl Iterator<Item = &'a Judged>) -> Option<ThreeWay> {
    let claims: Vec<Judged> = claims.copied().collect();
    (!claims.is_empty()).then(|| three_way(&claims))
}

fn residuals(files: &[Measured]) -> Vec<(String, String, Option<f64>)> {
    let Some(first) = files.first() else {
        return Vec::new();
    };
    first
        .residuals
        .iter()
        .enumerate()
        .map(|(at, (one, two, _))| {
            let known: Vec<f64> = files
                .iter()
                .filter_map(|file| file.residuals[at].2)
                .collect();
            let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
            (one.clone(), two.clone(), mean)
        })
        .collect()
}
