//! Combines the verifier's probabilities for a claim with each judge's own view.
//!
//! The model of Dawid & Skene (1979) with given error rates. The verifier's probabilities are the
//! prior; the view `l` of a judge multiplies in how often such a judge says `l` of claims of each
//! true label. A view with probabilities counts as each label with its probability. The error rates
//! are those of the judge's kind (`skill`), until an operator's own labels of claims say more.
//! Judges are not independent: within a group the views together count as many judges as they are
//! worth (Kish 1965, design effect), and what a judge takes from the verifier's own evidence does
//! not count again. Deliberately absent: scores (in `consensus`), the view of one judge (in
//! `judges`), files of labels.

use std::collections::BTreeMap;

use crate::domain::calibration::Confusion;
use crate::domain::ids::ClaimId;
use crate::domain::report::{JudgeReport, JudgeStatus};
use crate::domain::verdict::{ClaimLabel, Decision, Label, Probabilities, Verdict};

mod skill;
#[cfg(test)]
mod tests;

use skill::{Group, Rates};

/// The weight of the kind's error rates, as a number of labels of each true label, against
/// an operator's own labels.
const TABLE_LABELS: f64 = 20.0;
/// The exponent that reduces the verifier's probabilities where a better informed judge is certain.
/// Rules are sure of what they find and blind to the rest: a language model that read both texts
/// and contradicts them is right more often than not.
const STEPS_BACK: f64 = 0.5;
/// Minimum prior of any label where such a judge is certain: a language model's label only counts
/// with a passage that the source contains, so there is something to support it.
const GRANTED: f64 = 0.03;
/// Minimum prior of any label in all other cases.
const LEAST: f64 = 1e-6;

/// Confusion matrices of judges by name, counted from an operator's labels.
pub(crate) type Confusions = BTreeMap<String, Confusion>;

/// Returns the panel's decision about each claim that the verifier decided, in the
/// order of `verdicts`. Judges that did not complete, have no view of a claim, or have
/// weight 0 change nothing.
pub(crate) fn decide(
    verdicts: &[Verdict],
    reports: &[JudgeReport],
    weights: &BTreeMap<String, f64>,
    confusions: &Confusions,
) -> Vec<Decision> {
    let votes = votes(reports, weights, confusions);
    verdicts
        .iter()
        .map(|verdict| {
            let heard = votes.get(&verdict.claim.id).map_or(&[][..], Vec::as_slice);
            if heard.is_empty() {
                // The verifier's verdict is kept bit for bit.
                return Decision {
                    claim_id: verdict.claim.id,
                    label: verdict.label,
                    confidence: verdict.confidence,
                    probability: verdict.probability,
                };
            }
            Decision::of(verdict.claim.id, posterior(verdict.probability, heard))
        })
        .collect()
}

/// Replaces the verifier's labels and probabilities by the panel's.
pub(crate) fn decided(mut verdicts: Vec<Verdict>, decisions: &[Decision]) -> Vec<Verdict> {
    let by_claim: BTreeMap<ClaimId, &Decision> = decisions
        .iter()
        .map(|decision| (decision.claim_id, decision))
        .collect();
    for verdict in &mut verdicts {
        if let Some(decision) = by_claim.get(&verdict.claim.id) {
            verdict.label = decision.label;
            verdict.confidence = decision.confidence;
            verdict.probability = decision.probability;
        }
    }
    verdicts
}

/// One judge's view of one claim, with the judge's error rates.
struct Vote {
    group: Group,
    /// Positive: the configured weight times the share that is independent of the verifier.
    weight: f64,
    view: Probabilities,
    rates: Rates,
}

impl Vote {
    /// The likelihood of this view for each true label.
    fn likelihood(&self) -> [f64; 3] {
        let view = Label::ALL.map(|label| self.view.of(label));
        self.rates
            .map(|row| row.iter().zip(view).map(|(rate, share)| rate * share).sum())
    }

    /// Zero for a view that prefers no label, 1 for a certain one.
    fn certainty(&self) -> f64 {
        let most = Label::ALL.map(|label| self.view.of(label));
        let most = most.into_iter().fold(0.0, f64::max);
        ((most - 1.0 / 3.0) * 1.5).clamp(0.0, 1.0)
    }
}

fn votes(
    reports: &[JudgeReport],
    weights: &BTreeMap<String, f64>,
    confusions: &Confusions,
) -> BTreeMap<ClaimId, Vec<Vote>> {
    let mut completed: Vec<&JudgeReport> = reports
        .iter()
        .filter(|report| report.status == JudgeStatus::Completed)
        .collect();
    // Judges answer in any order, and floating-point sums depend on the order.
    completed.sort_by(|one, other| one.judge_name.cmp(&other.judge_name));
    let mut votes: BTreeMap<ClaimId, Vec<Vote>> = BTreeMap::new();
    for report in completed {
        let skill = skill::of_kind(&report.kind);
        let weight = weights.get(&report.judge_name).copied().unwrap_or(1.0) * skill.own;
        if weight <= 0.0 || !weight.is_finite() {
            continue;
        }
        let rates = rates(skill.rates, confusions.get(&report.judge_name));
        let mut first: BTreeMap<ClaimId, &ClaimLabel> = BTreeMap::new();
        for given in &report.claim_verdicts {
            first.entry(given.claim_id).or_insert(given);
        }
        for (claim, given) in first {
            votes.entry(claim).or_default().push(Vote {
                group: skill.group,
                weight,
                view: given.probabilities(),
                rates,
            });
        }
    }
    votes
}

/// The error rates of a kind combined with an operator's counts: the table is a Dirichlet prior.
fn rates(table: Rates, counted: Option<&Confusion>) -> Rates {
    let Some(counted) = counted else { return table };
    let mut rates = table;
    for (row, counts) in rates.iter_mut().zip(&counted.counts) {
        let total: u64 = counts.iter().sum();
        if total == 0 {
            continue;
        }
        for (rate, count) in row.iter_mut().zip(counts) {
            *rate = (TABLE_LABELS * *rate + *count as f64) / (TABLE_LABELS + total as f64);
        }
    }
    rates
}

fn posterior(prior: Probabilities, votes: &[Vote]) -> Probabilities {
    let strongest = votes
        .iter()
        .map(|vote| vote.weight.min(1.0) * vote.certainty())
        .fold(0.0, f64::max);
    let own = 1.0 - STEPS_BACK * strongest;
    let granted = LEAST.max(GRANTED * strongest);
    let mut logs = Label::ALL.map(|label| own * prior.of(label).max(granted).ln());
    for group in Group::ALL {
        let of_group = || votes.iter().filter(|vote| vote.group == group);
        let sum: f64 = of_group().map(|vote| vote.weight).sum();
        let squares: f64 = of_group().map(|vote| vote.weight.powi(2)).sum();
        if squares <= 0.0 {
            continue;
        }
        let judges = sum * sum / squares;
        let share = 1.0 / (1.0 + (judges - 1.0) * group.correlation());
        for vote in of_group() {
            for (log, likelihood) in logs.iter_mut().zip(vote.likelihood()) {
                *log += share * vote.weight * likelihood.max(f64::MIN_POSITIVE).ln();
            }
        }
    }
    let most = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let [supported, refuted, not_enough_info] = logs.map(|log| (log - most).exp());
    Probabilities::normalised(supported, refuted, not_enough_info)
}
