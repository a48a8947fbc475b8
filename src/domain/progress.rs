//! The progress of a run in percent.

use super::event::Stage;

/// Returns the range of the whole run's 0 to 100 percent that a stage covers.
pub(super) const fn extent(stage: Stage) -> (f64, f64) {
    match stage {
        Stage::Queued => (0.0, 0.0),
        Stage::ClaimExtraction => (0.0, 5.0),
        Stage::Retrieval => (5.0, 10.0),
        Stage::Verification => (10.0, 50.0),
        Stage::Judging => (50.0, 95.0),
        Stage::Aggregation => (95.0, 100.0),
    }
}

/// Returns the share in percent; 100 if `whole` is 0.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        100.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

/// Rounds to one decimal, which is enough for a progress bar.
pub(super) fn round_tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// `1 claim`, `2 claims`.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}
