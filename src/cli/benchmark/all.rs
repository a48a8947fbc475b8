//! What all files say together: the mean over files of what each file has, the sum of what is counted.

use std::collections::BTreeMap;

use super::figures::{Measured, Reached};
use crate::figures::accuracy::{Accuracy, mean_of};
use crate::figures::three_way::{Judged, ThreeWay, three_way};

pub(super) struct All {
    /// The mean over files; none where a file has no such figure.
    pub(super) accuracy: Option<Accuracy>,
    /// Over the claims of all files.
    pub(super) claims: Option<ThreeWay>,
    /// Over the outputs of all files that have one of three labels.
    pub(super) wholes: Option<ThreeWay>,
    pub(super) reliability: BTreeMap<&'static str, Reached>,
    /// The mean over the files that have one.
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

/// The figures of some claims, none of none.
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
