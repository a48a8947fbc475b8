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
    /// Its id.
    pub id: RunId,
    /// Where it stands.
    pub status: Status,
    /// When it started.
    #[serde(with = "rfc3339_millis")]
    pub started_at: DateTime<Utc>,
    /// When it ended.
    #[serde(with = "rfc3339_millis::option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// That all of the output holds, 0..1, if it completed and there was anything to check.
    pub probability: Option<f64>,
    /// 0..100, if it completed.
    pub consensus_score: Option<f64>,
    /// 0..100, if it completed.
    pub hallucination_score: Option<f64>,
    /// How its claims were decided, if it completed.
    pub claims: Option<ClaimTotals>,
    /// What ended it, if it failed.
    pub error: Option<String>,
}

/// A page of an evaluation's runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunsView {
    /// The newest first.
    pub items: Vec<RunView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<RunId>,
}

/// Query of `GET /evaluations/{id}/runs`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// Items a page.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 50, default = 20)]
    pub limit: i64,
    /// From the page before.
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
