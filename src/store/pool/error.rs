//! The error type of the whole layer, and the conversion of the databases' own errors into it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// The reason why an operation of the store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The row does not exist, or does not belong to the caller.
    #[error("not found")]
    NotFound,
    /// The value of a unique field is already taken.
    #[error("{0} is taken already")]
    Duplicate(&'static str),
    /// The database cannot be used at the moment: it is unreachable, full, read-only or too busy.
    /// The same call may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection was lost during COMMIT, so the change may or may not have been made.
    #[error("the database went away during a commit: {0}")]
    InDoubt(String),
    /// The database refused the statement, or a stored value cannot be parsed. Retrying does not
    /// help.
    #[error("the database refused: {0}")]
    Query(String),
}

impl StoreError {
    /// Returns the error of operations in the name of a node that was declared dead.
    pub(crate) fn no_such_node() -> Self {
        Self::Unavailable("this node was taken for dead and begins anew".to_owned())
    }

    /// Returns whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::InDoubt(_))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => from_database(&kind, info.as_ref()),
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection broke inside a transaction".to_owned())
            }
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            other => Self::Query(other.to_string()),
        }
    }
}

fn from_database(kind: &DatabaseErrorKind, info: &dyn DatabaseErrorInformation) -> StoreError {
    let message = info.message().trim().to_owned();
    match kind {
        DatabaseErrorKind::UniqueViolation => {
            match taken_field(info.constraint_name().unwrap_or(&message)) {
                Some(field) => StoreError::Duplicate(field),
                None => StoreError::Query(message),
            }
        }
        // The parent of the row was deleted after it was looked up.
        DatabaseErrorKind::ForeignKeyViolation => StoreError::NotFound,
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::SerializationFailure
        | DatabaseErrorKind::ReadOnlyTransaction => StoreError::Unavailable(message),
        _ if is_transient(&message) => StoreError::Unavailable(message),
        _ => StoreError::Query(message),
    }
}

/// PostgreSQL reports the constraint, SQLite the text `UNIQUE constraint failed:
/// users.email_lower`.
fn taken_field(constraint: &str) -> Option<&'static str> {
    [
        ("username_lower", "username"),
        ("email_lower", "email"),
        ("client_request", "client_request_id"),
        ("_pkey", "id"),
        (".id", "id"),
    ]
    .into_iter()
    .find(|(mark, _)| constraint.contains(mark))
    .map(|(_, field)| field)
}

/// Diesel exposes neither SQLSTATE nor SQLite's result code for other errors, so their texts have
/// to do. Those of SQLite and libpq are never translated, and those of PostgreSQL are not on our
/// connections, see `super::language`. Cases that are missing here are caught by the ping that
/// follows a refused statement, see `Store`.
fn is_transient(message: &str) -> bool {
    const SIGNS: [&str; 22] = [
        // SQLite
        "database is locked",
        "database table is locked",
        "database or disk is full",
        "readonly database",
        "disk i/o error",
        "unable to open database file",
        // libpq
        "server closed the connection",
        "connection to server",
        "could not connect",
        "no connection to the server",
        "connection has been closed",
        "could not receive data",
        "could not send data",
        // PostgreSQL: 57P01 to 57P05, 53300, 40P01, 55P03, 57014, 53100, 25006
        "terminating connection",
        "the database system is",
        "too many clients",
        "remaining connection slots",
        "deadlock detected",
        "due to lock timeout",
        "due to statement timeout",
        "no space left on device",
        "read-only transaction",
    ];
    let message = message.to_lowercase();
    SIGNS.iter().any(|sign| message.contains(sign))
}

#[cfg(test)]
#[path = "tests/error.rs"]
mod tests;
