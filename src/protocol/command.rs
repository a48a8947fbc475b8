//! Commands that a client may send over the socket.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::domain::ids::SessionId;

use super::check::{AddToCheck, BeginCheck};
use super::error::{ErrorCode, FieldError, Refusal, brief};
use super::object::Object;

/// Longest `id` of a command, in characters.
pub(super) const MAX_ID_CHARS: usize = 64;

/// A decoded command.
#[derive(Debug)]
pub(crate) enum Command {
    /// Authenticates the connection, or renews its token.
    Authenticate {
        /// The access token or API key.
        token: String,
    },
    /// Starts watching a session.
    JoinSession {
        session_id: SessionId,
        /// The client's position in the session's log; `None` to receive only new events.
        position: Option<Position>,
    },
    /// Stops watching a session.
    LeaveSession {
        /// The session to stop watching.
        session_id: SessionId,
    },
    /// Starts a run of an evaluation.
    StartEvaluation {
        session_id: SessionId,
        /// An idempotency key: the same value again refers to the same start.
        client_request_id: Option<String>,
    },
    /// Cancels the live run of an evaluation.
    CancelEvaluation {
        /// The session of the evaluation.
        session_id: SessionId,
    },
    /// Begins to check an answer that is still being written, or resumes such a check.
    BeginCheck(Box<BeginCheck>),
    /// Adds the next piece of a text to a check.
    AddToCheck(AddToCheck),
    /// Requests a `pong`.
    Ping {
        /// Returned in the `pong`, with `server_time` added.
        data: Option<Value>,
    },
}

#[cfg(test)]
impl Command {
    /// The command's name on the wire.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Authenticate { .. } => "authenticate",
            Self::JoinSession { .. } => "join_session",
            Self::LeaveSession { .. } => "leave_session",
            Self::StartEvaluation { .. } => "start_evaluation",
            Self::CancelEvaluation { .. } => "cancel_evaluation",
            Self::BeginCheck(_) => "begin_check",
            Self::AddToCheck(_) => "add_to_check",
            Self::Ping { .. } => "ping",
        }
    }
}

/// A client's position in a session's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// The epoch of the log that the client has read; may be `None` only if `last_seq` is 0.
    pub epoch: Option<String>,
    /// Sequence number of the last event that the client has; 0 for none.
    pub last_seq: i64,
}

/// A decoded message: a command with the id that the client has given it.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Returned in the reply; at most [`MAX_ID_CHARS`] characters.
    pub id: Option<String>,
    /// The command, or the refusal to send back if the message is invalid.
    pub command: Result<Command, Refusal>,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(rename = "type")]
    kind: std::borrow::Cow<'a, str>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// The data of `authenticate`.
#[derive(Deserialize, ToSchema)]
pub(super) struct AuthenticateData {
    /// The access token (a JWT) or the API key.
    token: String,
}

/// The data of `join_session`.
#[derive(Deserialize, ToSchema)]
pub(super) struct JoinData {
    /// The id of the session to join.
    session_id: SessionId,
    /// The epoch of the log that the client knows; required if `last_seq` is greater than 0.
    #[serde(default)]
    epoch: Option<String>,
    /// The sequence number of the last event that the client has. Without it only events from now on are sent.
    #[serde(default)]
    #[schema(minimum = 0)]
    last_seq: Option<i64>,
}

/// The data of `leave_session` and `cancel_evaluation`.
#[derive(Deserialize, ToSchema)]
pub(super) struct SessionData {
    /// The id of the session.
    session_id: SessionId,
}

/// The data of `start_evaluation`.
#[derive(Deserialize, ToSchema)]
pub(super) struct StartData {
    /// The id of the session.
    session_id: SessionId,
    /// An idempotency key: a repeated request with the same value does not start a second run.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    client_request_id: Option<String>,
}

/// Decodes one text message. An invalid message yields a refusal to send back, with the command's
/// id if that could be read.
pub(crate) fn decode(text: &str) -> Envelope {
    let raw: Raw<'_> = match serde_json::from_str(text) {
        Ok(Object(raw)) => raw,
        Err(error) => {
            return Envelope {
                id: None,
                command: Err(unreadable(&error)),
            };
        }
    };
    let id = match raw.id {
        Some(id) if id.chars().count() > MAX_ID_CHARS => {
            let refusal = Refusal::new(ErrorCode::BadRequest, "id is longer than 64 characters");
            return Envelope {
                id: None,
                command: Err(refusal),
            };
        }
        id => id,
    };
    Envelope {
        id,
        command: decode_data(&raw.kind, raw.data),
    }
}

fn decode_data(kind: &str, data: Option<&RawValue>) -> Result<Command, Refusal> {
    Ok(match kind {
        "authenticate" => Command::Authenticate {
            token: parse::<AuthenticateData>(data)?.token,
        },
        "join_session" => join(parse(data)?)?,
        "leave_session" => Command::LeaveSession {
            session_id: parse::<SessionData>(data)?.session_id,
        },
        "start_evaluation" => {
            let StartData {
                session_id,
                client_request_id,
            } = parse(data)?;
            check_request_id(client_request_id.as_deref())?;
            Command::StartEvaluation {
                session_id,
                client_request_id,
            }
        }
        "cancel_evaluation" => Command::CancelEvaluation {
            session_id: parse::<SessionData>(data)?.session_id,
        },
        "begin_check" => Command::BeginCheck(Box::new(parse::<BeginCheck>(data)?.checked()?)),
        "add_to_check" => Command::AddToCheck(parse::<AddToCheck>(data)?.checked()?),
        "ping" => Command::Ping {
            // Data that is nested too deeply, or holds a number outside of the range of a double,
            // could not be returned.
            data: data
                .map(|raw| serde_json::from_str(raw.get()))
                .transpose()
                .map_err(|error| unreadable(&error))?,
        },
        other => {
            let shown: String = other.chars().take(MAX_ID_CHARS).collect();
            let message = format!("there is no command {shown:?}");
            return Err(Refusal::new(ErrorCode::UnknownType, message));
        }
    })
}

fn join(data: JoinData) -> Result<Command, Refusal> {
    let JoinData {
        session_id,
        epoch,
        last_seq,
    } = data;
    let position = match last_seq {
        None => None,
        Some(seq) if seq < 0 => {
            let fault = FieldError::new("/data/last_seq", "must not be negative");
            return Err(Refusal::invalid(vec![fault]));
        }
        Some(seq) if seq > 0 && epoch.is_none() => {
            let fault = FieldError::new("/data/epoch", "is needed with a last_seq over 0");
            return Err(Refusal::invalid(vec![fault]));
        }
        Some(last_seq) => Some(Position { epoch, last_seq }),
    };
    Ok(Command::JoinSession {
        session_id,
        position,
    })
}

/// Checks a `client_request_id`, for the socket and for REST.
///
/// # Errors
/// Returns `validation` if the id is empty, has over 128 characters or contains NUL.
pub(crate) fn check_request_id(value: Option<&str>) -> Result<(), Refusal> {
    match value {
        Some(id) if id.is_empty() || id.chars().count() > 128 || id.contains('\0') => {
            let fault = FieldError::new(
                "/client_request_id",
                "must have 1 to 128 characters, none of them NUL",
            );
            Err(Refusal::invalid(vec![fault]))
        }
        _ => Ok(()),
    }
}

fn parse<'a, T: Deserialize<'a>>(data: Option<&'a RawValue>) -> Result<T, Refusal> {
    let text = data.map_or("{}", RawValue::get);
    let parsed = serde_json::from_str(text).map(|Object(data)| data);
    parsed.map_err(|error| {
        Refusal::invalid(vec![FieldError::new(
            "/data",
            without_place(&error.to_string()),
        )])
    })
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    Refusal::new(
        ErrorCode::BadRequest,
        format!("not a command: {}", brief(&error.to_string())),
    )
}

/// Removes " at line … column …" from serde's message, since the position within a part of a
/// message helps nobody.
fn without_place(message: &str) -> String {
    brief(message.split(" at line ").next().unwrap_or(message))
}

#[cfg(test)]
#[path = "tests/command_properties.rs"]
mod properties;

#[cfg(test)]
#[path = "tests/command.rs"]
mod tests;
