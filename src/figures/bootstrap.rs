//! BCa bootstrap of the consensus (Efron 1987): the judges are resampled, each
//! with score and weight.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::computing::checkpoint;
use crate::domain::settings::AggregationStrategy;

use super::consensus::{Opinion, consensus};
use super::spread::quantile;

const RESAMPLES: usize = 9_999;

/// The interval, within 0 to 100. `None` if the correction is undefined (fewer than two
/// opinions, or a consensus at or beyond the edge of its resamples), so that the caller
/// can use another method.
///
/// The seed is derived from the opinions: the same judges give the same bits, in any order.
/// Like every resampling interval it is too narrow for few judges, and unlike Student's it need
/// not contain the consensus.
pub(super) fn bca(
    opinions: &[Opinion],
    strategy: AggregationStrategy,
    level: f64,
) -> Option<(f64, f64)> {
    let mut opinions = opinions.to_vec();
    opinions.sort_by(|a, b| {
        (a.score.total_cmp(&b.score))
            .then(a.confidence.total_cmp(&b.confidence))
            .then(a.weight.total_cmp(&b.weight))
    });
    let estimate = consensus(&opinions, strategy)?;
    let resamples = resample(&opinions, strategy);
    let (lowest, highest) = (*resamples.first()?, *resamples.last()?);
    if lowest == highest {
        return Some((lowest, highest));
    }
    let correction = Correction {
        bias: bias(&resamples, estimate)?,
        acceleration: acceleration(&opinions, strategy)?,
    };
    let tail = (1.0 - level) / 2.0;
    let lower = quantile(&resamples, correction.adjust(tail)?)?;
    let upper = quantile(&resamples, correction.adjust(1.0 - tail)?)?;
    Some((lower, upper))
}

/// The correction of the percentiles.
struct Correction {
    /// z₀, the bias of the resamples' median in standard deviations.
    bias: f64,
    /// a, the rate at which the standard error changes with the value.
    acceleration: f64,
}

impl Correction {
    /// Computes Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z))), where z is the normal quantile of `p`.
    fn adjust(&self, p: f64) -> Option<f64> {
        let normal = Normal::standard();
        let moved = self.bias + normal.inverse_cdf(p);
        let denominator = 1.0 - self.acceleration * moved;
        (denominator > 0.0).then(|| normal.cdf(self.bias + moved / denominator))
    }
}

/// Computes z₀ from the share of resamples below the estimate, with ties counted as a half.
fn bias(sorted: &[f64], estimate: f64) -> Option<f64> {
    let below = sorted.partition_point(|&value| value < estimate);
    let up_to = sorted.partition_point(|&value| value <= estimate);
    let share = (below + up_to) as f64 / (2 * sorted.len()) as f64;
    let z = Normal::standard().inverse_cdf(share);
    z.is_finite().then_some(z)
}

/// Computes a = Σ d³ / (6 (Σ d²)^1.5), where d is the jackknife mean minus each jackknife value; 0
/// if omitting a judge never changes anything.
pub(super) fn acceleration(opinions: &[Opinion], strategy: AggregationStrategy) -> Option<f64> {
    let values: Vec<f64> = (0..opinions.len())
        .map(|left_out| {
            let rest: Vec<Opinion> = opinions
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != left_out)
                .map(|(_, opinion)| *opinion)
                .collect();
            consensus(&rest, strategy)
        })
        .collect::<Option<_>>()?;
    let centre = values.iter().sum::<f64>() / values.len() as f64;
    let (squares, cubes) = values.iter().fold((0.0, 0.0), |(squares, cubes), value| {
        let d: f64 = centre - value;
        (squares + d.powi(2), cubes + d.powi(3))
    });
    let scale = f64::powf(squares, 1.5);
    Some(if scale > 0.0 {
        cubes / (6.0 * scale)
    } else {
        0.0
    })
}

/// The consensus of each resample, in ascending order.
fn resample(opinions: &[Opinion], strategy: AggregationStrategy) -> Vec<f64> {
    let mut random = SplitMix64(seed(opinions));
    let mut drawn = opinions.to_vec();
    let mut values: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            checkpoint();
            for place in &mut drawn {
                *place = opinions[random.below(opinions.len())];
            }
            consensus(&drawn, strategy)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

/// FNV-1a hash over the bits of all opinions.
fn seed(opinions: &[Opinion]) -> u64 {
    opinions
        .iter()
        .flat_map(|o| [o.score, o.confidence, o.weight])
        .flat_map(|value| value.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// The SplitMix64 generator (Steele, Lea & Flood 2014): small, seedable and equal on every machine,
/// but not for secrets.
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 to n − 1 by multiplying and shifting; its bias is below n / 2⁶⁴.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

#[cfg(test)]
#[path = "tests/bootstrap.rs"]
mod tests;
