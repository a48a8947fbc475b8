//! The 95 % interval of the consensus.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::domain::result::ConfidenceInterval;
use crate::domain::settings::AggregationStrategy;

use super::bootstrap;
use super::consensus::{Opinion, consensus, shares};
use super::dependence;

const LEVEL: f64 = 0.95;
/// Minimum number of scores. Two would suffice for the formula, but with one degree of freedom the
/// interval is 0 to 100 for nearly all pairs.
const FEWEST_FOR_STUDENT_T: usize = 3;
/// Minimum number of scores for the bootstrap, because resamples of fewer have
/// too few distinct values.
const FEWEST_FOR_BOOTSTRAP: usize = 8;
/// Minimum effective number of independent judges, below which the spread has no meaning.
const FEWEST_EFFECTIVE: f64 = 2.0;
/// Minimum effective number of judges for which identical scores may give
/// an interval without width.
const FEWEST_FOR_NO_WIDTH: f64 = 3.0;
/// The variance lost by rounding to whole points. It is the minimum variance for fewer
/// effective judges than [`FEWEST_FOR_NO_WIDTH`].
const ROUNDING_VARIANCE: f64 = 1.0 / 12.0;

/// The method of computing the interval of the consensus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntervalMethod {
    #[default]
    StudentT,
    /// BCa bootstrap from eight judges on, Student's t for fewer.
    Bootstrap,
}

impl IntervalMethod {
    const fn as_str(self) -> &'static str {
        match self {
            Self::StudentT => "student_t",
            Self::Bootstrap => "bootstrap",
        }
    }
}

/// Returns the interval, or the reason why there is none. `method` in it names the method
/// used: Student's t also if the bootstrap was configured but is undefined or has too few
/// scores. `correlation` is the mean correlation of the judges' errors; with 0 the result
/// is the textbook interval.
pub(super) fn interval(
    opinions: &[Opinion],
    strategy: AggregationStrategy,
    method: IntervalMethod,
    correlation: f64,
) -> Result<ConfidenceInterval, &'static str> {
    let n = opinions.len();
    if n < FEWEST_FOR_STUDENT_T {
        return Err("fewer_than_3_judges");
    }
    let effective = dependence::effective(n, correlation);
    if effective < FEWEST_EFFECTIVE {
        return Err("dependent_judges");
    }
    let resampled = if method == IntervalMethod::Bootstrap && opinions.len() >= FEWEST_FOR_BOOTSTRAP
    {
        bootstrap::bca(opinions, strategy, LEVEL)
            .and_then(|bounds| widened(opinions, strategy, bounds, effective))
    } else {
        None
    };
    let (method, bounds) = match resampled {
        Some(bounds) => (IntervalMethod::Bootstrap, Some(bounds)),
        None => (
            IntervalMethod::StudentT,
            student_t(opinions, strategy, effective),
        ),
    };
    let (lower, upper) = bounds.ok_or("undefined")?;
    Ok(ConfidenceInterval {
        level: LEVEL,
        lower,
        upper,
        method: method.as_str().to_owned(),
        n,
        n_effective: Some(effective),
    })
}

/// Resampling assumes independent judges, so the bounds are moved away from the consensus by the
/// square root of the design effect. Returns `None` for few judges if the result has no width;
/// Student's t then gives a minimum width.
fn widened(
    opinions: &[Opinion],
    strategy: AggregationStrategy,
    (lower, upper): (f64, f64),
    effective: f64,
) -> Option<(f64, f64)> {
    if lower == upper && effective < FEWEST_FOR_NO_WIDTH {
        return None;
    }
    let centre = consensus(opinions, strategy)?;
    let by = (opinions.len() as f64 / effective).sqrt();
    let move_out = |bound: f64| ((bound - centre).mul_add(by, centre)).clamp(0.0, 100.0);
    // If nothing has to be moved, the bits of the resampling result are kept.
    Some(if by > 1.0 {
        (move_out(lower), move_out(upper))
    } else {
        (lower, upper)
    })
}

/// Computes C ± t SE with SE² = n/(n−1) Σ v² (s − C)² · n/n', where v are the shares in the
/// consensus C and n' is the effective number of judges, with df = n' − 1, limited to 0 to
/// 100. For equal shares and independent judges this is the textbook interval of a mean. For
/// the median and similar strategies it uses the spread of the mean, which is an
/// approximation. Needs two opinions.
fn student_t(
    opinions: &[Opinion],
    strategy: AggregationStrategy,
    effective: f64,
) -> Option<(f64, f64)> {
    let centre = consensus(opinions, strategy)?;
    let n = opinions.len() as f64;
    let squares: f64 = shares(opinions, strategy)
        .iter()
        .zip(opinions)
        .map(|(share, opinion)| (share * (opinion.score - centre)).powi(2))
        .sum();
    let mut variance = squares * n / (n - 1.0) * (n / effective);
    if effective < FEWEST_FOR_NO_WIDTH {
        variance = variance.max(ROUNDING_VARIANCE / effective);
    }
    let half = t_quantile(0.5 + LEVEL / 2.0, effective - 1.0)? * variance.sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(100.0)))
}

fn t_quantile(p: f64, degrees_of_freedom: f64) -> Option<f64> {
    StudentsT::new(0.0, 1.0, degrees_of_freedom)
        .ok()
        .map(|t| t.inverse_cdf(p))
        .filter(|quantile| quantile.is_finite())
}

#[cfg(test)]
#[path = "tests/interval.rs"]
mod tests;
