//! The settings that a user chooses for an evaluation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::CollectionId;

/// The method by which the judges' scores are combined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AggregationStrategy {
    /// The mean, weighted by the product of configured weight and confidence.
    #[default]
    WeightedAverage,
    /// The arithmetic mean.
    Mean,
    /// The median.
    Median,
    /// The mean without the lowest and the highest.
    TrimmedMean,
    /// The median of the fullest third of the scale.
    MajorityVote,
}

impl AggregationStrategy {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WeightedAverage => "weighted_average",
            Self::Mean => "mean",
            Self::Median => "median",
            Self::TrimmedMean => "trimmed_mean",
            Self::MajorityVote => "majority_vote",
        }
    }
}

/// The settings of one evaluation, complete: what the request left out is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationConfig {
    /// The names of the judges to ask; at least one.
    pub judges: Vec<String>,
    /// True if the judges get the best passages of the source instead of all of it.
    pub enable_retrieval: bool,
    /// The collection whose passages count in addition to the source; null for the source alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_id: Option<CollectionId>,
    /// The method by which the scores are combined.
    pub aggregation_strategy: AggregationStrategy,
    /// The time limit of a run, in milliseconds.
    pub deadline_ms: u64,
    /// The minimum number of judges with a score; with fewer the run fails.
    #[serde(default = "one")]
    pub quorum: usize,
}

/// The default for evaluations that were stored before the setting existed.
const fn one() -> usize {
    1
}
