//! From pairs and what the panel made of them to the figures of a file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde_json::{Value, json};

use super::lines::Pair;
use crate::app::Opinion;
use crate::domain::verdict::Label;
use crate::metrics::FLAGGED;
use crate::metrics::accuracy::{Accuracy, Observation, accuracy, interval, residual_correlation};
use crate::text::span::Utf16Index;

/// What is known of one file.
pub(super) struct Measured {
    pub(super) file: String,
    pub(super) pairs: usize,
    pub(super) supported: usize,
    /// Pairs that no judge gave a score for; in no figure.
    pub(super) unscored: usize,
    /// Judges that failed, over all pairs.
    pub(super) failed: usize,
    pub(super) accuracy: Accuracy,
    /// The area of each judge by its own score, where it gave one.
    pub(super) judges: Vec<(String, usize, Option<f64>)>,
    pub(super) residuals: Vec<(String, String, Option<f64>)>,
    pub(super) classes: BTreeMap<String, Class>,
    pub(super) spans: Option<Overlap>,
    pub(super) seconds: f64,
}

/// What became of the pairs of one class.
#[derive(Default)]
pub(super) struct Class {
    pub(super) pairs: usize,
    pub(super) scores: f64,
    pub(super) flagged: usize,
    /// Pairs whose worst claim is refuted, and those without a refuted but with an undecided one.
    pub(super) refuted: usize,
    pub(super) undecided: usize,
}

/// Characters that people and judges marked, over the pairs that people marked spans for.
#[derive(Default, Clone, Copy)]
pub(super) struct Overlap {
    both: usize,
    told: usize,
    marked: usize,
}

impl Overlap {
    fn f1(self) -> Option<f64> {
        let all = self.told + self.marked;
        (all > 0).then(|| 2.0 * self.both as f64 / all as f64)
    }
}

/// All figures of one file.
pub(super) fn measure(
    file: String,
    pairs: &[Pair],
    opinions: &[Opinion],
    names: &[String],
    took: Duration,
) -> Measured {
    let scored = || {
        pairs
            .iter()
            .zip(opinions)
            .filter_map(|(pair, opinion)| Some((pair, opinion, opinion.hallucination_score?)))
    };
    let observations: Vec<Observation> = scored()
        .map(|(pair, _, score)| Observation {
            score,
            supported: pair.supported,
            document: pair.document,
        })
        .collect();
    let mut classes: BTreeMap<String, Class> = BTreeMap::new();
    for (pair, opinion, score) in scored() {
        let Some(name) = &pair.class else { continue };
        let class = classes.entry(name.clone()).or_default();
        class.pairs += 1;
        class.scores += score;
        class.flagged += usize::from(score >= FLAGGED);
        if opinion.labels.contains(&Label::Refuted) {
            class.refuted += 1;
        } else if opinion.labels.contains(&Label::NotEnoughInfo) {
            class.undecided += 1;
        }
    }
    Measured {
        pairs: pairs.len(),
        supported: pairs.iter().filter(|pair| pair.supported).count(),
        unscored: pairs.len() - observations.len(),
        failed: opinions.iter().map(|opinion| opinion.failed).sum(),
        accuracy: accuracy(&observations, FLAGGED),
        judges: alone(pairs, opinions, names),
        residuals: residuals(pairs, opinions, names),
        classes,
        spans: overlap(pairs, opinions),
        seconds: took.as_secs_f64(),
        file,
    }
}

fn alone(
    pairs: &[Pair],
    opinions: &[Opinion],
    names: &[String],
) -> Vec<(String, usize, Option<f64>)> {
    let judge = |(place, name): (usize, &String)| {
        let own: Vec<Observation> = pairs
            .iter()
            .zip(opinions)
            .filter_map(|(pair, opinion)| {
                Some(Observation {
                    score: 100.0 - opinion.scores[place]?,
                    supported: pair.supported,
                    document: pair.document,
                })
            })
            .collect();
        (name.clone(), own.len(), accuracy(&own, FLAGGED).auroc)
    };
    names.iter().enumerate().map(judge).collect()
}

fn residuals(
    pairs: &[Pair],
    opinions: &[Opinion],
    names: &[String],
) -> Vec<(String, String, Option<f64>)> {
    let mut all = Vec::new();
    for (one, first) in names.iter().enumerate() {
        for (two, second) in names.iter().enumerate().skip(one + 1) {
            let both: Vec<(f64, f64, bool)> = pairs
                .iter()
                .zip(opinions)
                .filter_map(|(pair, opinion)| {
                    Some((opinion.scores[one]?, opinion.scores[two]?, pair.supported))
                })
                .collect();
            let correlation = residual_correlation(&both);
            all.push((first.clone(), second.clone(), correlation));
        }
    }
    all
}

fn overlap(pairs: &[Pair], opinions: &[Opinion]) -> Option<Overlap> {
    let mut sum = None;
    for (pair, opinion) in pairs.iter().zip(opinions) {
        let Some(spans) = &pair.spans else { continue };
        let candidate = &pair.texts.candidate;
        let length = candidate.chars().count();
        let index = Utf16Index::new(candidate);
        let flagged = opinion.flagged.iter().filter_map(|span| {
            let bytes = index.bytes(*span)?;
            let start = candidate[..bytes.start].chars().count();
            Some(start..start + candidate[bytes].chars().count())
        });
        let told = mask(length, flagged);
        let marked = mask(length, spans.iter().cloned());
        let count = |of: &dyn Fn(bool, bool) -> bool| {
            told.iter()
                .zip(&marked)
                .filter(|(told, marked)| of(**told, **marked))
                .count()
        };
        let sum = sum.get_or_insert_with(Overlap::default);
        sum.both += count(&|told, marked| told && marked);
        sum.told += count(&|told, _| told);
        sum.marked += count(&|_, marked| marked);
    }
    sum
}

fn mask(length: usize, spans: impl Iterator<Item = Range<usize>>) -> Vec<bool> {
    let mut mask = vec![false; length];
    for span in spans {
        let end = span.end.min(length);
        mask[span.start.min(end)..end].fill(true);
    }
    mask
}

impl Measured {
    /// Pairs a second.
    pub(super) fn speed(&self) -> f64 {
        self.pairs as f64 / self.seconds.max(1e-9)
    }

    /// The same characters marked, as F1 over all of them.
    pub(super) fn span_f1(&self) -> Option<f64> {
        self.spans.and_then(Overlap::f1)
    }

    /// For `--json`.
    pub(super) fn to_json(&self) -> Value {
        let classes: BTreeMap<&String, Value> = self
            .classes
            .iter()
            .map(|(name, class)| {
                let n = class.pairs as f64;
                let value = json!({
                    "n": class.pairs,
                    "mean_hallucination_score": class.scores / n,
                    "flagged": class.flagged as f64 / n,
                    "refuted": class.refuted as f64 / n,
                    "not_enough_info": class.undecided as f64 / n,
                });
                (name, value)
            })
            .collect();
        let judges = self
            .judges
            .iter()
            .map(|(name, scored, auroc)| json!({ "name": name, "scored": scored, "auroc": auroc }));
        let residuals = self.residuals.iter().map(
            |(one, two, correlation)| json!({ "judges": [one, two], "correlation": correlation }),
        );
        let mut value = figures(&self.accuracy);
        value["file"] = json!(self.file);
        value["n"] = json!(self.pairs);
        value["supported"] = json!(self.supported);
        value["unscored"] = json!(self.unscored);
        value["failed_judges"] = json!(self.failed);
        value["judges"] = judges.collect();
        value["residual_correlation"] = residuals.collect();
        value["classes"] = json!(classes);
        value["spans"] = json!(self.spans.map(|spans| json!({
            "f1": spans.f1(),
            "precision": (spans.told > 0).then(|| spans.both as f64 / spans.told as f64),
            "recall": (spans.marked > 0).then(|| spans.both as f64 / spans.marked as f64),
        })));
        value["pairs_per_second"] = json!(self.speed());
        value
    }
}

/// The figures that a file and the mean of files have alike.
pub(super) fn figures(accuracy: &Accuracy) -> Value {
    let interval = interval(&accuracy.resampled)
        .map(|(lower, upper)| json!({ "level": 0.95, "lower": lower, "upper": upper }));
    json!({
        "auroc": accuracy.auroc,
        "auroc_interval": interval,
        "balanced_accuracy": accuracy.balanced_accuracy,
        "f1": accuracy.f1,
        "expected_calibration_error": accuracy.calibration_error,
        "brier": accuracy.brier,
    })
}
