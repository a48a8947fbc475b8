//! Two audits of the same items beside each other: what changed, and how far so few items can tell.
//!
//! Items of one document go wrong together, so that documents are what is drawn and what is counted:
//! the interval is a percentile bootstrap of clusters (Davison & Hinkley 1997, 3.8), standard errors are robust to
//! clusters with G/(G − 1) (Liang & Zeger 1986) on G − 1 degrees of freedom, and the smallest effect that so many
//! items can show is Bloom's (1995): (t₁₋α/₂ + t_power) standard errors. What is flagged is compared by the exact
//! test of McNemar (1947).
//! Deliberately not here: which items belong together, and what a gate makes of it.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

use crate::computing::checkpoint;

use super::bootstrap::SplitMix64;
use super::spread::quantile;

const LEVEL: f64 = 0.95;
const POWER: f64 = 0.8;
const RESAMPLES: usize = 9_999;
/// With very many documents fewer resamples do, and all of them take this many draws at most.
const DRAWS: usize = 20_000_000;
const FEWEST_RESAMPLES: usize = 999;
const SEED: u64 = 19_470_227;

/// One item, audited twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    /// The chance that all of it is supported, before and now.
    pub before: f64,
    pub now: f64,
    pub flagged_before: bool,
    pub flagged_now: bool,
    /// Which document it belongs to; any number.
    pub document: u64,
}

/// A mean difference, now less before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    pub mean: f64,
    /// 95 %; none for fewer than two documents.
    pub interval: Option<(f64, f64)>,
    /// Robust to clusters; none for fewer than two documents.
    pub standard_error: Option<f64>,
    /// The smallest true difference that so many items show in four of five cases; none for fewer than two
    /// documents, or where no item differs from another.
    pub detectable: Option<f64>,
}

/// Two audits of the same items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    pub items: usize,
    pub documents: usize,
    /// Of the chances.
    pub probability: Difference,
    /// Of the shares that are not flagged.
    pub faithful: Difference,
    /// Flagged now and not before, and the other way round.
    pub newly_flagged: usize,
    pub no_longer_flagged: usize,
    /// McNemar's exact test, two-sided, that neither is more frequent.
    pub mcnemar: f64,
    clusters: Vec<Cluster>,
}

/// The sums of one document.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cluster {
    items: f64,
    probability: f64,
    faithful: f64,
}

/// Compares; none where there is no pair.
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
    /// How likely so good a result would be if the share that is not flagged were lower than before by `margin`
    /// (0..1) or more: a one-sided test of not being worse. Never less than the chance that documents of which that
    /// share has got worse are all missed, so that a handful of items shows nothing.
    pub(crate) fn not_worse_by(&self, margin: f64) -> f64 {
        let all_missed = (1.0 - margin.clamp(0.0, 1.0)).powf(self.documents as f64);
        let by_t = match self.faithful.standard_error {
            Some(error) if error > 0.0 => {
                upper_tail((self.faithful.mean + margin) / error, self.documents)
            }
            // Every document changed by the same, most likely by nothing.
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
    // In the order of the documents' numbers: the same pairs give the same bits, in any order within a document
    // but for rounding.
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

/// Two-sided: twice the smaller tail of a fair coin, at most 1.
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
