//! The request and the response that list the runs of an evaluation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lists::ClaimTotals;
use crate::domain::ids::RunId;
use crate::domain::run::Status;
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

/// A run of an evaluation, with the figures of its result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// The run's id.
    pub id: RunId,
    /// The state of the run.
    pub status: Status,
    /// The time at which the run started.
    #[serde(with = "rfc3339_millis")]
    pub started_at: DateTime<Utc>,
    /// The time at which the run ended.
    #[serde(with = "rfc3339_millis::option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The probability that the source supports the whole output, 0..1; null unless the run completed and there was
    /// anything to check.
    pub probability: Option<f64>,
    /// The consensus score, 0..100; null unless the run completed.
    pub consensus_score: Option<f64>,
    /// The hallucination score, 0..100; null unless the run completed.
    pub hallucination_score: Option<f64>,
    /// The number of claims for each label; null unless the run completed.
    pub claims: Option<ClaimTotals>,
    /// The error that ended the run; null unless it failed.
    pub error: Option<String>,
}

/// A page of an evaluation's runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunsView {
    /// The runs, the newest first.
    pub items: Vec<RunView>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<RunId>,
}

/// The query of `GET /evaluations/{id}/runs`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// The maximum number of items on a page.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 50, default = 20)]
    pub limit: i64,
    /// The cursor of the page, which is `next_cursor` of the page before.
    pub cursor: Option<RunId>,
}

const fn twenty() -> i64 {
    20
}

impl RunsQuery {
    /// Returns every value that is not allowed.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let wrong = !(1..=50).contains(&self.limit);
        let fault = wrong.then(|| FieldError::new("/limit", "must be 1 to 50"));
        fault.into_iter().collect()
    }
}
