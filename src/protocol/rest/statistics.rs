//! The query and the response of statistics over a user's evaluations.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::annotations::{self, MAX_TAG_CHARS};
use super::lists::ClaimTotals;
use crate::protocol::error::FieldError;

/// The query of `GET /statistics`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatisticsQuery {
    /// The number of days, today (UTC) included.
    #[serde(default = "thirty")]
    #[param(minimum = 1, maximum = 365, default = 30)]
    pub days: i64,
    /// Only evaluations with this tag.
    #[param(min_length = 1, max_length = 50, pattern = r"^[^\u0000]*$")]
    pub tag: Option<String>,
}

const fn thirty() -> i64 {
    30
}

impl StatisticsQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if !(1..=365).contains(&self.days) {
            faults.push(FieldError::new("/days", "must be 1 to 365"));
        }
        if let Some(tag) = &self.tag {
            faults.extend(annotations::fault("/tag", tag, MAX_TAG_CHARS));
        }
        faults
    }
}

/// Statistics of the evaluations created in the last days; each counts with its last run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    /// The number of days, today (UTC) included.
    pub days: i64,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day, which is today, `YYYY-MM-DD`.
    pub to: String,
    /// The number of evaluations by state.
    pub evaluations: EvaluationCounts,
    /// The mean consensus score of the evaluations that have one, 0..100.
    pub mean_consensus_score: Option<f64>,
    /// The mean hallucination score of the evaluations that have one, 0..100.
    pub mean_hallucination_score: Option<f64>,
    /// The mean probability that the source supports the whole output, 0..1, over the evaluations that have one.
    pub mean_probability: Option<f64>,
    /// The number of their claims for each label.
    pub claims: ClaimTotals,
    /// The figures of each day with evaluations, the oldest first.
    pub by_day: Vec<DayFigures>,
    /// The figures of each judge that was asked, by name.
    pub by_judge: Vec<JudgeFigures>,
    /// The number of the newest evaluations with a result that `disagreements` and `mean_agreement` are based on.
    pub compared: usize,
    /// The disagreements of each two judges that labelled the same claims.
    pub disagreements: Vec<Disagreement>,
    /// The mean of `inter_judge_agreement`, over the evaluations for which it is defined.
    pub mean_agreement: Option<f64>,
}

/// The number of evaluations by state. Those that wait or run are counted only in `total`.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct EvaluationCounts {
    /// The number of all evaluations.
    pub total: i64,
    /// The number of evaluations with a result.
    pub completed: i64,
    /// The number of evaluations that an error ended.
    pub failed: i64,
    /// The number of evaluations that their user or a time limit ended.
    pub cancelled: i64,
}

/// The figures of one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayFigures {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The number of evaluations that were created.
    pub evaluations: i64,
    /// The mean consensus score of the evaluations that have one, 0..100.
    pub mean_consensus_score: Option<f64>,
    /// The mean hallucination score of the evaluations that have one, 0..100.
    pub mean_hallucination_score: Option<f64>,
    /// The mean probability that the source supports the whole output, 0..1, over the evaluations that have one.
    pub mean_probability: Option<f64>,
    /// The number of their claims for each label.
    pub claims: ClaimTotals,
}

/// The figures of one judge.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeFigures {
    /// The judge's name.
    pub judge_name: String,
    /// The judge's kind.
    pub kind: String,
    /// The number of times that the judge was asked.
    pub results: i64,
    /// The number of times that it gave a score.
    pub completed: i64,
    /// The number of times that it gave no usable answer, for any reason.
    pub failed: i64,
    /// The number of times that it abstained.
    pub abstained: i64,
    /// Its mean score, 0..100.
    pub mean_score: Option<f64>,
    /// Its mean confidence, 0..1.
    pub mean_confidence: Option<f64>,
    /// The mean response time of all its results in milliseconds.
    pub mean_response_time_ms: Option<f64>,
    /// The number of tokens sent.
    pub prompt_tokens: i64,
    /// The number of tokens received.
    pub completion_tokens: i64,
    /// The cost in US dollars; null if nothing has a price.
    pub cost_usd: Option<f64>,
    /// The figures of each day on which it was asked, the oldest first.
    pub by_day: Vec<JudgeDay>,
}

/// The figures of one judge on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeDay {
    /// The day in UTC, `YYYY-MM-DD`, on which the evaluations were created.
    pub day: String,
    /// The number of times that the judge was asked.
    pub results: i64,
    /// Its mean score, 0..100.
    pub mean_score: Option<f64>,
}

/// The disagreements of two judges.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Disagreement {
    /// The names of the two judges, sorted.
    #[schema(min_items = 2, max_items = 2)]
    pub judges: [String; 2],
    /// The number of claims that both labelled.
    pub claims: u64,
    /// The number of these claims with different labels.
    pub disagreed: u64,
    /// The share of these claims with different labels, 0..1.
    pub share: f64,
}
