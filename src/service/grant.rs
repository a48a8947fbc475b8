//! What a good token or key grants: whose it is, how far it reaches, and until when.

use chrono::{DateTime, Utc};

use crate::domain::credential::{Credential, Scope};
use crate::domain::ids::{ApiKeyId, FamilyId, UserId};
use crate::protocol::error::{CloseReason, ErrorCode, Refusal};

use super::tokens::Access;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub user: UserId,
    pub credential: Credential,
    /// None: everything that the user can do.
    scope: Option<Scope>,
    /// From when on it grants nothing; none: only its end by somebody ends it.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Grant {
    pub(crate) fn of_login(access: Access) -> Self {
        Self {
            user: access.user,
            credential: Credential::Login(access.family),
            scope: None,
            expires_at: Some(access.expires_at),
        }
    }

    pub(crate) fn of_key(
        user: UserId,
        key: ApiKeyId,
        scope: Scope,
        expires_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            user,
            credential: Credential::Key(key),
            scope: Some(scope),
            expires_at,
        }
    }

    /// Lets pass what that scope allows.
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

    /// The login, where it is one.
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

    /// Whether its time is over. A slow reader's mailbox comes before the actor's timers, so that whoever hands
    /// an event out looks.
    pub(crate) fn has_expired(&self) -> bool {
        self.expires_at.is_some_and(|end| end <= Utc::now())
    }

    /// How a connection ends when its time is over. A token can be renewed, a key can't.
    pub(crate) fn at_its_end(&self) -> CloseReason {
        match self.credential {
            Credential::Login(_) => CloseReason::TokenExpired,
            Credential::Key(_) => CloseReason::Revoked,
        }
    }
}

/// In whose name an evaluation is made or started, and by which key: what its runs use is counted for both.
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

/// Without a key: somebody at this machine.
impl From<UserId> for Author {
    fn from(user: UserId) -> Self {
        Self {
            user,
            api_key: None,
        }
    }
}
