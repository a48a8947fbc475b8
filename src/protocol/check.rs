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

/// Which text a piece belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// The source; only before the candidate's first piece.
    Source,
    /// The model's output.
    #[default]
    Candidate,
}

/// Data of `begin_check`. Other than in the other commands an unknown field is an error, as it is for
/// `POST /check`: a threshold or sources that were left out in silence would let an answer pass.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginCheck {
    /// The client's own name for the check; with the same name it is taken up again, on another connection too.
    #[schema(min_length = 1, max_length = 64)]
    pub check_id: String,
    /// What the output has to hold to, or the beginning of it: what does not fit a message comes in pieces.
    #[serde(default)]
    #[schema(max_length = 200_000)]
    pub source_text: String,
    /// The question that the output answers.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub question: Option<String>,
    /// Names of judges that the whole is checked by at its end; the server's default ones where none is named.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// Milliseconds that the check of the whole may take.
    #[serde(default)]
    #[schema(minimum = 50, maximum = 8000, default = 300)]
    pub budget_ms: Option<u64>,
    /// As for `POST /check`.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    pub threshold: Option<f64>,
    /// As for `POST /check`.
    #[serde(default)]
    pub accept_missing: bool,
}

/// Data of `add_to_check`. An unknown field is an error here too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddToCheck {
    /// Which check.
    pub check_id: String,
    /// Number of the piece, from 0. One that has come before changes nothing.
    pub piece: u32,
    /// The next part of the text; may be empty where it is the last one.
    #[serde(default)]
    pub text: String,
    /// Which text it belongs to.
    #[serde(default)]
    pub part: Part,
    /// Whether the candidate ends with it: then all of it is checked.
    #[serde(default)]
    pub last: bool,
}

/// Data of `check_progress`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CheckProgress {
    /// Which check.
    pub check_id: String,
    /// Number of the piece that comes next: what is before it has come.
    pub next_piece: u32,
    /// Claims that were decided with this piece, by the verifier alone; all up to now in answer to `begin_check`, and
    /// to a piece that has come before.
    pub claims: Vec<ClaimView>,
    /// The check of the whole, once its last piece has come; as `POST /check` answers. It counts, whatever was said of
    /// single claims before.
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
        let below =
            |fault: FieldError| FieldError::new(format!("/data{}", fault.pointer), fault.detail);
        faults.extend(judges_fault(self.judges.as_deref()).map(below));
        faults.extend(threshold_fault(self.threshold).map(below));
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
