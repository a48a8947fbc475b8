//! Decides whether the results of a run pass the gate, with the reasons if not.

use super::baseline::Compared;
use super::record::Outcome;

/// Significance level of the non-inferiority test.
const SIGNIFICANT: f64 = 0.05;

/// The number of items by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub passed: usize,
    pub nothing: usize,
    pub failed: usize,
    pub errored: usize,
}

impl Tally {
    pub(super) const fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::NothingToCheck => self.nothing += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Errored => self.errored += 1,
        }
    }

    pub(super) const fn all(self) -> usize {
        self.passed + self.nothing + self.failed + self.errored
    }

    /// Returns the share of judged items that are not flagged, or `None` if no item was judged.
    pub(super) fn faithful(self) -> Option<f64> {
        let judged = self.passed + self.failed;
        (judged > 0).then(|| self.passed as f64 / judged as f64)
    }
}

/// The conditions of a gate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Gate {
    /// Least share of judged items that are not flagged, 0 to 1.
    pub min_faithful: Option<f64>,
    /// Non-inferiority margin, in percentage points of the share that is not flagged.
    pub no_worse_by: Option<f64>,
}

impl Gate {
    pub(super) const fn is_set(self) -> bool {
        self.min_faithful.is_some() || self.no_worse_by.is_some()
    }

    /// Describes each condition that does not hold; empty if the gate holds.
    pub(super) fn failures(self, tally: Tally, compared: Option<&Compared>) -> Vec<String> {
        let mut failures = Vec::new();
        if let Some(least) = self.min_faithful {
            match tally.faithful() {
                None => failures.push("--min-faithful: nothing was judged".to_owned()),
                Some(share) if share < least => failures.push(format!(
                    "--min-faithful: {:.1} % of the outputs are not flagged, and {:.1} % have to be",
                    share * 100.0,
                    least * 100.0
                )),
                Some(_) => {}
            }
        }
        if let Some(points) = self.no_worse_by {
            match compared {
                None => failures.push(
                    "--no-worse-by: no item is in both runs, so that nothing can be compared"
                        .to_owned(),
                ),
                Some(compared) => failures.extend(worse(compared, points)),
            }
        }
        failures
    }
}

fn worse(compared: &Compared, points: f64) -> Option<String> {
    let comparison = &compared.comparison;
    let chance = comparison.not_worse_by(points / 100.0);
    if chance <= SIGNIFICANT {
        return None;
    }
    let change = comparison.faithful.mean * 100.0;
    let needed = needed(points / 100.0);
    let why = match needed {
        None => "no number of documents can show it".to_owned(),
        Some(needed) if comparison.documents < needed => format!(
            "{} documents can't show it whatever they say: it takes {needed} at least",
            comparison.documents
        ),
        Some(_) => format!("the share that is not flagged has changed by {change:+.1} points"),
    };
    Some(format!(
        "--no-worse-by {points}: it is not shown that the outputs are no worse by {points} points (p = {chance:.3}): {why}"
    ))
}

/// Returns the least number of documents, none of them worse, that can show at `SIGNIFICANT` that
/// the share of worse ones is below the margin; `None` if no number can.
fn needed(margin: f64) -> Option<usize> {
    if margin <= 0.0 {
        return None;
    }
    if margin >= 1.0 {
        return Some(1);
    }
    let needed = (SIGNIFICANT.ln() / (-margin).ln_1p()).ceil();
    (needed < usize::MAX as f64).then_some(needed as usize)
}

#[cfg(test)]
#[path = "tests/gate.rs"]
mod tests;
