//! Counts the claims by verdict, with the confidence interval of the share of supported ones.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::domain::result::{ClaimCounts, Proportion};
use crate::domain::verdict::{Label, Verdict};

pub(super) fn claim_counts(verdicts: &[Verdict]) -> ClaimCounts {
    let count = |label| verdicts.iter().filter(|v| v.label == label).count();
    let supported = count(Label::Supported);
    ClaimCounts {
        total: verdicts.len(),
        supported,
        refuted: count(Label::Refuted),
        not_enough_info: count(Label::NotEnoughInfo),
        supported_interval: wilson_95(supported, verdicts.len()),
    }
}

/// Wilson's 95 % score interval of `successes / n` (Wilson 1927), without continuity correction,
/// within 0 and 1; `None` for n = 0.
pub(super) fn wilson_95(successes: usize, n: usize) -> Option<Proportion> {
    if n == 0 {
        return None;
    }
    let (successes, n) = (successes as f64, n as f64);
    let z = Normal::standard().inverse_cdf(0.975);
    let share = successes / n;
    let denominator = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / denominator;
    let half = z / denominator * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Some(Proportion {
        lower: (centre - half).clamp(0.0, share),
        upper: (centre + half).clamp(share, 1.0),
    })
}

#[cfg(test)]
#[path = "tests/wilson.rs"]
mod tests;
