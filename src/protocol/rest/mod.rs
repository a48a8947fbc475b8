//! The bodies of the REST interface, and the checks that depend only on the body itself.

mod accounts;
mod annotations;
mod api_keys;
mod check;
mod collections;
mod evaluations;
mod export;
mod feedback;
mod lists;
mod passwords;
mod preferences;
mod runs;
mod shares;
mod sources;
mod statistics;
mod texts;
mod usage;

pub(crate) use accounts::{
    ChangePassword, DeleteAccount, Login, LoginForm, LoginView, MAX_USERNAME_CHARS, Register,
    Renewal, Tokens, UserView, WhichLogin, new_password_fault,
};
pub(crate) use annotations::{Annotate, AnnotationsView, TagView, TagsView};
pub(crate) use api_keys::{CreateKey, KeyView, KeysView, NewKeyView};
pub(crate) use check::{CheckRequest, CheckView, CheckedJudge, threshold_fault};
pub(crate) use collections::{
    AddDocument, CollectionView, CollectionsQuery, CollectionsView, CreateCollection,
    DocumentTextView, DocumentView, DocumentsQuery, DocumentsView, HitView, MAX_DOCUMENT_CHARS,
    SearchQuery, SearchView, UploadQuery, document_name_fault,
};
pub(crate) use evaluations::{
    Cancelling, ClaimView, ConfigRequest, CreateEvaluation, EvaluationView, MAX_CANDIDATE_CHARS,
    MAX_QUESTION_CHARS, StartEvaluation, Started, judges_fault,
};
pub(crate) use export::{ExportQuery, Format};
pub(crate) use feedback::{FeedbackListView, FeedbackQuery, FeedbackView, GiveFeedback};
pub(crate) use lists::{
    ClaimTotals, EventsPage, EventsQuery, ListQuery, ListView, Order, SortKey, SummaryView,
};
pub(crate) use passwords::MAX_PASSWORD_CHARS;
pub(crate) use preferences::Preferences;
pub(crate) use runs::{RunView, RunsQuery, RunsView};
pub(crate) use shares::{CreateShare, NewShareView, ShareView, SharedView, SharesView};
pub(crate) use sources::{
    MAX_NAME_CHARS, MAX_SOURCE_CHARS, MAX_SOURCES, SourceText, joined, source_faults,
};
pub(crate) use statistics::{
    DayFigures, Disagreement, EvaluationCounts, JudgeDay, JudgeFigures, StatisticsQuery,
    StatisticsView,
};
pub(crate) use texts::text_fault;
pub(crate) use usage::{BudgetView, DayView, EstimateView, JudgeEstimate, UsageQuery, UsageView};

use serde::Serialize;
use utoipa::ToSchema;

use super::error::FieldError;

/// An error (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A URI reference that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// This problem in words.
    pub detail: String,
    /// One of the contract's error codes.
    #[schema(value_type = crate::protocol::error::ErrorCode)]
    pub code: &'static str,
    /// The id of the request in the server's log.
    pub request_id: String,
    /// The id of the live run, for `evaluation_in_progress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub run_id: Option<String>,
    /// The values that are not allowed, for `validation`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A configured judge.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgeView {
    /// The name by which evaluations ask for the judge.
    pub name: String,
    /// `openai`, or the kind of an offline judge.
    pub kind: String,
    /// The name of the model.
    pub model: String,
    /// True if the judge sends nothing to other machines.
    pub offline: bool,
    /// The judge's method in one line of plain language.
    pub description: &'static str,
    /// True if the judge is asked when a request names no judges.
    pub default: bool,
    /// The state of the judge's circuit breaker: `closed` (requests go through), `open` or `half_open`.
    #[schema(value_type = String, example = "closed")]
    pub state: &'static str,
}

/// All configured judges.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JudgesView {
    /// The judges, in the order of the configuration.
    pub items: Vec<JudgeView>,
}
