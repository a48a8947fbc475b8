//! Bodies of the responses on the usage of judges, and on estimates of it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::ApiKeyId;
use crate::protocol::error::FieldError;

/// Query of `GET /usage`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// How many days, today (UTC) included.
    #[serde(default = "thirty")]
    #[param(minimum = 1, maximum = 366, default = 30)]
    pub days: i64,
    /// Only what runs and checks used that this API key started: its id. The budget is the account's all the same,
    /// beside the key's own.
    #[serde(default)]
    pub key: Option<ApiKeyId>,
}

const fn thirty() -> i64 {
    30
}

impl UsageQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        if (1..=366).contains(&self.days) {
            Vec::new()
        } else {
            vec![FieldError::new("/days", "must be 1 to 366")]
        }
    }
}

/// What a user's language-model judges used on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayView {
    /// UTC, `YYYY-MM-DD`.
    pub day: String,
    /// Requests to language models.
    pub calls: u64,
    /// Tokens sent.
    pub prompt_tokens: u64,
    /// Tokens received.
    pub completion_tokens: u64,
    /// In US dollars, of the models that have a price.
    pub cost_usd: f64,
}

/// A budget; what is null is not bounded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    /// Of one run, in US dollars.
    pub run_usd: Option<f64>,
    /// Of one run, sent and received.
    pub run_tokens: Option<u64>,
    /// Of a user's day, in US dollars.
    pub user_day_usd: Option<f64>,
    /// Of a user's day, sent and received.
    pub user_day_tokens: Option<u64>,
    /// What is left of `user_day_usd`.
    pub left_today_usd: Option<f64>,
    /// What is left of `user_day_tokens`.
    pub left_today_tokens: Option<u64>,
    /// Of the day of the API key that was asked about, in US dollars; null without one.
    pub key_day_usd: Option<f64>,
    /// Of the key's day, sent and received.
    pub key_day_tokens: Option<u64>,
    /// What is left of `key_day_usd`.
    pub key_left_today_usd: Option<f64>,
    /// What is left of `key_day_tokens`.
    pub key_left_today_tokens: Option<u64>,
}

/// What a user's language-model judges used, by day. It outlives the evaluations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// The days with any use, the newest first.
    pub items: Vec<DayView>,
    /// Today, UTC.
    pub today: DayView,
    /// What the operator allows.
    pub budget: BudgetView,
}

/// What one judge will take for an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeEstimate {
    /// The configured name.
    pub judge_name: String,
    /// The model's name.
    pub model: String,
    /// Requests, unless one fails or is repaired; 0 for an offline judge.
    pub calls: u32,
    /// Tokens sent, estimated from the prompt's characters.
    pub prompt_tokens: u64,
    /// Tokens received, at most.
    pub max_completion_tokens: u64,
    /// In US dollars, at most; null where the model has no price.
    pub cost_usd: Option<f64>,
}

/// What a run of an evaluation will take at most.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateView {
    /// Each judge of the evaluation.
    pub judges: Vec<JudgeEstimate>,
    /// Requests of all.
    pub calls: u32,
    /// Tokens sent by all.
    pub prompt_tokens: u64,
    /// Tokens received by all, at most.
    pub max_completion_tokens: u64,
    /// In US dollars, at most; null where a model has no price.
    pub cost_usd: Option<f64>,
    /// Whether the budgets bear all of it now.
    pub fits: bool,
    /// Which budgets do not.
    pub reasons: Vec<String>,
}
