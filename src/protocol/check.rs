//! Messages over the socket that check an answer while it is being written.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{FieldError, Refusal};
use super::rest::{
    CheckRequest, CheckView, ClaimView, MAX_CANDIDATE_CHARS, MAX_QUESTION_CHARS, MAX_SOURCE_CHARS,
    judges_fault, text_fault, threshold_fault,
};

/// Maximum length of a `check_id`, in characters.
const MAX_ID_CHARS: usize = 64;
/// Maximum number of pieces of one check.
const MAX_PIECES: u32 = 10_000;
/// Minimum length of the source: one that is sent in pieces is empty at first.
const FROM_NOTHING: usize = 0;

/// The text that a piece belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// The source; only before the candidate's first piece.
    Source,
    /// The model's output.
    #[default]
    Candidate,
}

/// The data of `begin_check`. Unlike in other commands an unknown field is an error, as in `POST /check`: an answer
/// could pass if a threshold or sources were ignored.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginCheck {
    /// The client's own name for the check. The same name resumes the check, also on another connection.
    #[schema(min_length = 1, max_length = 64)]
    pub check_id: String,
    /// The text that the output is checked against, or its beginning: the rest follows in pieces if it does not fit
    /// into one message.
    #[serde(default)]
    #[schema(max_length = 200_000)]
    pub source_text: String,
    /// The question that the output answers.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub question: Option<String>,
    /// The names of the judges for the check of the whole output at the end. Default: the server's default judges.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// The time limit for the check of the whole output, in milliseconds.
    #[serde(default)]
    #[schema(minimum = 50, maximum = 8000, default = 300)]
    pub budget_ms: Option<u64>,
    /// The threshold, as in `POST /check`.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    pub threshold: Option<f64>,
    /// True to accept missing judges, as in `POST /check`.
    #[serde(default)]
    pub accept_missing: bool,
}

/// The data of `add_to_check`. An unknown field is an error, as in `begin_check`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddToCheck {
    /// The name of the check.
    pub check_id: String,
    /// The number of the piece, from 0. A piece that was received before changes nothing.
    pub piece: u32,
    /// The next part of the text; it may be empty if it is the last one.
    #[serde(default)]
    pub text: String,
    /// The text that the piece belongs to.
    #[serde(default)]
    pub part: Part,
    /// True if the output ends with this piece: then the whole output is checked.
    #[serde(default)]
    pub last: bool,
}

/// The data of `check_progress`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CheckProgress {
    /// The name of the check.
    pub check_id: String,
    /// The number of the next expected piece: all pieces before it were received.
    pub next_piece: u32,
    /// The claims that the verifier decided with this piece. After `begin_check`, and after a piece that was received
    /// before, all claims decided so far.
    pub claims: Vec<ClaimView>,
    /// The check of the whole output once its last piece was received, as `POST /check` returns it. It replaces what
    /// was said of single claims before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<CheckView>>,
}

/// Maximum time limit for the check of the whole, in milliseconds: a command has to be answered
/// within ten seconds.
const LONGEST_BUDGET_MS: u64 = 8_000;

impl BeginCheck {
    /// # Errors
    /// `validation`, with every value that is not allowed.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        faults.extend(text_fault(
            "/data/check_id",
            &self.check_id,
            1,
            MAX_ID_CHARS,
        ));
        let source = &self.source_text;
        faults.extend(text_fault(
            "/data/source_text",
            source,
            FROM_NOTHING,
            MAX_SOURCE_CHARS,
        ));
        if let Some(question) = &self.question {
            faults.extend(text_fault(
                "/data/question",
                question,
                0,
                MAX_QUESTION_CHARS,
            ));
        }
        if self
            .budget_ms
            .is_some_and(|ms| !(50..=LONGEST_BUDGET_MS).contains(&ms))
        {
            let detail = format!("must be 50 to {LONGEST_BUDGET_MS}");
            faults.push(FieldError::new("/data/budget_ms", detail));
        }
        faults.extend(judges_fault("/data/judges", self.judges.as_deref()));
        faults.extend(threshold_fault("/data/threshold", self.threshold));
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(Refusal::invalid(faults))
        }
    }

    /// Creates the request for the check of the complete text.
    pub(crate) fn request(&self, source: &str, candidate: &str) -> CheckRequest {
        CheckRequest {
            source_text: source.to_owned(),
            sources: Vec::new(),
            candidate_output: candidate.to_owned(),
            question: self.question.clone(),
            judges: self.judges.clone(),
            budget_ms: self.budget_ms,
            threshold: self.threshold,
            keep: false,
            accept_missing: self.accept_missing,
        }
    }
}

impl AddToCheck {
    /// # Errors
    /// `validation`, with every value that is not allowed.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        faults.extend(text_fault(
            "/data/check_id",
            &self.check_id,
            1,
            MAX_ID_CHARS,
        ));
        faults.extend(text_fault("/data/text", &self.text, 0, MAX_CANDIDATE_CHARS));
        if self.piece >= MAX_PIECES {
            let detail = format!("must be below {MAX_PIECES}: send larger pieces");
            faults.push(FieldError::new("/data/piece", detail));
        }
        if self.last && self.part == Part::Source {
            let detail = "ends the candidate, and this piece is of the source";
            faults.push(FieldError::new("/data/last", detail));
        }
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(Refusal::invalid(faults))
        }
    }
}

#[cfg(test)]
#[path = "tests/check.rs"]
mod tests;
