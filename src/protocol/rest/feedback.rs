//! Bodies of the requests and responses on feedback that people give on claims and on whole
//! evaluations.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::texts::text_fault;
use crate::domain::ids::{ClaimId, FeedbackId};
use crate::domain::verdict::Label;
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

/// Maximum length of a comment, in characters.
const MAX_COMMENT_CHARS: usize = 4000;

/// Body of `POST /evaluations/{id}/feedback`: a label or a score, one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveFeedback {
    /// The claim that it is about; null: the whole.
    #[serde(default)]
    pub claim_id: Option<ClaimId>,
    /// What should have been decided.
    #[serde(default)]
    pub label: Option<Label>,
    /// How true the whole is.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    pub score: Option<f64>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 4000, pattern = r"^[^\u0000]*$")]
    pub comment: Option<String>,
}

impl GiveFeedback {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.label.is_some() == self.score.is_some() {
            faults.push(FieldError::new(
                "/label",
                "give a label or a score, one of the two",
            ));
        }
        // NaN is outside of every range, so it is a fault too.
        if self
            .score
            .is_some_and(|score| !(0.0..=100.0).contains(&score))
        {
            faults.push(FieldError::new("/score", "must be 0 to 100"));
        }
        if let Some(comment) = &self.comment {
            faults.extend(text_fault("/comment", comment, 0, MAX_COMMENT_CHARS));
        }
        faults
    }
}

/// One opinion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedbackView {
    /// Its id.
    pub id: FeedbackId,
    /// The claim that it is about; null: the whole.
    pub claim_id: Option<ClaimId>,
    /// What should have been decided.
    pub label: Option<Label>,
    /// 0..100.
    pub score: Option<f64>,
    /// As sent.
    pub comment: Option<String>,
    /// When it was given.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
}

/// A page of what is said of an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedbackListView {
    /// The oldest first.
    pub items: Vec<FeedbackView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<FeedbackId>,
}

/// Query of `GET /evaluations/{id}/feedback`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedbackQuery {
    /// Items a page.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 100, default = 100)]
    pub limit: i64,
    /// From the page before.
    pub cursor: Option<FeedbackId>,
}

const fn hundred() -> i64 {
    100
}

impl FeedbackQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let wrong = !(1..=100).contains(&self.limit);
        let fault = wrong.then(|| FieldError::new("/limit", "must be 1 to 100"));
        fault.into_iter().collect()
    }
}
