//! Compares two audits of the same items: what changed, and how far so few items can show it.
//!
//! Errors within one document are correlated, so that documents are the unit of sampling: the
//! interval is a percentile bootstrap of clusters (Davison & Hinkley 1997, 3.8), standard errors
//! are robust to clusters with G/(G − 1) (Liang & Zeger 1986) on G − 1 degrees of freedom, and the
//! minimum detectable effect is Bloom's (1995): (t₁₋α/₂ + t_power) standard errors. Flags are
//! compared by the exact test of McNemar (1947).
//! Deliberately not here: which items form a pair, and the decision of a gate.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

use crate::computing::checkpoint;

use super::bootstrap::SplitMix64;
use super::spread::quantile;

const LEVEL: f64 = 0.95;
const POWER: f64 = 0.8;
const RESAMPLES: usize = 9_999;
/// Upper bound of draws over all resamples: with very many documents there are fewer resamples, but
/// at least `FEWEST_RESAMPLES`.
const DRAWS: usize = 20_000_000;
const FEWEST_RESAMPLES: usize = 999;
const SEED: u64 = 19_470_227;

/// The results of one item in both audits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    /// The probability that every claim is supported, 0 to 1, in the earlier audit; `now` is that
    /// in the later one.
    pub before: f64,
    pub now: f64,
    pub flagged_before: bool,
    pub flagged_now: bool,
    /// Hash or number of the document that the item belongs to.
    pub document: u64,
}

/// A mean difference, `now` minus `before`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    pub mean: f64,
    /// 95 % confidence interval; `None` for fewer than two documents.
    pub interval: Option<(f64, f64)>,
    /// Standard error, robust to clusters; `None` for fewer than two documents.
    pub standard_error: Option<f64>,
    /// The minimum detectable effect at a power of 80 %; `None` for fewer than two documents, or if
    /// the standard error is zero.
    pub detectable: Option<f64>,
}

/// The comparison of two audits of the same items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    pub items: usize,
    pub documents: usize,
    /// Difference of the probabilities.
    pub probability: Difference,
    /// Difference of the shares of items that are not flagged.
    pub faithful: Difference,
    /// Number of items that are flagged now and were not before; `no_longer_flagged` counts the
    /// reverse.
    pub newly_flagged: usize,
    pub no_longer_flagged: usize,
    /// The p-value of McNemar's exact test, two-sided.
    pub mcnemar: f64,
    clusters: Vec<Cluster>,
}

/// The sums over the items of one document.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cluster {
    items: f64,
    probability: f64,
    faithful: f64,
}

/// Compares the pairs; returns `None` if there are none.
pub(crate) fn compare(pairs: &[Pair]) -> Option<Comparison> {
    if pairs.is_empty() {
        return None;
    }
    let clusters = clusters(pairs);
    let newly_flagged = count(pairs, |pair| pair.flagged_now && !pair.flagged_before);
    let no_longer_flagged = count(pairs, |pair| pair.flagged_before && !pair.flagged_now);
    Some(Comparison {
        items: pairs.len(),
        documents: clusters.len(),
        probability: difference(&clusters, |cluster| cluster.probability),
        faithful: difference(&clusters, |cluster| cluster.faithful),
        newly_flagged,
        no_longer_flagged,
        mcnemar: mcnemar(newly_flagged as u64, no_longer_flagged as u64),
        clusters,
    })
}

impl Comparison {
    /// Returns the p-value of a one-sided non-inferiority test of the share that is not flagged,
    /// with `margin` from 0 to 1. It is never below the probability that a sample of so many
    /// documents misses every document that got worse, so that a handful of items shows nothing.
    pub(crate) fn not_worse_by(&self, margin: f64) -> f64 {
        let all_missed = (1.0 - margin.clamp(0.0, 1.0)).powf(self.documents as f64);
        let by_t = match self.faithful.standard_error {
            Some(error) if error > 0.0 => {
                upper_tail((self.faithful.mean + margin) / error, self.documents)
            }
            // The standard error is zero: every document changed by the same, most likely by
            // nothing.
            Some(_) if self.faithful.mean + margin > 0.0 => 0.0,
            _ => 1.0,
        };
        by_t.max(all_missed)
    }
}

fn count(pairs: &[Pair], is_meant: impl Fn(&Pair) -> bool) -> usize {
    pairs.iter().filter(|pair| is_meant(pair)).count()
}

fn clusters(pairs: &[Pair]) -> Vec<Cluster> {
    let mut by_document: Vec<&Pair> = pairs.iter().collect();
    // Sorted by document, so that the same pairs give the same result whatever their order, except
    // for rounding within a document.
    by_document.sort_by_key(|pair| pair.document);
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut last = None;
    for pair in by_document {
        if last != Some(pair.document) {
            clusters.push(Cluster::default());
            last = Some(pair.document);
        }
        if let Some(cluster) = clusters.last_mut() {
            let of = |flagged: bool| if flagged { 0.0 } else { 1.0 };
            cluster.items += 1.0;
            cluster.probability += pair.now - pair.before;
            cluster.faithful += of(pair.flagged_now) - of(pair.flagged_before);
        }
    }
    clusters
}

fn difference(clusters: &[Cluster], value: impl Fn(&Cluster) -> f64) -> Difference {
    let items: f64 = clusters.iter().map(|cluster| cluster.items).sum();
    let mean = clusters.iter().map(&value).sum::<f64>() / items;
    let several = clusters.len() > 1;
    let standard_error = several.then(|| {
        let residuals = clusters
            .iter()
            .map(|cluster| (value(cluster) - mean * cluster.items).powi(2));
        let groups = clusters.len() as f64;
        (groups / (groups - 1.0) * residuals.sum::<f64>()).sqrt() / items
    });
    let detectable = standard_error
        .filter(|error| *error > 0.0)
        .and_then(|error| {
            let t = student(clusters.len())?;
            let both = t.inverse_cdf(1.0 - (1.0 - LEVEL) / 2.0) + t.inverse_cdf(POWER);
            Some(both * error)
        });
    Difference {
        mean,
        interval: several.then(|| bootstrap(clusters, &value)).flatten(),
        standard_error,
        detectable,
    }
}

fn bootstrap(clusters: &[Cluster], value: impl Fn(&Cluster) -> f64) -> Option<(f64, f64)> {
    let resamples = (DRAWS / clusters.len()).clamp(FEWEST_RESAMPLES, RESAMPLES);
    let mut random = SplitMix64::new(SEED);
    let mut means: Vec<f64> = (0..resamples)
        .map(|_| {
            checkpoint();
            let (mut items, mut sum) = (0.0, 0.0);
            for _ in 0..clusters.len() {
                let cluster = &clusters[random.below(clusters.len())];
                items += cluster.items;
                sum += value(cluster);
            }
            sum / items
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let tail = (1.0 - LEVEL) / 2.0;
    Some((quantile(&means, tail)?, quantile(&means, 1.0 - tail)?))
}

/// Returns the two-sided p-value: twice the smaller tail of a fair coin, at most 1.
fn mcnemar(newly: u64, no_longer: u64) -> f64 {
    let Ok(coin) = Binomial::new(0.5, newly + no_longer) else {
        return 1.0;
    };
    (2.0 * coin.cdf(newly.min(no_longer))).min(1.0)
}

fn student(groups: usize) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, groups.checked_sub(1)? as f64).ok()
}

fn upper_tail(t: f64, groups: usize) -> f64 {
    student(groups).map_or(1.0, |student| student.sf(t))
}

#[cfg(test)]
#[path = "tests/paired.rs"]
mod tests;
