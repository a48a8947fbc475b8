//! The query and the response of statistics over a user's evaluations.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::annotations::{self, MAX_TAG_CHARS};
use super::lists::ClaimTotals;
use crate::protocol::error::FieldError;

/// Query of `GET /statistics`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatisticsQuery {
    /// How many days, today (UTC) included.
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

/// The evaluations made on the last days, by the state of each one's last run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    /// How many days, today (UTC) included.
    pub days: i64,
    /// The first of them, `YYYY-MM-DD`.
    pub from: String,
    /// Today, `YYYY-MM-DD`.
    pub to: String,
    /// How many there are.
    pub evaluations: EvaluationCounts,
    /// Of those that have one, 0..100.
    pub mean_consensus_score: Option<f64>,
    /// Of those that have one, 0..100.
    pub mean_hallucination_score: Option<f64>,
    /// That all of an output holds, 0..1; of those that have one.
    pub mean_probability: Option<f64>,
    /// How their claims were decided.
    pub claims: ClaimTotals,
    /// Days with evaluations, the oldest first.
    pub by_day: Vec<DayFigures>,
    /// Judges that were heard, by name.
    pub by_judge: Vec<JudgeFigures>,
    /// How many of the newest evaluations with a result `disagreements` and `mean_agreement` look at.
    pub compared: usize,
    /// Each two judges that labelled the same claims.
    pub disagreements: Vec<Disagreement>,
    /// Of `inter_judge_agreement` where it is defined.
    pub mean_agreement: Option<f64>,
}

/// Evaluations by state; those that wait or run are only in `total`.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct EvaluationCounts {
    /// All of them.
    pub total: i64,
    /// With a result.
    pub completed: i64,
    /// Ended by an error.
    pub failed: i64,
    /// Ended by their user or a deadline.
    pub cancelled: i64,
}

/// The evaluations of one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayFigures {
    /// UTC, `YYYY-MM-DD`.
    pub day: String,
    /// How many were made.
    pub evaluations: i64,
    /// Of those that have one, 0..100.
    pub mean_consensus_score: Option<f64>,
    /// Of those that have one, 0..100.
    pub mean_hallucination_score: Option<f64>,
    /// That all of an output holds, 0..1; of those that have one.
    pub mean_probability: Option<f64>,
    /// How their claims were decided.
    pub claims: ClaimTotals,
}

/// What one judge said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeFigures {
    /// Its name.
    pub judge_name: String,
    /// Its kind.
    pub kind: String,
    /// How often it was heard.
    pub results: i64,
    /// With a score.
    pub completed: i64,
    /// Without a usable answer, whatever the reason.
    pub failed: i64,
    /// With nothing to say.
    pub abstained: i64,
    /// 0..100.
    pub mean_score: Option<f64>,
    /// 0..1.
    pub mean_confidence: Option<f64>,
    /// Of all its results, milliseconds.
    pub mean_response_time_ms: Option<f64>,
    /// Tokens sent.
    pub prompt_tokens: i64,
    /// Tokens received.
    pub completion_tokens: i64,
    /// In US dollars; null where nothing has a price.
    pub cost_usd: Option<f64>,
    /// Days on which it was heard, the oldest first.
    pub by_day: Vec<JudgeDay>,
}

/// What one judge said on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeDay {
    /// UTC, `YYYY-MM-DD`: when the evaluations were made.
    pub day: String,
    /// How often it was heard.
    pub results: i64,
    /// 0..100.
    pub mean_score: Option<f64>,
}

/// How often two judges differ.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Disagreement {
    /// Their names, in order.
    #[schema(min_items = 2, max_items = 2)]
    pub judges: [String; 2],
    /// Claims that both labelled.
    pub claims: u64,
    /// With different labels.
    pub disagreed: u64,
    /// `disagreed` of `claims`, 0..1.
    pub share: f64,
}
