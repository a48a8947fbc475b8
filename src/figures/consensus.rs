//! Combines the judges' scores into the consensus.

use crate::domain::settings::AggregationStrategy;

/// The contribution of one completed judge to the consensus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Opinion {
    /// Between 0 and 100.
    pub(super) score: f64,
    /// Between 0 and 1.
    pub(super) confidence: f64,
    /// The configured weight, which is not negative.
    pub(super) weight: f64,
}

/// Returns the consensus, between the lowest and the highest score; `None` without opinions.
pub(super) fn consensus(opinions: &[Opinion], strategy: AggregationStrategy) -> Option<f64> {
    let scores = sorted_scores(opinions);
    let (lowest, highest) = (*scores.first()?, *scores.last()?);
    let value = match strategy {
        AggregationStrategy::WeightedAverage => shares(opinions, strategy)
            .iter()
            .zip(opinions)
            .map(|(share, opinion)| share * opinion.score)
            .sum(),
        AggregationStrategy::Mean => mean(scores.iter().copied())?,
        AggregationStrategy::Median => median(&scores)?,
        AggregationStrategy::TrimmedMean => {
            let kept = match scores.as_slice() {
                [_, inner @ .., _] if inner.len() >= 2 => inner,
                all => all,
            };
            mean(kept.iter().copied())?
        }
        AggregationStrategy::MajorityVote => majority_vote(&scores)?,
    };
    // A sum of rounded shares may exceed the range by rounding.
    Some(value.clamp(lowest, highest))
}

/// The share of each opinion in the consensus; their sum is 1. Equal for all strategies except
/// `weighted_average`, and also there if weight × confidence is zero for all.
pub(super) fn shares(opinions: &[Opinion], strategy: AggregationStrategy) -> Vec<f64> {
    let equal = 1.0 / opinions.len() as f64;
    if strategy == AggregationStrategy::WeightedAverage {
        // Dividing by the largest weight first keeps the sum finite for all configured weights.
        let largest = opinions.iter().map(|o| o.weight).fold(0.0, f64::max);
        let parts: Vec<f64> = opinions
            .iter()
            .map(|o| o.weight / largest * o.confidence)
            .collect();
        let total: f64 = parts.iter().sum();
        if largest > 0.0 && total > 0.0 {
            return parts.iter().map(|part| part / total).collect();
        }
    }
    vec![equal; opinions.len()]
}

pub(super) fn sorted_scores(opinions: &[Opinion]) -> Vec<f64> {
    let mut scores: Vec<f64> = opinions.iter().map(|opinion| opinion.score).collect();
    scores.sort_by(f64::total_cmp);
    scores
}

/// The arithmetic mean; `None` without values.
pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let n = values.len();
    (n > 0).then(|| values.sum::<f64>() / n as f64)
}

/// The median of an ascending slice; `None` without values.
pub(super) fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        Some(upper)
    } else {
        Some((sorted[sorted.len() / 2 - 1] + upper) / 2.0)
    }
}

/// The median of the third of 0 to 100 with the most scores, or of all scores if two
/// thirds have equally many.
fn majority_vote(sorted: &[f64]) -> Option<f64> {
    let first = sorted.partition_point(|&score| score < 100.0 / 3.0);
    let second = sorted.partition_point(|&score| score < 200.0 / 3.0);
    let mut thirds = [&sorted[..first], &sorted[first..second], &sorted[second..]];
    thirds.sort_by_key(|third| third.len());
    let [_, runner_up, fullest] = thirds;
    if runner_up.len() == fullest.len() {
        median(sorted)
    } else {
        median(fullest)
    }
}

#[cfg(test)]
#[path = "tests/consensus.rs"]
mod tests;
