//! Details of a language model's answer: its calls, its retries, and the parts of the
//! texts that were cut.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a language model's answer came about. Parts that do not apply are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Details {
    /// The prompt that the judge was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<PromptStamp>,
    /// The passages that the judge quoted, and how many of them were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<QuoteCheck>,
    /// The number of claims for which the judge gave no readable label although it was asked to; absent if there is
    /// none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlabelled: usize,
    /// True if the first answer could not be used, so that a second was requested.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repaired: bool,
    /// True if the provider did not count tokens, so that `usage` is the auditor's estimate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub usage_estimated: bool,
    /// The second request, without the suspicious sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_look: Option<SecondLook>,
    /// The spread of the judge's scores, if it was asked several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// The age of the oldest cached answer that was used, in milliseconds; absent if no answer came from the cache.
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

/// The prompt of a judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromptStamp {
    /// The version of the rubric: the built-in one's, or the name of a template file.
    pub version: String,
    /// The SHA-256 of everything that was sent, in hexadecimal.
    pub sha256: String,
}

/// The passages that a judge quoted, looked up in the text that the judge says they are from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteCheck {
    /// The number of passages quoted.
    pub given: usize,
    /// The number of quoted passages that were not found.
    pub missing: usize,
    /// The number of labels that were lowered to NOT_ENOUGH_INFO because the passage quoted for them is not in the
    /// source.
    pub lowered: usize,
}

/// The scores of a judge with and without the sentences of the output that speak to the judge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SecondLook {
    /// The score of the whole output, 0..100.
    pub with: f64,
    /// The score without those sentences, 0..100; null if that request failed.
    pub without: Option<f64>,
    /// The number of sentences left out.
    pub left_out: usize,
}

/// The scores of a judge that was asked several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Repeats {
    /// The scores in the order of the requests, 0..100; null for a request that failed.
    pub scores: Vec<Option<f64>>,
    /// The sample standard deviation of the scores; null for fewer than two.
    pub standard_deviation: Option<f64>,
}
