//! Credentials and the scope of what they allow.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::{ApiKeyId, FamilyId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    Login(FamilyId),
    Key(ApiKeyId),
}

/// What a key's runs and checks may use of one day (UTC); `None` means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct DayBudget {
    /// Tokens, sent and received.
    pub tokens: Option<u64>,
    /// US dollars.
    pub usd: Option<f64>,
}

/// The scope of an API key. Each scope includes the ones before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Read everything, and watch runs.
    Read,
    /// Also make, start and cancel evaluations, and say what is right or wrong in them.
    Audit,
    /// Also delete, share, set preferences, keep collections, and list and revoke keys.
    Manage,
}

impl Scope {
    pub(crate) const ALL: [Self; 3] = [Self::Read, Self::Audit, Self::Manage];

    /// The name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Audit => "audit",
            Self::Manage => "manage",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| "known are read, audit and manage".to_owned())
    }
}
