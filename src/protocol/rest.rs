//! The bodies of the REST interface, and the checks that need nothing but the body itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::domain::claim::Claim;
use crate::domain::event::RunError;
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::settings::{AggregationStrategy, EvaluationConfig};
use crate::domain::verdict::{Evidence, Label};

use super::error::FieldError;
use super::rfc3339_millis;

/// Longest source, in characters (Unicode scalar values).
pub const MAX_SOURCE_CHARS: usize = 200_000;
/// Longest candidate, in characters.
pub const MAX_CANDIDATE_CHARS: usize = 50_000;
/// Longest question, in characters.
pub const MAX_QUESTION_CHARS: usize = 10_000;
/// Most judges of one evaluation.
pub const MAX_JUDGES: usize = 32;

/// An error, RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
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
    #[schema(value_type = super::error::ErrorCode)]
    pub code: &'static str,
    /// Names the request in the server's log.
    pub request_id: String,
    /// The live run, for `evaluation_in_progress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub run_id: Option<String>,
    /// Each value that is not allowed, for `validation`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// Body of `POST /auth/register`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Register {
    /// The name to log in with.
    #[schema(min_length = 3, max_length = 64, pattern = "^[A-Za-z0-9_.-]+$")]
    pub username: String,
    /// An email address.
    #[schema(format = Email, min_length = 3, max_length = 254)]
    pub email: String,
    /// The password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub password: String,
}

/// Body of `POST /auth/login`, as JSON or as the OAuth2 password form.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Login {
    /// The account's name.
    pub username: String,
    /// Its password.
    #[schema(format = Password)]
    pub password: String,
}

/// Body of `POST /auth/refresh` and `POST /auth/logout`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RefreshToken {
    /// The newest refresh token of its family.
    pub refresh_token: String,
}

/// Body of `POST /auth/password`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangePassword {
    /// The password that ends.
    #[schema(format = Password)]
    pub current_password: String,
    /// The one that begins.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub new_password: String,
}

/// An access token and the refresh token that renews it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// A JWT.
    pub access_token: String,
    /// `bearer`.
    #[schema(value_type = String, example = "bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// Good for one use.
    pub refresh_token: String,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Its id.
    pub id: UserId,
    /// The name to log in with.
    pub username: String,
    /// Its email address.
    pub email: String,
    /// When it was made.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
}

/// Body of `POST /evaluations`.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateEvaluation {
    /// What the output has to hold to.
    #[schema(min_length = 1, max_length = 200_000)]
    pub source_text: String,
    /// The model's output.
    #[schema(min_length = 1, max_length = 50_000)]
    pub candidate_output: String,
    /// The question that it answers.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub question: Option<String>,
    /// Settings; what is left out comes from the server's.
    #[serde(default)]
    pub config: Option<ConfigRequest>,
    /// Whether to start at once.
    #[serde(default)]
    pub start: bool,
}

/// Settings of a new evaluation.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigRequest {
    /// Names of judges, as `GET /judges` lists them.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// Whether the judges see the best passages of the source instead of all of it.
    #[serde(default)]
    pub enable_retrieval: Option<bool>,
    /// A collection to retrieve from; this server has none yet.
    #[serde(default)]
    pub collection_id: Option<String>,
    /// How the scores become one.
    #[serde(default)]
    pub aggregation_strategy: Option<AggregationStrategy>,
    /// How long a run may take.
    #[serde(default)]
    #[schema(minimum = 1000, maximum = 3_600_000)]
    pub deadline_ms: Option<u64>,
}

/// Body of `POST /evaluations/{id}/start`; may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct StartEvaluation {
    /// The same value again means the same start.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub client_request_id: Option<String>,
}

/// Answer to a start.
#[derive(Debug, Serialize, ToSchema)]
pub struct Started {
    /// The evaluation.
    pub session_id: SessionId,
    /// Its run.
    pub run_id: RunId,
    /// `in_progress`.
    pub status: Status,
    /// Where its events can be watched.
    #[schema(value_type = String, example = "/ws")]
    pub websocket_url: &'static str,
}

/// Answer to a cancel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancelling {
    /// The evaluation.
    pub session_id: SessionId,
    /// The run that is being ended.
    pub run_id: RunId,
}

/// A claim with its verdict, once there is one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// The claim.
    #[serde(flatten)]
    pub claim: Claim,
    /// What was decided; null while it is not.
    pub label: Option<Label>,
    /// 0..1.
    pub confidence: Option<f64>,
    /// Best first.
    pub evidence: Vec<Evidence>,
    /// In words.
    pub reasoning: Option<String>,
}

/// An evaluation, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationView {
    /// Its id, which is its session's id on the socket.
    pub id: SessionId,
    /// Where it stands.
    pub status: Status,
    /// As sent.
    pub source_text: String,
    /// As sent.
    pub candidate_output: String,
    /// As sent.
    pub question: Option<String>,
    /// Complete: what was left out is filled in.
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
    /// Its log's end when this was read.
    pub last_seq: i64,
    /// All figures, if the last run completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<AuditResult>,
    /// The last run's claims.
    pub claims: Vec<ClaimView>,
    /// The last run's judges, in the order in which they were heard.
    pub judges: Vec<JudgeReport>,
    /// What ended the last run, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// An evaluation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryView {
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
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListView {
    /// The evaluations, in the order asked for.
    pub items: Vec<SummaryView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// When it was made.
    #[default]
    CreatedAt,
    /// Evaluations without one come last.
    ConsensusScore,
    /// Evaluations without one come last.
    HallucinationScore,
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Newest or highest first.
    #[default]
    Desc,
    /// Oldest or lowest first.
    Asc,
}

/// Query of `GET /evaluations`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Items a page.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: i64,
    /// From the page before.
    pub cursor: Option<String>,
    /// Only evaluations that stand there.
    #[param(inline)]
    pub status: Option<Status>,
    /// Text in source or candidate, in whatever case.
    #[param(max_length = 1000)]
    pub q: Option<String>,
    /// Lowest consensus score.
    #[param(minimum = 0, maximum = 100)]
    pub min_score: Option<f64>,
    /// Highest consensus score.
    #[param(minimum = 0, maximum = 100)]
    pub max_score: Option<f64>,
    /// RFC 3339; made then or later.
    pub created_after: Option<DateTime<Utc>>,
    /// RFC 3339; made before.
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
pub struct EventsQuery {
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
pub struct EventsPage {
    /// The log's incarnation.
    pub epoch: String,
    /// In order.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Box<RawValue>>,
    /// The log's end.
    pub last_seq: i64,
}

/// A configured judge.
#[derive(Debug, Serialize, ToSchema)]
pub struct JudgeView {
    /// What evaluations ask for.
    pub name: String,
    /// `openai`, or the kind of an offline judge.
    pub kind: String,
    /// The model's name.
    pub model: String,
    /// True where nothing leaves the machine.
    pub offline: bool,
    /// State of its circuit: `closed` (calls go through), `open` or `half_open`.
    #[schema(value_type = String, example = "closed")]
    pub state: &'static str,
}

/// All configured judges.
#[derive(Debug, Serialize, ToSchema)]
pub struct JudgesView {
    /// In the configuration's order.
    pub items: Vec<JudgeView>,
}

impl Register {
    /// Every value that is not allowed.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let name_length = self.username.chars().count();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if !(3..=64).contains(&name_length) || !self.username.chars().all(allowed) {
            let detail = "must be 3 to 64 of the characters A-Z a-z 0-9 _ . -";
            faults.push(FieldError::new("/username", detail));
        }
        if !is_email(&self.email) {
            faults.push(FieldError::new("/email", "is not an email address"));
        }
        faults.extend(password_fault("/password", &self.password));
        faults
    }
}

impl ChangePassword {
    /// Every value that is not allowed.
    pub fn faults(&self) -> Vec<FieldError> {
        password_fault("/new_password", &self.new_password)
            .into_iter()
            .collect()
    }
}

impl CreateEvaluation {
    /// Every value that is not allowed, but for the judges' names, which only the server knows.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        faults.extend(text_fault(
            "/source_text",
            &self.source_text,
            1,
            MAX_SOURCE_CHARS,
        ));
        faults.extend(text_fault(
            "/candidate_output",
            &self.candidate_output,
            1,
            MAX_CANDIDATE_CHARS,
        ));
        if let Some(question) = &self.question {
            faults.extend(text_fault("/question", question, 0, MAX_QUESTION_CHARS));
        }
        let Some(config) = &self.config else {
            return faults;
        };
        match config.judges.as_deref() {
            Some([]) => faults.push(FieldError::new(
                "/config/judges",
                "needs at least one judge",
            )),
            Some(names) if names.len() > MAX_JUDGES => {
                let detail = format!("has more than {MAX_JUDGES} judges");
                faults.push(FieldError::new("/config/judges", detail));
            }
            _ => {}
        }
        if config.collection_id.is_some() {
            faults.push(FieldError::new(
                "/config/collection_id",
                "there is no such collection",
            ));
        }
        if config
            .deadline_ms
            .is_some_and(|ms| !(1_000..=3_600_000).contains(&ms))
        {
            faults.push(FieldError::new(
                "/config/deadline_ms",
                "must be 1000 to 3600000",
            ));
        }
        faults
    }
}

impl ListQuery {
    /// Every value that is not allowed.
    pub fn faults(&self) -> Vec<FieldError> {
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
        faults
    }
}

impl EventsQuery {
    /// Every value that is not allowed.
    pub fn faults(&self) -> Vec<FieldError> {
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

/// NUL is refused at the door: PostgreSQL can't store it, and the text would come back changed.
fn text_fault(pointer: &str, text: &str, min: usize, max: usize) -> Option<FieldError> {
    let length = text.chars().count();
    if text.contains('\0') {
        Some(FieldError::new(
            pointer,
            "must not hold the character U+0000",
        ))
    } else if !(min..=max).contains(&length) {
        Some(FieldError::new(
            pointer,
            format!("must have {min} to {max} characters, has {length}"),
        ))
    } else {
        None
    }
}

fn password_fault(pointer: &str, password: &str) -> Option<FieldError> {
    let allowed = (10..=256).contains(&password.chars().count());
    (!allowed).then(|| FieldError::new(pointer, "must have 10 to 256 characters"))
}

/// The shape of an address, not its existence: one `@` with something on both sides, no white space,
/// no control character, at most the 254 characters that SMTP carries.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let clean = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '@')
    };
    text.chars().count() <= 254 && clean(local) && clean(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(source: &str, candidate: &str) -> CreateEvaluation {
        CreateEvaluation {
            source_text: source.into(),
            candidate_output: candidate.into(),
            question: None,
            config: None,
            start: false,
        }
    }

    #[test]
    fn lengths_are_counted_in_characters_and_nul_is_refused() {
        assert!(
            create(&"ä".repeat(MAX_SOURCE_CHARS), "x")
                .faults()
                .is_empty()
        );
        let pointers = |body: CreateEvaluation| -> Vec<String> {
            body.faults()
                .into_iter()
                .map(|fault| fault.pointer)
                .collect()
        };
        assert_eq!(
            pointers(create(&"ä".repeat(MAX_SOURCE_CHARS + 1), "")),
            ["/source_text", "/candidate_output"]
        );
        assert_eq!(pointers(create("a\0b", "x")), ["/source_text"]);
    }

    #[test]
    fn accounts_are_checked() {
        let register = |username: &str, email: &str, password: &str| {
            Register {
                username: username.into(),
                email: email.into(),
                password: password.into(),
            }
            .faults()
            .len()
        };
        assert_eq!(register("ada.l-1", "ada@example.org", "long enough"), 0);
        assert_eq!(register("ab", "nobody", "short"), 3);
        assert_eq!(register("ada lovelace", "a@b@c", "long enough"), 2);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let text = r#"{"source_text":"a","candidate_output":"b","config":{"judge":["x"]}}"#;
        assert!(serde_json::from_str::<CreateEvaluation>(text).is_err());
    }
}
