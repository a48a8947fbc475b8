//! A user's preferences, which apply where a request leaves a setting out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluations::{ConfigRequest, whole};
use crate::domain::ids::CollectionId;
use crate::domain::settings::AggregationStrategy;

/// The colour scheme of the web page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    /// The device's setting.
    #[default]
    System,
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

/// A user's preferences. The server chooses what is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preferences {
    /// The names of the judges, as in an evaluation's `config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// True for retrieval, as in an evaluation's `config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_retrieval: Option<bool>,
    /// The id of a collection, as in an evaluation's `config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_id: Option<CollectionId>,
    /// The method by which scores are combined, as in an evaluation's `config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation_strategy: Option<AggregationStrategy>,
    /// The time limit of a run in milliseconds, as in an evaluation's `config`.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(minimum = 1000, maximum = 3_600_000)]
    pub deadline_ms: Option<u64>,
    /// The minimum number of judges with a score, as in an evaluation's `config`. An evaluation with fewer judges
    /// needs all of them.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(minimum = 1, maximum = 32)]
    pub quorum: Option<u64>,
    /// The colour scheme of the web page.
    #[serde(default)]
    pub theme: Theme,
}

impl Preferences {
    /// Returns the preferences that apply to new evaluations.
    pub(crate) fn config(&self) -> ConfigRequest {
        ConfigRequest {
            judges: self.judges.clone(),
            enable_retrieval: self.enable_retrieval,
            collection_id: self.collection_id.map(Some),
            aggregation_strategy: self.aggregation_strategy,
            deadline_ms: self.deadline_ms,
            quorum: self.quorum,
        }
    }
}
