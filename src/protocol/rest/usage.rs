//! Bodies of the responses on the usage of judges, and on estimates of it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::ApiKeyId;
use crate::protocol::error::FieldError;

/// The query of `GET /usage`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// The number of days, today (UTC) included.
    #[serde(default = "thirty")]
    #[param(minimum = 1, maximum = 366, default = 30)]
    pub days: i64,
    /// The id of an API key: only the usage of runs and checks that this key started. The budget is the whole
    /// account's nevertheless, in addition to the key's own.
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

/// The usage of a user's language models on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayView {
    /// The day in UTC, `YYYY-MM-DD`.
    pub day: String,
    /// The number of requests to language models.
    pub calls: u64,
    /// The number of tokens sent.
    pub prompt_tokens: u64,
    /// The number of tokens received.
    pub completion_tokens: u64,
    /// The cost in US dollars of the models that have a price.
    pub cost_usd: f64,
}

/// The budgets; null means unlimited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    /// The budget of one run, in US dollars.
    pub run_usd: Option<f64>,
    /// The budget of one run, in tokens sent and received.
    pub run_tokens: Option<u64>,
    /// A user's daily budget, in US dollars.
    pub user_day_usd: Option<f64>,
    /// A user's daily budget, in tokens sent and received.
    pub user_day_tokens: Option<u64>,
    /// The rest of `user_day_usd` for today.
    pub left_today_usd: Option<f64>,
    /// The rest of `user_day_tokens` for today.
    pub left_today_tokens: Option<u64>,
    /// The daily budget of the API key in the query, in US dollars; null without one.
    pub key_day_usd: Option<f64>,
    /// The daily budget of the API key, in tokens sent and received; null without one.
    pub key_day_tokens: Option<u64>,
    /// The rest of `key_day_usd` for today.
    pub key_left_today_usd: Option<f64>,
    /// The rest of `key_day_tokens` for today.
    pub key_left_today_tokens: Option<u64>,
}

/// The usage of a user's language models by day, which is kept when evaluations are deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// The days with any usage, the newest first.
    pub items: Vec<DayView>,
    /// The usage of today (UTC).
    pub today: DayView,
    /// The budgets that the operator has set.
    pub budget: BudgetView,
}

/// The estimated usage of one judge in an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeEstimate {
    /// The judge's configured name.
    pub judge_name: String,
    /// The name of the model.
    pub model: String,
    /// The number of requests if none fails or is repaired; 0 for an offline judge.
    pub calls: u32,
    /// The number of tokens sent, estimated from the characters of the prompt.
    pub prompt_tokens: u64,
    /// The maximum number of tokens received.
    pub max_completion_tokens: u64,
    /// The maximum cost in US dollars; null if the model has no price.
    pub cost_usd: Option<f64>,
}

/// The estimated maximum usage of a run of an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateView {
    /// The estimate of each judge of the evaluation.
    pub judges: Vec<JudgeEstimate>,
    /// The number of requests of all judges.
    pub calls: u32,
    /// The number of tokens that all judges send.
    pub prompt_tokens: u64,
    /// The maximum number of tokens that all judges receive.
    pub max_completion_tokens: u64,
    /// The maximum cost in US dollars; null if a model has no price.
    pub cost_usd: Option<f64>,
    /// True if the budgets allow the run now.
    pub fits: bool,
    /// The budgets that do not allow it.
    pub reasons: Vec<String>,
}
