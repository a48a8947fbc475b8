//! Pages of the list of evaluations, and of the log of one.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::annotations::{self, MAX_TAG_CHARS};
use crate::domain::ids::{RunId, SessionId};
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

/// An evaluation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    /// Its id.
    pub id: SessionId,
    /// Where it stands.
    pub status: Status,
    /// The first 160 characters of the source.
    pub source_preview: String,
    /// The first 160 characters of the candidate.
    pub candidate_preview: String,
    /// As sent.
    pub question: Option<String>,
    /// Its settings.
    pub config: EvaluationConfig,
    /// When it was made.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// When its last run started.
    #[serde(with = "rfc3339_millis::option")]
    pub started_at: Option<DateTime<Utc>>,
    /// When its last run ended.
    #[serde(with = "rfc3339_millis::option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// Its last run.
    pub run_id: Option<RunId>,
    /// Its log's incarnation.
    pub epoch: String,
    /// Its log's end.
    pub last_seq: i64,
    /// Of the last run, if it completed.
    pub consensus_score: Option<f64>,
    /// Of the last run, if it completed.
    pub hallucination_score: Option<f64>,
    /// That all of the output holds, 0..1; of the last run, if it completed and there was anything to check.
    pub probability: Option<f64>,
    /// How the claims of the last run were decided, if it completed.
    pub claims: Option<ClaimTotals>,
    /// In US dollars; of the last run, if it completed and its judges have a price.
    pub cost_usd: Option<f64>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Its owner's, sorted.
    pub tags: BTreeSet<String>,
}

/// How many claims have each label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ClaimTotals {
    /// Supported.
    pub supported: i64,
    /// Refuted.
    pub refuted: i64,
    /// Neither.
    pub not_enough_info: i64,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListView {
    /// The evaluations, in the order asked for.
    pub items: Vec<SummaryView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SortKey {
    /// When it was made.
    #[default]
    CreatedAt,
    /// Evaluations without one come last.
    ConsensusScore,
    /// Evaluations without one come last.
    HallucinationScore,
    /// That all of the output holds; evaluations without one come last.
    Probability,
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Newest or highest first.
    #[default]
    Desc,
    /// Oldest or lowest first.
    Asc,
}

/// Query of `GET /evaluations`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Items a page.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: i64,
    /// From the page before.
    pub cursor: Option<String>,
    /// Only evaluations that stand there.
    #[param(inline)]
    pub status: Option<Status>,
    /// Text in source, candidate, question, name, notes or a tag, in whatever case.
    #[param(max_length = 1000, pattern = r"^[^\u0000]*$")]
    pub q: Option<String>,
    /// Only evaluations with this tag.
    #[param(min_length = 1, max_length = 50, pattern = r"^[^\u0000]*$")]
    pub tag: Option<String>,
    /// Lowest consensus score.
    #[param(minimum = 0, maximum = 100)]
    pub min_score: Option<f64>,
    /// Highest consensus score.
    #[param(minimum = 0, maximum = 100)]
    pub max_score: Option<f64>,
    /// RFC 3339; made then or later.
    #[serde(default, deserialize_with = "rfc3339_millis::option::deserialize")]
    pub created_after: Option<DateTime<Utc>>,
    /// RFC 3339; made before.
    #[serde(default, deserialize_with = "rfc3339_millis::option::deserialize")]
    pub created_before: Option<DateTime<Utc>>,
    /// What to sort by.
    #[serde(default)]
    #[param(inline)]
    pub sort: SortKey,
    /// In which direction.
    #[serde(default)]
    #[param(inline)]
    pub order: Order,
}

/// Query of `GET /evaluations/{id}/events`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Only events after this one.
    #[serde(default)]
    #[param(minimum = 0, default = 0)]
    pub after_seq: i64,
    /// Events a page.
    #[serde(default = "five_hundred")]
    #[param(minimum = 1, maximum = 500, default = 500)]
    pub limit: i64,
}

const fn twenty() -> i64 {
    20
}

const fn five_hundred() -> i64 {
    500
}

/// A page of a session's log. The events are the same bytes that the socket sends.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventsPage {
    /// The log's incarnation.
    pub epoch: String,
    /// In order.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Box<RawValue>>,
    /// The log's end.
    pub last_seq: i64,
}

impl ListQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if !(1..=100).contains(&self.limit) {
            faults.push(FieldError::new("/limit", "must be 1 to 100"));
        }
        for (name, score) in [
            ("/min_score", self.min_score),
            ("/max_score", self.max_score),
        ] {
            if score.is_some_and(|score| !(0.0..=100.0).contains(&score)) {
                faults.push(FieldError::new(name, "must be 0 to 100"));
            }
        }
        for (name, time) in [
            ("/created_after", self.created_after),
            ("/created_before", self.created_before),
        ] {
            // Both databases can store and compare times of these years.
            if time.is_some_and(|time| !(1..=9999).contains(&time.year())) {
                faults.push(FieldError::new(name, "must be in the years 1 to 9999"));
            }
        }
        if self
            .q
            .as_ref()
            .is_some_and(|q| q.chars().count() > 1000 || q.contains('\0'))
        {
            faults.push(FieldError::new(
                "/q",
                "must have at most 1000 characters, none of them NUL",
            ));
        }
        if let Some(tag) = &self.tag {
            faults.extend(annotations::fault("/tag", tag, MAX_TAG_CHARS));
        }
        faults
    }
}

impl EventsQuery {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if !(1..=500).contains(&self.limit) {
            faults.push(FieldError::new("/limit", "must be 1 to 500"));
        }
        if self.after_seq < 0 {
            faults.push(FieldError::new("/after_seq", "must not be negative"));
        }
        faults
    }
}
