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

/// The body of `POST /evaluations/{id}/feedback`: either a label or a score.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveFeedback {
    /// The id of the claim that the feedback is about; null for the whole output.
    #[serde(default)]
    pub claim_id: Option<ClaimId>,
    /// The label that would be right.
    #[serde(default)]
    pub label: Option<Label>,
    /// A score for how much of the output is true, from 0 (nothing) to 100 (all).
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    pub score: Option<f64>,
    /// A comment in free text.
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

/// A person's feedback.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedbackView {
    /// The feedback's id.
    pub id: FeedbackId,
    /// The id of the claim that the feedback is about; null for the whole output.
    pub claim_id: Option<ClaimId>,
    /// The label that would be right.
    pub label: Option<Label>,
    /// The score for how much of the output is true, from 0 (nothing) to 100 (all).
    pub score: Option<f64>,
    /// The comment, as sent.
    pub comment: Option<String>,
    /// The time at which the feedback was given.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
}

/// A page of the feedback on an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedbackListView {
    /// The feedback, the oldest first.
    pub items: Vec<FeedbackView>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<FeedbackId>,
}

/// The query of `GET /evaluations/{id}/feedback`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedbackQuery {
    /// The maximum number of items on a page.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 100, default = 100)]
    pub limit: i64,
    /// The cursor of the page, which is `next_cursor` of the page before.
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
