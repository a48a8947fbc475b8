//! Computes the figures of a file from its labelled pairs and the panel's opinions on them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::claims::{judged, whole};
use super::lines::Pair;
use crate::audit::panel::Opinion;
use crate::domain::report::JudgeReport;
use crate::domain::result::Reliability;
use crate::domain::verdict::{Label, Verdict};
use crate::figures::accuracy::{Accuracy, Observation, accuracy, auroc, residual_correlation};
use crate::figures::three_way::Judged;
use crate::text::span::Utf16Index;

/// The figures of one file.
pub(super) struct Measured {
    pub(super) file: String,
    pub(super) pairs: usize,
    pub(super) supported: usize,
    /// Number of pairs without a claim, or without a judge that gave a score. They are left out of
    /// `accuracy`.
    pub(super) unscored: usize,
    /// Number of judges that failed, summed over all pairs.
    pub(super) failed: usize,
    /// Accuracy of the probability that the whole output is supported.
    pub(super) accuracy: Accuracy,
    /// For each judge its name, the number of observations and the area under its ROC curve. An
    /// observation is a pair with the judge's score; in a file that labels claims, a claim with the
    /// judge's probability.
    pub(super) judges: Vec<(String, usize, Option<f64>)>,
    pub(super) residuals: Vec<(String, String, Option<f64>)>,
    pub(super) classes: BTreeMap<String, Class>,
    /// Claims whose true label is known: labelled ones, and the only claim of an output.
    pub(super) claims: Vec<Judged>,
    /// Whole outputs whose label is one of the three.
    pub(super) wholes: Vec<Judged>,
    pub(super) reliability: BTreeMap<&'static str, Reached>,
    pub(super) spans: Option<Overlap>,
    pub(super) verdicts: usize,
    pub(super) seconds: f64,
}

/// Sums over the pairs of one class that have a probability.
#[derive(Default)]
pub(super) struct Class {
    pub(super) pairs: usize,
    pub(super) probabilities: f64,
    pub(super) flagged: usize,
    /// Number of pairs with a refuted claim; `undecided` counts those that have none, but a claim
    /// without enough information.
    pub(super) refuted: usize,
    pub(super) undecided: usize,
}

/// Counts over the audits with one reliability.
#[derive(Default, Clone, Copy)]
pub(super) struct Reached {
    pub(super) audits: usize,
    /// Number of verdicts whose true label is known; `right` counts those that agree with it.
    pub(super) verdicts: usize,
    pub(super) right: usize,
    /// Number of outputs that were flagged and unsupported, or not flagged and supported.
    pub(super) flags_right: usize,
}

impl Reached {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            audits: self.audits + other.audits,
            verdicts: self.verdicts + other.verdicts,
            right: self.right + other.right,
            flags_right: self.flags_right + other.flags_right,
        }
    }
}

/// The reliability classes in the order in which they are printed, best first.
pub(super) const RELIABILITIES: [Reliability; 4] = [
    Reliability::High,
    Reliability::Medium,
    Reliability::Low,
    Reliability::Unknown,
];

/// Number of characters that judges flagged (`told`), that people marked (`marked`), and both, over
/// the pairs with marked spans.
#[derive(Default, Clone, Copy)]
pub(super) struct Overlap {
    pub(super) both: usize,
    pub(super) told: usize,
    pub(super) marked: usize,
}

impl Overlap {
    pub(super) fn f1(self) -> Option<f64> {
        let all = self.told + self.marked;
        (all > 0).then(|| 2.0 * self.both as f64 / all as f64)
    }
}

/// Computes all figures of one file. `names` are the judges in the order of each opinion's reports;
/// an output counts as flagged if its probability is below the threshold.
pub(super) fn measure(
    file: String,
    pairs: &[Pair],
    opinions: &[Opinion],
    (names, threshold): (&[String], f64),
    took: Duration,
) -> Measured {
    let both = || pairs.iter().zip(opinions);
    let chances =
        || both().filter_map(|(pair, opinion)| Some((pair, opinion, opinion.probability()?)));
    let observations: Vec<Observation> = chances()
        .map(|(pair, _, probability)| Observation {
            probability,
            supported: pair.supported,
            document: pair.document,
        })
        .collect();
    let mut classes: BTreeMap<String, Class> = BTreeMap::new();
    for (pair, opinion, probability) in chances() {
        let Some(name) = &pair.class else { continue };
        let class = classes.entry(name.clone()).or_default();
        class.pairs += 1;
        class.probabilities += probability;
        class.flagged += usize::from(probability < threshold);
        let has = |label: Label| opinion.verdicts.iter().any(|v| v.label == label);
        if has(Label::Refuted) {
            class.refuted += 1;
        } else if has(Label::NotEnoughInfo) {
            class.undecided += 1;
        }
    }
    let by_claim = pairs.iter().any(|pair| pair.claims.is_some());
    let told = if by_claim { claims_told } else { pairs_told };
    let told = told(pairs, opinions);
    Measured {
        pairs: pairs.len(),
        supported: pairs.iter().filter(|pair| pair.supported).count(),
        unscored: pairs.len() - observations.len(),
        failed: opinions
            .iter()
            .flat_map(|opinion| &opinion.reports)
            .filter(|report| report.status.is_failure())
            .count(),
        accuracy: accuracy(&observations, threshold),
        judges: alone(&told, names),
        residuals: residuals(&told, names),
        classes,
        claims: both()
            .flat_map(|(pair, opinion)| judged(pair, &opinion.verdicts))
            .map(|(claim, _)| claim)
            .collect(),
        wholes: both()
            .filter_map(|(pair, opinion)| whole(pair, &opinion.verdicts))
            .collect(),
        reliability: reliability(pairs, opinions),
        spans: overlap(pairs, opinions),
        verdicts: opinions.iter().map(|opinion| opinion.verdicts.len()).sum(),
        seconds: took.as_secs_f64(),
        file,
    }
}

/// The probability (0 to 1) that each judge alone gives a labelled claim or output, in the order of
/// the judges' names. `None` where a judge gives none.
struct Told {
    chances: Vec<Option<f64>>,
    supported: bool,
    document: usize,
}

fn pairs_told(pairs: &[Pair], opinions: &[Opinion]) -> Vec<Told> {
    let told = |(pair, opinion): (&Pair, &Opinion)| Told {
        chances: opinion
            .reports
            .iter()
            .map(|report| report.score.map(|score| score / 100.0))
            .collect(),
        supported: pair.supported,
        document: pair.document,
    };
    pairs.iter().zip(opinions).map(told).collect()
}

fn claims_told(pairs: &[Pair], opinions: &[Opinion]) -> Vec<Told> {
    let mut all = Vec::new();
    for (pair, opinion) in pairs.iter().zip(opinions) {
        for (claim, at) in judged(pair, &opinion.verdicts) {
            let Some(verdict) = at.map(|at| &opinion.verdicts[at]) else {
                continue;
            };
            all.push(Told {
                chances: opinion
                    .reports
                    .iter()
                    .map(|report| view(report, verdict))
                    .collect(),
                supported: claim.truth.supported(),
                document: claim.document,
            });
        }
    }
    all
}

/// Returns the probability that a judge gives a claim of being supported, if it labelled the claim.
fn view(report: &JudgeReport, verdict: &Verdict) -> Option<f64> {
    let mut labels = report.claim_verdicts.iter();
    let of_it = labels.find(|label| label.claim_id == verdict.claim.id)?;
    Some(of_it.probabilities().supported)
}

fn alone(told: &[Told], names: &[String]) -> Vec<(String, usize, Option<f64>)> {
    let judge = |(place, name): (usize, &String)| {
        let own: Vec<Observation> = told
            .iter()
            .filter_map(|told| {
                Some(Observation {
                    probability: told.chances[place]?,
                    supported: told.supported,
                    document: told.document,
                })
            })
            .collect();
        (name.clone(), own.len(), auroc(&own))
    };
    names.iter().enumerate().map(judge).collect()
}

fn residuals(told: &[Told], names: &[String]) -> Vec<(String, String, Option<f64>)> {
    let mut all = Vec::new();
    for (one, first) in names.iter().enumerate() {
        for (two, second) in names.iter().enumerate().skip(one + 1) {
            let both: Vec<(f64, f64, bool)> = told
                .iter()
                .filter_map(|told| Some((told.chances[one]?, told.chances[two]?, told.supported)))
                .collect();
            let correlation = residual_correlation(&both);
            all.push((first.clone(), second.clone(), correlation));
        }
    }
    all
}

fn reliability(pairs: &[Pair], opinions: &[Opinion]) -> BTreeMap<&'static str, Reached> {
    let mut all: BTreeMap<&'static str, Reached> = BTreeMap::new();
    for (pair, opinion) in pairs.iter().zip(opinions) {
        let Some(result) = &opinion.result else {
            continue;
        };
        let reached = all.entry(result.reliability.as_str()).or_default();
        reached.audits += 1;
        let flagged = result.faithfulness.as_ref().is_some_and(|it| it.flagged);
        reached.flags_right += usize::from(flagged != pair.supported);
        for (claim, _) in judged(pair, &opinion.verdicts) {
            if let Some((given, _)) = claim.given {
                reached.verdicts += 1;
                reached.right += usize::from(claim.truth.is(given));
            }
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
        let flagged = opinion
            .reports
            .iter()
            .flat_map(|report| &report.flagged_issues)
            .filter_map(|issue| issue.span)
            .filter_map(|span| {
                let bytes = index.bytes(span)?;
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
    /// Returns pairs per second and claims per second.
    pub(super) fn speed(&self) -> (f64, f64) {
        let seconds = self.seconds.max(1e-9);
        (self.pairs as f64 / seconds, self.verdicts as f64 / seconds)
    }

    /// F1 score of the flagged characters; `None` if no pair has spans, or if no character is
    /// marked or flagged.
    pub(super) fn span_f1(&self) -> Option<f64> {
        self.spans.and_then(Overlap::f1)
    }
}
