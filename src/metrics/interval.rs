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
pub enum IntervalMethod {
    /// Student's t.
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
mod tests {
    use super::*;

    #[test]
    fn t_quantiles_are_those_of_scipy() {
        // scipy.stats.t.ppf(0.975, df), scipy 1.12.0
        let table = [
            (1.0, 12.706204736432095),
            (2.0, 4.302652729911275),
            (3.0, 3.182446305284263),
            (4.0, 2.7764451051977987),
            (7.0, 2.3646242510102993),
            (9.0, 2.2621571627409915),
            (19.0, 2.093024054408263),
            (30.0, 2.0422724563012373),
            (120.0, 1.9799304050527766),
            (999.0, 1.9623414611334487),
        ];
        for (df, expected) in table {
            let got = t_quantile(0.975, df).unwrap();
            assert!((got - expected).abs() < 1e-8, "df {df}: {got}");
        }
    }

    #[test]
    fn the_method_named_is_the_method_used() {
        let opinions: Vec<Opinion> = (0..8)
            .map(|i| Opinion {
                score: 40.0 + f64::from(i) * 5.0,
                confidence: 0.8,
                weight: 1.0,
            })
            .collect();
        let table = [
            (8, IntervalMethod::StudentT, Ok("student_t")),
            (8, IntervalMethod::Bootstrap, Ok("bootstrap")),
            (7, IntervalMethod::Bootstrap, Ok("student_t")),
            (2, IntervalMethod::StudentT, Err("fewer_than_3_judges")),
        ];
        for (n, asked, expected) in table {
            let got = interval(&opinions[..n], AggregationStrategy::Mean, asked, 0.0);
            let method = got.as_ref().map(|i| i.method.as_str()).map_err(|e| *e);
            assert_eq!(method, expected, "n {n}");
        }
    }

    fn scored(scores: &[f64]) -> Vec<Opinion> {
        let opinion = |&score: &f64| Opinion {
            score,
            confidence: 0.8,
            weight: 1.0,
        };
        scores.iter().map(opinion).collect()
    }

    #[test]
    fn judges_that_err_alike_are_fewer_and_the_interval_is_wider() {
        let opinions = scored(&[40.0, 45.0, 50.0, 55.0, 48.0, 52.0, 47.0, 53.0]);
        let of = |method, correlation| {
            interval(&opinions, AggregationStrategy::Mean, method, correlation)
        };
        for method in [IntervalMethod::StudentT, IntervalMethod::Bootstrap] {
            let mut width = 0.0;
            for (correlation, expected) in [(0.0, 8.0), (0.1, 8.0 / 1.7), (0.3, 8.0 / 3.1)] {
                let got = of(method, correlation).unwrap();
                assert!((got.n_effective.unwrap() - expected).abs() < 1e-12 && got.n == 8);
                assert!(got.upper - got.lower > width, "{method:?} {correlation}");
                width = got.upper - got.lower;
            }
            // 8 / (1 + 7 · .5) = 1.8
            assert_eq!(of(method, 0.5).map(|_| ()), Err("dependent_judges"));
        }
        // By hand: the mean 48.75, s² = 23.64…, n' = 4, t(.975, 3) = 3.182446305284263.
        let four = of(IntervalMethod::StudentT, 1.0 / 7.0).unwrap();
        let variance: f64 = opinions
            .iter()
            .map(|o| (o.score - 48.75).powi(2))
            .sum::<f64>()
            / 7.0;
        let half = 3.182_446_305_284_263 * (variance / 4.0).sqrt();
        assert!((four.lower - (48.75 - half)).abs() < 1e-6, "{four:?}");
        assert!((four.upper - (48.75 + half)).abs() < 1e-6, "{four:?}");
    }

    #[test]
    fn no_width_only_for_equal_scores_of_judges_that_err_apart() {
        for method in [IntervalMethod::StudentT, IntervalMethod::Bootstrap] {
            for score in [0.0, 37.5, 100.0] {
                let opinions = scored(&[score; 9]);
                let width = |correlation| {
                    let strategy = AggregationStrategy::default();
                    let got = interval(&opinions, strategy, method, correlation).unwrap();
                    (got.upper - got.lower, got.n_effective.unwrap())
                };
                let ((apart, many), (alike, few)) = (width(0.2), width(0.4));
                assert!(many >= 3.0 && apart == 0.0);
                assert!((2.0..3.0).contains(&few) && alike > 0.1, "{alike}");
            }
        }
    }
}
