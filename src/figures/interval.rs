//! The 95 % interval of the consensus.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::domain::result::ConfidenceInterval;
use crate::domain::settings::AggregationStrategy;

use super::bootstrap;
use super::consensus::{Opinion, consensus, shares};
use super::dependence;

const LEVEL: f64 = 0.95;
/// From two scores on an interval could be computed, but with one degree of freedom it is 0..100
/// for nearly all pairs.
const FEWEST_FOR_STUDENT_T: usize = 3;
/// Below, resamples of so few scores take too few distinct values.
const FEWEST_FOR_BOOTSTRAP: usize = 8;
/// Judges that err apart, below which a spread tells nothing.
const FEWEST_EFFECTIVE: f64 = 2.0;
/// From so many on, scores that are all the same may stand for certainty.
const FEWEST_FOR_NO_WIDTH: f64 = 3.0;
/// The variance of what rounding to whole points takes away: fewer judges than that have at least this.
const ROUNDING_VARIANCE: f64 = 1.0 / 12.0;

/// How the interval of the consensus is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntervalMethod {
    #[default]
    StudentT,
    /// BCa bootstrap from eight judges on; Student's t below.
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

/// The interval, or the reason why there is none. `method` in it names the one that was used: Student's
/// t also where the bootstrap was asked for but is undefined or has too few scores. `correlation` is the
/// mean one of the judges' errors: 0 for judges that err apart, and then these are the textbook's intervals.
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

/// Resampling takes the judges to err apart: the bounds move away from the consensus by the root of the
/// design effect. None where that leaves no width and few judges: Student's t has a least one.
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
    // To the last bit what resampling gave where nothing is to be moved.
    Some(if by > 1.0 {
        (move_out(lower), move_out(upper))
    } else {
        (lower, upper)
    })
}

/// C ± t SE with SE² = n/(n−1) Σ v² (s − C)² · n/n', v the shares in the consensus C, n' the effective
/// number of judges, df = n' − 1, cut to 0..100: for equal shares and judges that err apart the textbook
/// interval of a mean. For the median and its like it keeps the spread of the mean, which is an
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

/// The `p` quantile of Student's t.
fn t_quantile(p: f64, degrees_of_freedom: f64) -> Option<f64> {
    StudentsT::new(0.0, 1.0, degrees_of_freedom)
        .ok()
        .map(|t| t.inverse_cdf(p))
        .filter(|quantile| quantile.is_finite())
}

#[cfg(test)]
#[path = "tests/interval.rs"]
mod tests;
