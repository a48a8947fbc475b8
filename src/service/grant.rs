//! The rights that a valid token or API key grants: its user, its scope and its expiry.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::domain::credential::{Credential, Scope};
use crate::domain::ids::{ApiKeyId, FamilyId, UserId};
use crate::protocol::error::{CloseReason, ErrorCode, Refusal};

use super::tokens::Access;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub user: UserId,
    pub credential: Credential,
    /// `None` grants everything that the user may do.
    scope: Option<Scope>,
    /// The time of expiry. `None` means that the grant is valid until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// Requests per minute that the owner of an API key allows it; `None` means no rate of its own.
    pub per_minute: Option<NonZeroU32>,
}

impl Grant {
    pub(crate) fn of_login(access: Access) -> Self {
        Self {
            user: access.user,
            credential: Credential::Login(access.family),
            scope: None,
            expires_at: Some(access.expires_at),
            per_minute: None,
        }
    }

    pub(crate) fn of_key(
        user: UserId,
        key: ApiKeyId,
        scope: Scope,
        expires_at: Option<DateTime<Utc>>,
        per_minute: Option<NonZeroU32>,
    ) -> Self {
        Self {
            user,
            credential: Credential::Key(key),
            scope: Some(scope),
            expires_at,
            per_minute,
        }
    }

    /// Accepts a grant that includes the scope `needed`.
    ///
    /// # Errors
    /// `forbidden`, which names the scope that is missing.
    pub(crate) fn allows(&self, needed: Scope) -> Result<(), Refusal> {
        match self.scope {
            Some(has) if has < needed => {
                let message = format!(
                    "this API key has the scope \"{has}\", and this needs the scope \"{needed}\""
                );
                Err(Refusal::new(ErrorCode::Forbidden, message))
            }
            _ => Ok(()),
        }
    }

    /// Returns the login of the grant.
    ///
    /// # Errors
    /// `forbidden` for a key.
    pub(crate) fn login(&self) -> Result<FamilyId, Refusal> {
        match self.credential {
            Credential::Login(family) => Ok(family),
            Credential::Key(_) => {
                let message = "an API key can't do this, whatever its scopes: it needs a login";
                Err(Refusal::new(ErrorCode::Forbidden, message))
            }
        }
    }

    /// Returns whether the grant has expired. Every delivery of an event checks it, since the
    /// mailbox of a slow reader is handled before the actor's timers.
    pub(crate) fn has_expired(&self) -> bool {
        self.expires_at.is_some_and(|end| end <= Utc::now())
    }

    /// Returns the close reason for a connection whose grant has expired: a token can be renewed, a
    /// key cannot.
    pub(crate) fn close_reason(&self) -> CloseReason {
        match self.credential {
            Credential::Login(_) => CloseReason::TokenExpired,
            Credential::Key(_) => CloseReason::Revoked,
        }
    }
}

/// The user in whose name an evaluation is created or started, and the API key by which it is, if
/// any. The usage of its runs is counted for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Author {
    pub user: UserId,
    pub api_key: Option<ApiKeyId>,
}

impl From<&Grant> for Author {
    fn from(grant: &Grant) -> Self {
        let api_key = match grant.credential {
            Credential::Login(_) => None,
            Credential::Key(key) => Some(key),
        };
        Self {
            user: grant.user,
            api_key,
        }
    }
}

/// An author without a key: an operator on the command line.
impl From<UserId> for Author {
    fn from(user: UserId) -> Self {
        Self {
            user,
            api_key: None,
        }
    }
}
