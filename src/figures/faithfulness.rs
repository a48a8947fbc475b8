//! Whether the source supports every claim of an output: one chance, from the chances of its claims.
//!
//! Two steps. The claims' chances of being supported are multiplied, the worst first, each counting less
//! than the one before (`together`); Platt's map (1999) with a positive slope makes a calibrated chance
//! of the product. So the figure can only fall when a claim is added, whatever the claim, when
//! something is said twice, or when a claim's own chance falls.
//! Deliberately not here: maps fitted to labels of an operator's own (`calibration`), and how much of the
//! output is wrong (`hallucination`).

use crate::domain::result::Faithfulness;
use crate::domain::verdict::Verdict;

/// What was reviewed as a whole: change nothing in it without fitting again. Origin: the development sets
/// marked T of the public sets with labels of people and the project's own texts, each claim's chance as
/// `benchmark --claims FILE` writes it; `benches/offline/faithfulness.py FILE` prints this table.
/// Whether another map would do better on documents that neither it nor the verifier's table saw is what
/// `training/fit_figures.py` prints; docs/explanation/accuracy.md has what came out.
struct Fit {
    /// What [`Faithfulness::basis`] says.
    basis: &'static str,
    /// What the second worst claim takes away, beside the worst, which counts in full: one invented
    /// sentence spoils more than its part of the text.
    second: f64,
    /// What each further claim counts, beside the one before it in the order from the worst.
    further: f64,
    /// Over 0, so that the order of two outputs stays.
    slope: f64,
    intercept: f64,
}

const FIT: Fit = Fit {
    basis: "built-in/1",
    second: 0.6,
    further: 0.9,
    slope: 1.081,
    intercept: 0.268,
};

/// The chance under which an output is flagged: the one bound of page, command line, exports, benchmark and
/// gate. Where an operator's own calibration is used, its threshold takes this one's place.
pub(crate) const THRESHOLD: f64 = 0.45;

/// A product of 0 or 1 has no logit.
const EDGE: f64 = 1e-6;
/// Chances are told to so many steps, so that the last bits of a machine's logarithm show nowhere.
const STEPS: f64 = 1e6;

/// The figure of an output by the final verdicts on its claims; none without a claim.
pub(super) fn faithfulness(verdicts: &[Verdict]) -> Option<Faithfulness> {
    let probability = probability(verdicts.iter().map(|v| v.probability.supported))?;
    Some(Faithfulness {
        probability,
        flagged: probability < THRESHOLD,
        threshold: THRESHOLD,
        basis: FIT.basis.to_owned(),
    })
}

/// The chance, 0..1, that all holds, from the chances that each claim does; none without a claim.
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

/// A product, 0..1: the worst claim counts in full, each further one less than the one before. A further
/// claim pushes others to places that count less, and what takes their places is worse or as bad: so it
/// can't raise the product. The weights have a finite sum, so that a long text is no fault by itself.
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
