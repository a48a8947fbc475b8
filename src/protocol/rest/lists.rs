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

/// An evaluation as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    /// The evaluation's id.
    pub id: SessionId,
    /// The state of the evaluation.
    pub status: Status,
    /// The first 160 characters of the source.
    pub source_preview: String,
    /// The first 160 characters of the output.
    pub candidate_preview: String,
    /// The question, as sent.
    pub question: Option<String>,
    /// The complete settings, defaults included.
    pub config: EvaluationConfig,
    /// The time at which the evaluation was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which its last run started.
    #[serde(with = "rfc3339_millis::option")]
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which its last run ended.
    #[serde(with = "rfc3339_millis::option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The id of its last run.
    pub run_id: Option<RunId>,
    /// The epoch of its log.
    pub epoch: String,
    /// The sequence number of the last event in its log.
    pub last_seq: i64,
    /// The consensus score of the last run, 0..100; null unless it completed.
    pub consensus_score: Option<f64>,
    /// The hallucination score of the last run, 0..100; null unless it completed.
    pub hallucination_score: Option<f64>,
    /// The probability that the source supports the whole output, 0..1; null unless the last run completed and there
    /// was anything to check.
    pub probability: Option<f64>,
    /// The number of claims for each label in the last run; null unless it completed.
    pub claims: Option<ClaimTotals>,
    /// The cost of the last run in US dollars; null unless it completed and its judges have a price.
    pub cost_usd: Option<f64>,
    /// The name that the owner gave the evaluation.
    pub name: Option<String>,
    /// The owner's tags, sorted.
    pub tags: BTreeSet<String>,
}

/// The number of claims for each label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ClaimTotals {
    /// The number of claims that are supported.
    pub supported: i64,
    /// The number of claims that are refuted.
    pub refuted: i64,
    /// The number of claims that are neither.
    pub not_enough_info: i64,
}

/// A page of a list of evaluations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListView {
    /// The evaluations, in the requested order.
    pub items: Vec<SummaryView>,
    /// The cursor of the next page; null on the last page.
    pub next_cursor: Option<String>,
}

/// The figure or the time that a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SortKey {
    /// The time at which the evaluation was created.
    #[default]
    CreatedAt,
    /// The consensus score; evaluations without one come last.
    ConsensusScore,
    /// The hallucination score; evaluations without one come last.
    HallucinationScore,
    /// The probability that the source supports the whole output; evaluations without one come last.
    Probability,
}

/// The direction in which a list is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// The newest or the highest first.
    #[default]
    Desc,
    /// The oldest or the lowest first.
    Asc,
}

/// The query of `GET /evaluations`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The maximum number of items on a page.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: i64,
    /// The cursor of the page, which is `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only evaluations in this state.
    #[param(inline)]
    pub status: Option<Status>,
    /// Only evaluations with this text in the source, the output, the question, the name, the notes or a tag. Case, accents
    /// and the kind of white space make no difference.
    #[param(max_length = 1000, pattern = r"^[^\u0000]*$")]
    pub q: Option<String>,
    /// Only evaluations with this tag.
    #[param(min_length = 1, max_length = 50, pattern = r"^[^\u0000]*$")]
    pub tag: Option<String>,
    /// The lowest consensus score, 0..100.
    #[param(minimum = 0, maximum = 100)]
    pub min_score: Option<f64>,
    /// The highest consensus score, 0..100.
    #[param(minimum = 0, maximum = 100)]
    pub max_score: Option<f64>,
    /// Only evaluations created at this time or later (RFC 3339).
    #[serde(default, deserialize_with = "rfc3339_millis::option::deserialize")]
    pub created_after: Option<DateTime<Utc>>,
    /// Only evaluations created before this time (RFC 3339).
    #[serde(default, deserialize_with = "rfc3339_millis::option::deserialize")]
    pub created_before: Option<DateTime<Utc>>,
    /// The figure or the time to sort by.
    #[serde(default)]
    #[param(inline)]
    pub sort: SortKey,
    /// The direction of the order.
    #[serde(default)]
    #[param(inline)]
    pub order: Order,
}

/// The query of `GET /evaluations/{id}/events`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Only events with a greater sequence number.
    #[serde(default)]
    #[param(minimum = 0, default = 0)]
    pub after_seq: i64,
    /// The maximum number of events on a page.
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
    /// The epoch of the log: it changes when earlier sequence numbers are no longer valid.
    pub epoch: String,
    /// The events in the order of their sequence numbers.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Box<RawValue>>,
    /// The sequence number of the last event in the log.
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
