//! Estimates how many independent judges a panel is worth.
//!
//! Judges that see the same evidence make the same mistakes, so that ten of them are not ten
//! independent witnesses. With the mean correlation ρ of their errors, n judges are worth n / (1 +
//! (n − 1) ρ) (the design effect, Kish 1965). The correlations are a reviewed table; `benchmark`
//! measures and prints them. Deliberately absent: measuring (in `accuracy`), and the interval
//! derived from it (in `interval`).

/// The correlation assumed for two kinds that were not measured together.
const UNKNOWN: f64 = 0.5;

/// The correlation of the errors of two kinds, each pair once and in any order; two judges of the
/// same kind count as the same judge. Origin: `benchmark` on forty pairs of each of the ten public
/// sets of docs/explanation/accuracy.md and on the project's own texts, by output and by claim. The
/// values are the greater of both means over the sets, plus twice the error of a sample of that
/// size (.05), so that no interval is narrower than what is known: .08, .07, .06, .02, .26 and .33
/// in the order below.
const MEASURED: [(&str, &str, f64); 10] = [
    ("neural", "facts", 0.2),
    ("neural", "logic", 0.2),
    ("neural", "lexical", 0.2),
    ("facts", "logic", 0.1),
    ("facts", "lexical", 0.35),
    ("logic", "lexical", 0.45),
    ("neural", "neural", 1.0),
    ("facts", "facts", 1.0),
    ("logic", "logic", 1.0),
    ("lexical", "lexical", 1.0),
];

/// The kind `novelty` is another name of `lexical`.
fn kind_of(kind: &str) -> &str {
    if kind == "novelty" { "lexical" } else { kind }
}

/// The correlation of the errors of two kinds, between 0 and 1.
fn correlation(one: &str, other: &str) -> f64 {
    let (one, other) = (kind_of(one), kind_of(other));
    MEASURED
        .iter()
        .find(|(a, b, _)| (*a == one && *b == other) || (*a == other && *b == one))
        .map_or(UNKNOWN, |(_, _, correlation)| *correlation)
}

/// The mean correlation over all pairs of these judges, by their kinds; 0 for fewer than two.
pub(super) fn mean_correlation(kinds: &[&str]) -> f64 {
    let mut sum = 0.0;
    let mut pairs = 0usize;
    for (at, one) in kinds.iter().enumerate() {
        for other in &kinds[at + 1..] {
            sum += correlation(one, other);
            pairs += 1;
        }
    }
    if pairs == 0 { 0.0 } else { sum / pairs as f64 }
}

/// The number of independent judges that `n` judges with this mean correlation are worth.
pub(super) fn effective(n: usize, correlation: f64) -> f64 {
    let n = n as f64;
    n / (1.0 + (n - 1.0).max(0.0) * correlation)
}

#[cfg(test)]
#[path = "tests/dependence.rs"]
mod tests;
