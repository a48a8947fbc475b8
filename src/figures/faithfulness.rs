//! The probability that the source supports every claim of a candidate, computed from the
//! probabilities of its claims.
//!
//! First, the claims' probabilities of support are multiplied, starting with the lowest, each
//! with less weight than the one before (`together`). Then Platt scaling (1999) with a positive
//! slope turns the product into a calibrated probability. So the figure can only fall when any
//! claim is added, when a statement is repeated, or when a claim's own probability falls.
//! Deliberately absent: maps fitted to an operator's own labels (in `calibration`), and the
//! amount that is wrong (in `hallucination`).

use crate::domain::result::{Faithfulness, ProbabilityInterval};
use crate::domain::verdict::Verdict;

/// Values that were reviewed together: none may change without fitting again. Origin: the
/// development sets marked T of the public sets with labels by people, and the project's own texts,
/// with each claim's probability as written by `benchmark --claims FILE`;
/// `benches/offline/faithfulness.py FILE` prints this table. `training/fit_figures.py` prints if
/// another map or other weights would be better on documents that neither these nor the verifier's
/// table was fitted on; docs/explanation/accuracy.md has the result.
struct Fit {
    /// The value of [`Faithfulness::basis`].
    basis: &'static str,
    /// The weight of the second lowest claim relative to the lowest, which counts fully: one
    /// invented sentence does more harm than its share of the text.
    second: f64,
    /// The weight of each further claim relative to the one before it.
    further: f64,
    /// Positive, so that the order of two outputs is kept.
    slope: f64,
    intercept: f64,
    /// Half the width of the interval on the logit scale: how far kinds of text differ in how many
    /// outputs with the same probability hold. `benches/offline/faithfulness.py FILE --no-fit`
    /// prints it, and how many kinds lie within that it was not fitted on.
    half_width: f64,
}

const FIT: Fit = Fit {
    basis: "built-in/1",
    second: 0.6,
    further: 0.9,
    slope: 1.081,
    intercept: 0.268,
    half_width: 2.24,
};

/// How often the interval of a probability has the true share in it.
pub(super) const LEVEL: f64 = 0.95;

/// The probability below which an output is flagged. It is the same for the page, the command line,
/// exports, benchmark and gate. An operator's own calibration replaces it by its own threshold.
pub(crate) const THRESHOLD: f64 = 0.45;

/// Products are kept this far from 0 and 1, which have no logit.
const EDGE: f64 = 1e-6;
/// Probabilities are rounded to this number of steps, so that differences in the last bits of
/// machines' logarithms are not visible.
const STEPS: f64 = 1e6;

/// Computes the figure from the final verdicts; `None` without claims.
pub(super) fn faithfulness(verdicts: &[Verdict]) -> Option<Faithfulness> {
    let probability = probability(verdicts.iter().map(|v| v.probability.supported))?;
    Some(Faithfulness {
        probability,
        flagged: probability < THRESHOLD,
        threshold: THRESHOLD,
        basis: FIT.basis.to_owned(),
        interval: Some(interval(probability)),
    })
}

/// The interval that has the share of supported outputs in it, among all outputs of a kind of text
/// that have this probability. Like the probability, neither end rises when a claim is added.
fn interval(probability: f64) -> ProbabilityInterval {
    let known = probability.clamp(EDGE, 1.0 - EDGE);
    let odds = known / (1.0 - known);
    let by = FIT.half_width.exp();
    let of = |odds: f64| ((odds / (1.0 + odds)) * STEPS).round() / STEPS;
    ProbabilityInterval {
        level: LEVEL,
        lower: of(odds / by),
        upper: of(odds * by),
        method: "texts".to_owned(),
    }
}

/// Computes the probability, between 0 and 1, that all claims hold from the probability of
/// each; `None` without claims.
pub(crate) fn probability(supported: impl Iterator<Item = f64>) -> Option<f64> {
    let chances: Vec<f64> = supported.collect();
    if chances.is_empty() {
        return None;
    }
    let product = together(chances).clamp(EDGE, 1.0 - EDGE);
    let z = FIT.slope * (product / (1.0 - product)).ln() + FIT.intercept;
    let chance = 1.0 / (1.0 + (-z).exp());
    Some((chance * STEPS).round() / STEPS)
}

/// A weighted product, between 0 and 1: the lowest probability counts fully, each further one less
/// than the one before. A further claim moves others to places of less weight, and those that take
/// their places are not higher, so it cannot raise the product. The weights have a finite sum, so
/// that length alone is no fault.
fn together(mut chances: Vec<f64>) -> f64 {
    chances.sort_by(f64::total_cmp);
    let mut counts = 1.0;
    let mut product = 1.0;
    for (place, chance) in chances.into_iter().enumerate() {
        product *= 1.0 - counts * (1.0 - chance.clamp(0.0, 1.0));
        counts = if place == 0 {
            FIT.second
        } else {
            counts * FIT.further
        };
    }
    product
}

#[cfg(test)]
#[path = "tests/faithfulness.rs"]
mod tests;
