//! The judges' scores made one.

use crate::domain::settings::AggregationStrategy;

/// What one judge that completed adds to the consensus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Opinion {
    /// 0..100.
    pub(super) score: f64,
    /// 0..1.
    pub(super) confidence: f64,
    /// As configured, not negative.
    pub(super) weight: f64,
}

/// The consensus, 0..100; `None` without opinions. It lies between the lowest and the highest score.
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
    // A sum of rounded shares can leave the range by the last bit.
    Some(value.clamp(lowest, highest))
}

/// How much of the consensus each opinion makes up; they sum to 1. Equal for all strategies but
/// `weighted_average`, and there too where weight × confidence is zero for everybody.
pub(super) fn shares(opinions: &[Opinion], strategy: AggregationStrategy) -> Vec<f64> {
    let equal = 1.0 / opinions.len() as f64;
    if strategy == AggregationStrategy::WeightedAverage {
        // Dividing by the largest first keeps the sum finite whatever the configured weights are.
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

/// The scores in ascending order.
pub(super) fn sorted_scores(opinions: &[Opinion]) -> Vec<f64> {
    let mut scores: Vec<f64> = opinions.iter().map(|opinion| opinion.score).collect();
    scores.sort_by(f64::total_cmp);
    scores
}

/// The arithmetic mean; `None` of nothing.
pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let n = values.len();
    (n > 0).then(|| values.sum::<f64>() / n as f64)
}

/// The middle value of an ascending slice; `None` of nothing.
pub(super) fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        Some(upper)
    } else {
        Some((sorted[sorted.len() / 2 - 1] + upper) / 2.0)
    }
}

/// The median of the fullest third of 0..100, or of all scores where two thirds tie for it.
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
