//! Details of a language model's answer: its calls, its retries, and the parts of the
//! texts that were cut.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is kept of a language model's answer beside the answer; a part without content is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Details {
    /// What it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<PromptStamp>,
    /// What became of the passages that it quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<QuoteCheck>,
    /// Claims that it was to label and did not, or not so that it can be read; absent where there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlabelled: usize,
    /// True where its first answer could not be used, and a second was asked for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repaired: bool,
    /// True where its provider did not count tokens, and `usage` is the auditor's estimate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub usage_estimated: bool,
    /// The second asking, without the suspicious sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_look: Option<SecondLook>,
    /// Its own spread, where it was asked repeatedly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// Set where an answer was not asked for again: the age of the oldest one used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_age_ms: Option<u64>,
    /// The model that the provider says has answered, which may be a dated version of the configured one; absent where
    /// it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
const fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// Which prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromptStamp {
    /// Version of the rubric: the built-in one's, or a template file's name.
    pub version: String,
    /// SHA-256 of all that was sent, in hex.
    pub sha256: String,
}

/// Passages that a judge quoted, looked up in the text that they are said to be from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteCheck {
    /// Quotes given.
    pub given: usize,
    /// Of these, not found.
    pub missing: usize,
    /// Labels that became NOT_ENOUGH_INFO, because what they quote is not in the source.
    pub lowered: usize,
}

/// An asking without the sentences that speak to the judge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SecondLook {
    /// Score of the whole.
    pub with: f64,
    /// Score without them; null where that asking failed.
    pub without: Option<f64>,
    /// Sentences left out.
    pub left_out: usize,
}

/// Repeated askings of one judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Repeats {
    /// Each score, in the order of asking; null for an asking that failed.
    pub scores: Vec<Option<f64>>,
    /// Sample standard deviation; null for fewer than two scores.
    pub standard_deviation: Option<f64>,
}
