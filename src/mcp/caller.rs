//! Who calls tools, and what of them.

use crate::domain::credential::Scope;
use crate::domain::ids::UserId;
use crate::protocol::error::Refusal;
use crate::service::Service;
use crate::service::accounts::unauthenticated;
use crate::service::grant::{Author, Grant};

/// Whoever calls tools.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    /// Somebody with a key or an access token.
    Granted(Grant),
    /// Whoever started this process: everything is theirs.
    Local(UserId),
}

impl Caller {
    pub(super) const fn user(&self) -> UserId {
        match self {
            Self::Granted(grant) => grant.user,
            Self::Local(user) => *user,
        }
    }

    pub(super) fn author(&self) -> Author {
        match self {
            Self::Granted(grant) => grant.into(),
            Self::Local(user) => (*user).into(),
        }
    }

    /// Lets pass what that scope allows.
    ///
    /// # Errors
    /// `forbidden`, which names the scope that is missing.
    pub(super) fn allows(&self, needed: Scope) -> Result<(), Refusal> {
        match self {
            Self::Granted(grant) => grant.allows(needed),
            Self::Local(_) => Ok(()),
        }
    }

    /// Lets pass whose key or login still stands.
    ///
    /// # Errors
    /// `unauthenticated`; the database's.
    pub(super) async fn still_stands(&self, service: &Service) -> Result<(), Refusal> {
        let Self::Granted(grant) = self else {
            return Ok(());
        };
        if !grant.has_expired() && service.still_stands(grant).await? {
            return Ok(());
        }
        Err(unauthenticated())
    }
}
