//! The 95 % interval of the consensus.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::domain::result::ConfidenceInterval;
use crate::domain::settings::AggregationStrategy;

use super::bootstrap;
use super::consensus::{Opinion, consensus, shares};

const LEVEL: f64 = 0.95;
/// From two scores on an interval could be computed, but with one degree of freedom it is 0..100
/// for nearly all pairs.
const FEWEST_FOR_STUDENT_T: usize = 3;
/// Below, resamples of so few scores take too few distinct values.
const FEWEST_FOR_BOOTSTRAP: usize = 8;

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
/// t also where the bootstrap was asked for but is undefined or has too few scores.
pub(super) fn interval(
    opinions: &[Opinion],
    strategy: AggregationStrategy,
    method: IntervalMethod,
) -> Result<ConfidenceInterval, &'static str> {
    if opinions.len() < FEWEST_FOR_STUDENT_T {
        return Err("fewer_than_3_judges");
    }
    let resampled = if method == IntervalMethod::Bootstrap && opinions.len() >= FEWEST_FOR_BOOTSTRAP
    {
        bootstrap::bca(opinions, strategy, LEVEL)
    } else {
        None
    };
    let (method, bounds) = match resampled {
        Some(bounds) => (IntervalMethod::Bootstrap, Some(bounds)),
        None => (IntervalMethod::StudentT, student_t(opinions, strategy)),
    };
    let (lower, upper) = bounds.ok_or("undefined")?;
    Ok(ConfidenceInterval {
        level: LEVEL,
        lower,
        upper,
        method: method.as_str().to_owned(),
        n: opinions.len(),
        n_effective: None,
    })
}

/// C ± t SE with SE² = n/(n−1) Σ v² (s − C)², v the shares in the consensus C, df = n − 1, cut to
/// 0..100: for equal shares the textbook interval of a mean. For the median and its like it keeps
/// the spread of the mean, which is an approximation. Needs two opinions.
fn student_t(opinions: &[Opinion], strategy: AggregationStrategy) -> Option<(f64, f64)> {
    let centre = consensus(opinions, strategy)?;
    let n = opinions.len() as f64;
    let squares: f64 = shares(opinions, strategy)
        .iter()
        .zip(opinions)
        .map(|(share, opinion)| (share * (opinion.score - centre)).powi(2))
        .sum();
    let standard_error = (squares * n / (n - 1.0)).sqrt();
    let half = t_quantile(0.5 + LEVEL / 2.0, n - 1.0)? * standard_error;
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
            let got = interval(&opinions[..n], AggregationStrategy::Mean, asked);
            let method = got.as_ref().map(|i| i.method.as_str()).map_err(|e| *e);
            assert_eq!(method, expected, "n {n}");
        }
    }
}
