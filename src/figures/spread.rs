//! The spread of the scores.

use crate::domain::result::Statistics;

use super::consensus::{Opinion, mean, median, sorted_scores};

/// Computes the spread of the scores; `None` without opinions.
pub(super) fn statistics(opinions: &[Opinion]) -> Option<Statistics> {
    let sorted = sorted_scores(opinions);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let variance = variance(&sorted);
    Some(Statistics {
        variance,
        standard_deviation: variance.map(f64::sqrt),
        mean: mean(sorted.iter().copied())?.clamp(min, max),
        median: median(&sorted)?,
        min,
        max,
        q1: quantile(&sorted, 0.25)?,
        q3: quantile(&sorted, 0.75)?,
    })
}

/// Computes r*wg of the scores, between 0 and 1: 1 if all are equal, 0 at the widest
/// possible split, half at 0 and half at 100, whose sample variance is 2500 n/(n−1). `None`
/// for fewer than two.
///
/// See James, Demaree & Wolf 1984, with the maximum-dissensus reference of Lindell & Brandt.
pub(super) fn r_wg_star(opinions: &[Opinion]) -> Option<f64> {
    let n = opinions.len() as f64;
    let variance = variance(&sorted_scores(opinions))?;
    Some((1.0 - variance / (2500.0 * n / (n - 1.0))).clamp(0.0, 1.0))
}

/// Sample variance (n − 1); `None` for fewer than two values.
fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let centre = mean(values.iter().copied())?;
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    Some(squares / (values.len() - 1) as f64)
}

/// The `p` quantile of an ascending slice by linear interpolation, type 7 of Hyndman & Fan 1996.
pub(super) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let position = sorted.len().checked_sub(1)? as f64 * p;
    let below = position.floor() as usize;
    let (low, high) = (*sorted.get(below)?, sorted.get(below + 1));
    Some(high.map_or(low, |high| {
        low + (position - position.floor()) * (high - low)
    }))
}

#[cfg(test)]
#[path = "tests/spread.rs"]
mod tests;
