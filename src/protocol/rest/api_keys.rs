//! Bodies of the requests and responses on API keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluations::whole;
use crate::domain::credential::Scope;
use crate::domain::ids::ApiKeyId;
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

/// Maximum length of a key's name, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Maximum number of networks per key.
const MAX_ADDRESSES: usize = 20;

/// Maximum lifetime in seconds: ten years. A key without an expiry lasts until it is revoked.
const MAX_LIFETIME_S: u64 = 315_360_000;

/// Maximum daily budget of a key, in US dollars and in tokens.
const MAX_DAY_USD: f64 = 1_000_000_000.0;
const MAX_DAY_TOKENS: u64 = 2_000_000_000;

/// Maximum rate of a key, in requests per minute.
const MAX_PER_MINUTE: u64 = 1_000_000;

/// The body of `POST /keys`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKey {
    /// The key's name, such as the name of the program that uses it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"
    )]
    pub name: String,
    /// The scopes of the key. `audit` includes `read`, and `manage` includes both.
    #[schema(min_items = 1, max_items = 3)]
    pub scopes: Vec<Scope>,
    /// The lifetime of the key in seconds; without it the key is valid until it is revoked.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 60, maximum = 315_360_000)]
    pub expires_in_s: Option<u64>,
    /// The networks that requests with the key may come from, such as `192.0.2.0/24`, or single addresses; empty
    /// allows any.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["192.0.2.0/24"]))]
    pub addresses: Vec<String>,
    /// The daily budget (UTC) in US dollars of what the key starts, within the account's own budget. Default: the
    /// account's budget only.
    #[serde(default)]
    #[schema(exclusive_minimum = 0, maximum = 1_000_000_000)]
    pub day_usd: Option<f64>,
    /// The daily budget (UTC) in tokens, sent and received, of what the key starts. Default: the account's budget only.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 2_000_000_000)]
    pub day_tokens: Option<u64>,
    /// The number of requests per minute with the key: calls, opened connections, and commands of the socket except
    /// `ping`. Each node counts separately. Default: the account's limits only.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub per_minute: Option<u64>,
}

impl CreateKey {
    /// Returns a fault for each invalid value; empty if all are valid. Only the number of networks
    /// is checked, not their form.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let length = self.name.chars().count();
        if !(1..=MAX_NAME_CHARS).contains(&length)
            || self.name.trim().is_empty()
            || self.name.chars().any(char::is_control)
        {
            let detail = "must be 1 to 100 characters that can be seen, on one line";
            faults.push(FieldError::new("/name", detail));
        }
        if !(1..=Scope::ALL.len()).contains(&self.scopes.len()) {
            let detail = "must be one or more of read, audit and manage, each once";
            faults.push(FieldError::new("/scopes", detail));
        }
        let lifetime = self.expires_in_s.unwrap_or(MAX_LIFETIME_S);
        if !(60..=MAX_LIFETIME_S).contains(&lifetime) {
            faults.push(FieldError::new("/expires_in_s", "must be 60 to 315360000"));
        }
        if self.addresses.len() > MAX_ADDRESSES {
            faults.push(FieldError::new("/addresses", "must be at most 20 networks"));
        }
        let is_budget = |usd: f64| usd > 0.0 && usd <= MAX_DAY_USD;
        if !self.day_usd.is_none_or(is_budget) {
            let detail = "must be above 0, up to 1000000000";
            faults.push(FieldError::new("/day_usd", detail));
        }
        let tokens = self.day_tokens.unwrap_or(1);
        if !(1..=MAX_DAY_TOKENS).contains(&tokens) {
            let detail = format!("must be 1 to {MAX_DAY_TOKENS}");
            faults.push(FieldError::new("/day_tokens", detail));
        }
        let per_minute = self.per_minute.unwrap_or(1);
        if !(1..=MAX_PER_MINUTE).contains(&per_minute) {
            let detail = format!("must be 1 to {MAX_PER_MINUTE}");
            faults.push(FieldError::new("/per_minute", detail));
        }
        faults
    }
}

/// An API key without its secret text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// The key's id, by which it is revoked.
    pub id: ApiKeyId,
    /// The key's name.
    pub name: String,
    /// The beginning of the key, by which its owner recognizes it.
    #[schema(example = "ja_4fQ7x")]
    pub prefix: String,
    /// The scopes of the key.
    pub scopes: Vec<Scope>,
    /// The networks that requests with the key may come from; empty allows any.
    pub addresses: Vec<String>,
    /// The time at which the key was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which the key expires; null if it is valid until it is revoked.
    #[serde(with = "rfc3339_millis::option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The time at which the key was last used, to the minute; null if it was never used.
    #[serde(with = "rfc3339_millis::option")]
    pub last_used_at: Option<DateTime<Utc>>,
    /// The daily budget (UTC) in US dollars of what the key starts; null for the account's budget only.
    pub day_usd: Option<f64>,
    /// The daily budget (UTC) in tokens of what the key starts; null for the account's budget only.
    pub day_tokens: Option<u64>,
    /// The number of requests per minute with the key; null for the account's limits only.
    pub per_minute: Option<u32>,
}

/// A new key with its text, which is returned only once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewKeyView {
    /// The key itself, for the header `Authorization: Bearer`.
    #[schema(pattern = "^ja_[0-9A-Za-z]{49}$")]
    pub key: String,
    /// The stored data of the key.
    #[serde(flatten)]
    pub view: KeyView,
}

/// The account's API keys that are not revoked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeysView {
    /// The keys, the oldest first.
    pub items: Vec<KeyView>,
}

#[cfg(test)]
#[path = "tests/api_keys.rs"]
mod tests;
