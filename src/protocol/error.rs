//! The closed list of error codes, the close codes of the socket, and the refusal of a request.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every public error code. REST and the socket use the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, not an envelope, or not the right kind of request.
    BadRequest,
    /// A command that does not exist.
    UnknownType,
    /// Well formed, but a value is not allowed.
    Validation,
    /// Larger than the limit.
    PayloadTooLarge,
    /// No token, or one that is not good.
    Unauthenticated,
    /// Wrong user name or password.
    InvalidCredentials,
    /// New accounts are not taken.
    RegistrationClosed,
    /// Somebody has that user name.
    UsernameTaken,
    /// Somebody has that email address.
    EmailTaken,
    /// Known, but not allowed.
    Forbidden,
    /// Does not exist, or belongs to somebody else.
    NotFound,
    /// The connection is not in that session.
    NotJoined,
    /// The evaluation has a live run.
    EvaluationInProgress,
    /// The evaluation has no live run.
    NotRunning,
    /// A fixed limit is reached.
    LimitExceeded,
    /// The token's time is over: refresh it.
    TokenExpired,
    /// Too many in too short a time.
    RateLimited,
    /// Too busy, or the database can't be reached.
    Overloaded,
    /// Shutting down.
    Draining,
    /// A fault of ours.
    Internal,
}

impl ErrorCode {
    /// All codes, in the order of the protocol's documentation.
    pub const ALL: [Self; 20] = [
        Self::BadRequest,
        Self::UnknownType,
        Self::Validation,
        Self::PayloadTooLarge,
        Self::Unauthenticated,
        Self::InvalidCredentials,
        Self::RegistrationClosed,
        Self::UsernameTaken,
        Self::EmailTaken,
        Self::Forbidden,
        Self::NotFound,
        Self::NotJoined,
        Self::EvaluationInProgress,
        Self::NotRunning,
        Self::LimitExceeded,
        Self::TokenExpired,
        Self::RateLimited,
        Self::Overloaded,
        Self::Draining,
        Self::Internal,
    ];

    /// The code's name on the wire.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status of a REST response with this code.
    pub const fn http_status(self) -> u16 {
        self.row().1
    }

    /// Returns true if the same request can succeed later without a change.
    pub const fn retryable(self) -> bool {
        self.row().2
    }

    /// A short title for people, without details of the single case.
    pub const fn title(self) -> &'static str {
        self.row().3
    }

    const fn row(self) -> (&'static str, u16, bool, &'static str) {
        match self {
            Self::BadRequest => ("bad_request", 400, false, "The request can't be read"),
            Self::UnknownType => ("unknown_type", 400, false, "There is no such command"),
            Self::Validation => ("validation", 422, false, "A value is not allowed"),
            Self::PayloadTooLarge => ("payload_too_large", 413, false, "The request is too large"),
            Self::Unauthenticated => (
                "unauthenticated",
                401,
                false,
                "A valid access token is needed",
            ),
            Self::InvalidCredentials => (
                "invalid_credentials",
                401,
                false,
                "Wrong user name or password",
            ),
            Self::RegistrationClosed => {
                ("registration_closed", 403, false, "Registration is closed")
            }
            Self::UsernameTaken => ("username_taken", 409, false, "The user name is taken"),
            Self::EmailTaken => ("email_taken", 409, false, "The email address is taken"),
            Self::Forbidden => ("forbidden", 403, false, "Not allowed"),
            Self::NotFound => ("not_found", 404, false, "Not found"),
            Self::NotJoined => ("not_joined", 409, false, "Not in this session"),
            Self::EvaluationInProgress => (
                "evaluation_in_progress",
                409,
                false,
                "The evaluation is running",
            ),
            Self::NotRunning => ("not_running", 409, false, "The evaluation is not running"),
            Self::LimitExceeded => ("limit_exceeded", 409, false, "A limit is reached"),
            Self::TokenExpired => ("token_expired", 401, false, "The access token has expired"),
            Self::RateLimited => ("rate_limited", 429, true, "Too many requests"),
            Self::Overloaded => ("overloaded", 503, true, "Too busy right now"),
            Self::Draining => ("draining", 503, true, "The server is shutting down"),
            Self::Internal => ("internal", 500, true, "Something went wrong on our side"),
        }
    }
}

/// Refusals for which HTTP has a more specific status than that of their error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Finer {
    /// The resource does not support this method.
    MethodNotAllowed,
    /// The client accepts no format in which the response is available.
    NotAcceptable,
    /// The body did not arrive in time.
    TooSlow,
    /// The media type of the body is not supported.
    UnsupportedMediaType,
    /// The resource is available only through WebSocket.
    UpgradeRequired,
    /// The request's header section is too large.
    HeadTooLarge,
    /// The user has reached the maximum number of event streams and sockets.
    TooManyStreams,
}

impl Finer {
    pub(crate) const ALL: [Self; 7] = [
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::TooSlow,
        Self::UnsupportedMediaType,
        Self::UpgradeRequired,
        Self::HeadTooLarge,
        Self::TooManyStreams,
    ];

    /// The error code of the response.
    pub(crate) const fn code(self) -> ErrorCode {
        self.row().0
    }

    /// The HTTP status, which replaces that of the code.
    pub(crate) const fn http_status(self) -> u16 {
        self.row().1
    }

    /// Finds the variant with this code and status, if there is one.
    pub(crate) fn of(code: ErrorCode, status: u16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|finer| finer.row() == (code, status))
    }

    const fn row(self) -> (ErrorCode, u16) {
        match self {
            Self::MethodNotAllowed => (ErrorCode::BadRequest, 405),
            Self::NotAcceptable => (ErrorCode::BadRequest, 406),
            Self::TooSlow => (ErrorCode::BadRequest, 408),
            Self::UnsupportedMediaType => (ErrorCode::BadRequest, 415),
            Self::UpgradeRequired => (ErrorCode::BadRequest, 426),
            Self::HeadTooLarge => (ErrorCode::BadRequest, 431),
            Self::TooManyStreams => (ErrorCode::LimitExceeded, 429),
        }
    }
}

/// The reasons for which the server closes a socket; their close codes are part of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The connection ends without a fault.
    GoingAway,
    /// The client sent a binary message.
    Unsupported,
    /// The client sent a message over the size limit.
    TooBig,
    /// The server is stopping, and its drain has ended.
    Restart,
    /// The access token has expired.
    TokenExpired,
    /// The client did not authenticate, or did not answer a ping, in time.
    TimedOut,
    /// The client sent far too many commands or control frames.
    RateAbuse,
    /// The client violated the protocol.
    ProtocolViolation,
    /// The token is invalid.
    BadToken,
    /// The login or the key was revoked, or the new token belongs to another user.
    Revoked,
    /// The user has too many connections.
    TooManyConnections,
}

impl CloseReason {
    /// All reasons; a test compares them with the table in the documentation.
    pub const ALL: [Self; 11] = [
        Self::GoingAway,
        Self::Unsupported,
        Self::TooBig,
        Self::Restart,
        Self::TokenExpired,
        Self::TimedOut,
        Self::RateAbuse,
        Self::ProtocolViolation,
        Self::BadToken,
        Self::Revoked,
        Self::TooManyConnections,
    ];

    /// The numeric close code.
    pub const fn code(self) -> u16 {
        self.row().0
    }

    /// The text of the close frame.
    pub const fn text(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (u16, &'static str) {
        match self {
            Self::GoingAway => (1001, "going away"),
            Self::Unsupported => (1003, "text messages only"),
            Self::TooBig => (1009, "message too big"),
            Self::Restart => (1012, "restarting"),
            Self::TokenExpired => (4401, "token expired"),
            Self::TimedOut => (4408, "timed out"),
            Self::RateAbuse => (4429, "rate abuse"),
            Self::ProtocolViolation => (4500, "protocol violation"),
            Self::BadToken => (4501, "bad token"),
            Self::Revoked => (4503, "revoked"),
            Self::TooManyConnections => (4504, "too many connections"),
        }
    }
}

/// Shortens the middle of a parser's message, which may quote everything that the client sent.
pub(crate) fn brief(sentence: &str) -> String {
    const HEAD: usize = 160;
    const TAIL: usize = 80;
    let length = sentence.chars().count();
    if length <= HEAD + TAIL {
        return sentence.to_owned();
    }
    let head: String = sentence.chars().take(HEAD).collect();
    let tail: String = sentence.chars().skip(length - TAIL).collect();
    format!("{head}…{tail}")
}

/// A value of a request that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FieldError {
    /// The JSON pointer (RFC 6901) to the value, or the name of the query parameter after a slash.
    pub pointer: String,
    /// The fault in words.
    pub detail: String,
}

impl FieldError {
    /// Creates a fault of the value at `pointer`.
    pub(crate) fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// The refusal of a request. REST and the socket each encode it in their own format.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub(crate) struct Refusal {
    pub code: ErrorCode,
    /// The message for people, without internal details.
    pub message: Cow<'static, str>,
    /// Time after which a retry makes sense; set for retryable codes.
    pub retry_after: Option<Duration>,
    /// The invalid values, for `validation`.
    pub fields: Vec<FieldError>,
    /// Machine-readable details, such as the live run's id for `evaluation_in_progress`.
    pub details: Option<serde_json::Value>,
    /// Set if HTTP has a more specific status than that of the code.
    pub finer: Option<Finer>,
}

impl Refusal {
    /// Creates a refusal of a code and a message. A retryable one asks the client to wait one
    /// second.
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: code.retryable().then_some(Duration::from_secs(1)),
            fields: Vec::new(),
            details: None,
            finer: None,
        }
    }

    /// Creates a refusal with a more specific HTTP status.
    pub(crate) fn finer(finer: Finer, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            finer: Some(finer),
            ..Self::new(finer.code(), message)
        }
    }

    /// Creates `not_found`. The message is the same for an evaluation that does not exist and one
    /// of another user, so that it reveals nothing.
    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "there is no such evaluation")
    }

    /// Creates `internal`. The caller logs the cause, which is not for the client.
    pub(crate) fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "something went wrong on our side; the log has the details",
        )
    }

    /// Creates `validation` with one or more faults.
    pub(crate) fn invalid(fields: Vec<FieldError>) -> Self {
        let message = match fields.as_slice() {
            // The empty pointer refers to the whole body.
            [one] if one.pointer.is_empty() => one.detail.to_string(),
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} values are not allowed", many.len()),
        };
        Self {
            fields,
            ..Self::new(ErrorCode::Validation, message)
        }
    }

    /// Replaces the time after which a retry makes sense.
    #[must_use]
    pub(crate) fn after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// Adds machine-readable details.
    #[must_use]
    pub(crate) fn with_details(self, details: serde_json::Value) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }

    /// The HTTP status of the REST response.
    pub(crate) fn http_status(&self) -> u16 {
        self.finer
            .map_or(self.code.http_status(), Finer::http_status)
    }
}

#[cfg(test)]
#[path = "tests/error.rs"]
mod tests;
