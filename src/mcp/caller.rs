//! The caller of a tool, and its permissions.

use crate::domain::credential::Scope;
use crate::domain::ids::UserId;
use crate::protocol::error::Refusal;
use crate::service::Service;
use crate::service::accounts::unauthenticated;
use crate::service::grant::{Author, Grant};

#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    /// A user with an API key or an access token.
    Granted(Grant),
    /// The user who started this process, who may do everything.
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

    /// Checks that the caller has a scope.
    ///
    /// # Errors
    /// `forbidden`, which names the missing scope.
    pub(super) fn allows(&self, needed: Scope) -> Result<(), Refusal> {
        match self {
            Self::Granted(grant) => grant.allows(needed),
            Self::Local(_) => Ok(()),
        }
    }

    /// Checks that the caller's key or login is still valid.
    ///
    /// # Errors
    /// `unauthenticated`, and errors of the database.
    pub(super) async fn check_validity(&self, service: &Service) -> Result<(), Refusal> {
        let Self::Granted(grant) = self else {
            return Ok(());
        };
        if !grant.has_expired() && service.is_still_valid(grant).await? {
            return Ok(());
        }
        Err(unauthenticated())
    }
}
