//! The table of the scope that an API key needs for each route. A private route that is missing
//! from it accepts no key.

use crate::domain::credential::Scope;
use crate::protocol::error::Refusal;
use crate::service::grant::Grant;

/// The permission that a route requires of a request that is authenticated by an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// A key with this scope, or with one that includes it.
    Scope(Scope),
    /// API keys are refused; only a login will do.
    Login,
}

const READ: Needs = Needs::Scope(Scope::Read);
const AUDIT: Needs = Needs::Scope(Scope::Audit);
const MANAGE: Needs = Needs::Scope(Scope::Manage);

/// Method, path below the base, and what it needs. To read needs `read`, also where it takes a POST; to have
/// something judged, and to say what is right or wrong in it, `audit`; to delete, to give away and to set up
/// `manage`. Whatever would give a key more than it has, or outlive it, needs a login.
pub(crate) const ROUTES: [(&str, &str, Needs); 40] = [
    ("GET", "/auth/me", READ),
    ("POST", "/auth/password", Needs::Login),
    ("POST", "/auth/delete", Needs::Login),
    ("GET", "/auth/export", Needs::Login),
    ("POST", "/keys", Needs::Login),
    ("GET", "/keys", MANAGE),
    ("DELETE", "/keys/{id}", MANAGE),
    ("POST", "/check", AUDIT),
    ("POST", "/evaluations", AUDIT),
    ("GET", "/evaluations", READ),
    ("GET", "/evaluations/{id}", READ),
    ("PATCH", "/evaluations/{id}", AUDIT),
    ("DELETE", "/evaluations/{id}", MANAGE),
    ("GET", "/evaluations/{id}/runs", READ),
    ("POST", "/evaluations/{id}/start", AUDIT),
    ("POST", "/evaluations/{id}/cancel", AUDIT),
    ("GET", "/evaluations/{id}/events", READ),
    ("GET", "/evaluations/{id}/export", READ),
    ("POST", "/evaluations/{id}/estimate", READ),
    ("POST", "/evaluations/{id}/shares", MANAGE),
    ("GET", "/evaluations/{id}/shares", READ),
    ("DELETE", "/evaluations/{id}/shares/{share_id}", MANAGE),
    ("POST", "/evaluations/{id}/feedback", AUDIT),
    ("GET", "/evaluations/{id}/feedback", READ),
    ("DELETE", "/evaluations/{id}/feedback/{feedback_id}", AUDIT),
    ("GET", "/tags", READ),
    ("GET", "/judges", READ),
    ("GET", "/preferences", READ),
    ("PUT", "/preferences", MANAGE),
    ("GET", "/statistics", READ),
    ("GET", "/usage", READ),
    ("POST", "/collections", MANAGE),
    ("GET", "/collections", READ),
    ("GET", "/collections/{id}", READ),
    ("DELETE", "/collections/{id}", MANAGE),
    ("POST", "/collections/{id}/documents", MANAGE),
    ("GET", "/collections/{id}/documents", READ),
    ("GET", "/collections/{id}/documents/{document_id}", READ),
    (
        "DELETE",
        "/collections/{id}/documents/{document_id}",
        MANAGE,
    ),
    ("GET", "/collections/{id}/search", READ),
];

/// Returns the permission that a route needs, by its pattern below the base.
pub(crate) fn needs(method: &str, pattern: &str) -> Needs {
    let found = ROUTES
        .iter()
        .find(|(verb, path, _)| *verb == method && *path == pattern);
    found.map_or(Needs::Login, |(_, _, needs)| *needs)
}

impl Needs {
    /// Accepts a grant that has the permission.
    ///
    /// # Errors
    /// `forbidden`, with a message that names the missing permission.
    pub(crate) fn check(self, grant: &Grant) -> Result<(), Refusal> {
        match self {
            Self::Scope(scope) => grant.allows(scope),
            Self::Login => grant.login().map(drop),
        }
    }

    /// Returns the name that the OpenAPI document uses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Scope(scope) => scope.as_str(),
            Self::Login => "login",
        }
    }
}
