//! Agreement of the judges about the claims that they labelled.
//!
//! Never of scores: with one score per judge there is only one item, for which a chance-corrected
//! figure has no meaning.

use std::collections::BTreeMap;

use crate::domain::ids::ClaimId;
use crate::domain::report::JudgeReport;
use crate::domain::result::Agreement;
use crate::domain::verdict::Label;

/// Number of labels that judges choose from, which determines the chance agreement of AC1.
const CATEGORIES: usize = Label::ALL.len();

/// The number of times that each label was given to one claim, in the order of [`Label::ALL`].
type Counts = [f64; CATEGORIES];

/// Agreement of judges that completed. Raters are the judges that labelled any claim. `items` are
/// the claims with two labels or more, which alpha is computed from; the other figures use the
/// claims among them that every rater labelled.
pub(super) fn agreement(completed: &[&JudgeReport]) -> Agreement {
    let raters: Vec<_> = completed
        .iter()
        .filter(|report| !report.claim_verdicts.is_empty())
        .collect();
    let mut items: BTreeMap<ClaimId, Vec<Option<Label>>> = BTreeMap::new();
    for (rater, report) in raters.iter().enumerate() {
        for given in &report.claim_verdicts {
            let labels = items
                .entry(given.claim_id)
                .or_insert_with(|| vec![None; raters.len()]);
            // Only the first label of a judge for a claim counts.
            labels[rater].get_or_insert(given.label);
        }
    }
    let items: Vec<_> = items.into_values().collect();
    of_labels(&items, raters.len())
}

/// Agreement over a matrix of items and raters; a missing label is `None`.
pub(super) fn of_labels(items: &[Vec<Option<Label>>], raters: usize) -> Agreement {
    let shared: Vec<Counts> = items
        .iter()
        .map(|labels| count(labels))
        .filter(|counts| total(counts) >= 2.0)
        .collect();
    let complete: Vec<Counts> = shared
        .iter()
        .copied()
        .filter(|counts| raters >= 2 && total(counts) == raters as f64)
        .collect();
    let raw = observed(&complete);
    let fleiss_kappa = fleiss_kappa(&complete);
    let krippendorff_alpha = krippendorff_alpha(&shared);
    Agreement {
        raw,
        fleiss_kappa,
        krippendorff_alpha,
        gwet_ac1: gwet_ac1(&complete),
        items: shared.len(),
        raters,
        interpretation: krippendorff_alpha.map(|alpha| interpretation(alpha).to_owned()),
        undefined_because: if raters < 2 {
            Some("fewer_than_2_raters".to_owned())
        } else if raw.is_none() {
            Some("no_items".to_owned())
        } else if fleiss_kappa.is_none() || krippendorff_alpha.is_none() {
            Some("one_category".to_owned())
        } else {
            None
        },
    }
}

fn count(labels: &[Option<Label>]) -> Counts {
    Label::ALL.map(|label| labels.iter().filter(|given| **given == Some(label)).count() as f64)
}

fn total(counts: &Counts) -> f64 {
    counts.iter().sum()
}

/// Mean over the items of the share of agreeing pairs of raters.
fn observed(complete: &[Counts]) -> Option<f64> {
    let shares = complete.iter().map(|counts| {
        let raters = total(counts);
        counts.iter().map(|n| n * (n - 1.0)).sum::<f64>() / (raters * (raters - 1.0))
    });
    super::consensus::mean(shares)
}

/// The share of each label among all labels given.
fn prevalence(complete: &[Counts]) -> Counts {
    let sums = column_sums(complete);
    sums.map(|sum| sum / total(&sums))
}

fn column_sums(items: &[Counts]) -> Counts {
    items.iter().fold([0.0; CATEGORIES], |mut sums, counts| {
        for (sum, n) in sums.iter_mut().zip(counts) {
            *sum += n;
        }
        sums
    })
}

/// Returns true if at least two labels occur. Otherwise chance alone explains the agreement, and
/// kappa and alpha are 0/0.
fn varied(items: &[Counts]) -> bool {
    column_sums(items).iter().filter(|sum| **sum > 0.0).count() >= 2
}

/// Fleiss' kappa (Fleiss 1971).
fn fleiss_kappa(complete: &[Counts]) -> Option<f64> {
    if !varied(complete) {
        return None;
    }
    let chance: f64 = prevalence(complete).iter().map(|p| p * p).sum();
    Some((observed(complete)? - chance) / (1.0 - chance))
}

/// Gwet's AC1 (Gwet 2008); the chance agreement Σ p(1 − p) / (categories − 1) is at most ½, so
/// it is always defined.
fn gwet_ac1(complete: &[Counts]) -> Option<f64> {
    let observed = observed(complete)?;
    let spread: f64 = prevalence(complete).iter().map(|p| p * (1.0 - p)).sum();
    let chance = spread / (CATEGORIES - 1) as f64;
    Some((observed - chance) / (1.0 - chance))
}

/// Krippendorff's alpha for nominal data (Krippendorff 2004): 1 − observed / expected
/// disagreement, with each item's pairs weighted by 1/(labels − 1). The caller must remove items
/// with fewer than two labels.
fn krippendorff_alpha(shared: &[Counts]) -> Option<f64> {
    if !varied(shared) {
        return None;
    }
    // The number of ordered pairs of unequal labels.
    let unequal_pairs = |counts: &Counts| {
        let n = total(counts);
        counts.iter().map(|k| k * (n - k)).sum::<f64>()
    };
    let observed: f64 = shared
        .iter()
        .map(|counts| unequal_pairs(counts) / (total(counts) - 1.0))
        .sum();
    let sums = column_sums(shared);
    Some(1.0 - (total(&sums) - 1.0) * observed / unequal_pairs(&sums))
}

/// The scale of Landis & Koch (1977).
fn interpretation(alpha: f64) -> &'static str {
    match alpha {
        alpha if alpha < 0.0 => "poor",
        alpha if alpha <= 0.2 => "slight",
        alpha if alpha <= 0.4 => "fair",
        alpha if alpha <= 0.6 => "moderate",
        alpha if alpha <= 0.8 => "substantial",
        _ => "almost_perfect",
    }
}

#[cfg(test)]
#[path = "tests/agreement.rs"]
mod tests;
