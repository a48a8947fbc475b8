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

/// Body of `POST /keys`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKey {
    /// What you call it, such as the program that gets it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"
    )]
    pub name: String,
    /// What it may do. `audit` holds `read`, and `manage` holds both.
    #[schema(min_items = 1, max_items = 3)]
    pub scopes: Vec<Scope>,
    /// For how many seconds it is taken; without it until it is revoked.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 60, maximum = 315_360_000)]
    pub expires_in_s: Option<u64>,
    /// The networks that it may come from, such as `192.0.2.0/24` or one address; without any from anywhere.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["192.0.2.0/24"]))]
    pub addresses: Vec<String>,
    /// US dollars that what it starts may cost on one day (UTC), within your account's budget; without it that
    /// alone counts.
    #[serde(default)]
    #[schema(exclusive_minimum = 0, maximum = 1_000_000_000)]
    pub day_usd: Option<f64>,
    /// Tokens, sent and received, that what it starts may use on one day (UTC).
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 2_000_000_000)]
    pub day_tokens: Option<u64>,
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
        faults
    }
}

/// A key, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// Revokes it.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// How it begins, so that you know it again.
    #[schema(example = "ja_4fQ7x")]
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The networks that it may come from; none: it may come from anywhere.
    pub addresses: Vec<String>,
    /// When it was made.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// From when on it is not taken; null: it is taken until it is revoked.
    #[serde(with = "rfc3339_millis::option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; null: never.
    #[serde(with = "rfc3339_millis::option")]
    pub last_used_at: Option<DateTime<Utc>>,
    /// US dollars that what it starts may cost on one day (UTC); null: as much as the account has.
    pub day_usd: Option<f64>,
    /// Tokens that what it starts may use on one day (UTC); null: as many as the account has.
    pub day_tokens: Option<u64>,
}

/// A new key, the only time that it is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewKeyView {
    /// The key itself, for `Authorization: Bearer`.
    #[schema(pattern = "^ja_[0-9A-Za-z]{49}$")]
    pub key: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub view: KeyView,
}

/// The user's keys that were not revoked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeysView {
    /// The oldest first.
    pub items: Vec<KeyView>,
}

#[cfg(test)]
#[path = "tests/api_keys.rs"]
mod tests;
