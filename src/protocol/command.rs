//! What a client may say over the socket.

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
    /// Says who the client is, or renews its token.
    Authenticate {
        /// A JWT.
        token: String,
    },
    /// Starts watching a session.
    JoinSession {
        /// Which.
        session_id: SessionId,
        /// Where the client stands in its log; none: only what comes from now on.
        position: Option<Position>,
    },
    /// Stops watching it.
    LeaveSession {
        /// Which.
        session_id: SessionId,
    },
    /// Starts a run.
    StartEvaluation {
        /// Of which evaluation.
        session_id: SessionId,
        /// The same value again means the same start.
        client_request_id: Option<String>,
    },
    /// Ends the live run.
    CancelEvaluation {
        /// Of which evaluation.
        session_id: SessionId,
    },
    /// Begins to check an answer that is still being written, or takes it up again.
    BeginCheck(Box<BeginCheck>),
    /// Hands in the next piece of it.
    AddToCheck(AddToCheck),
    /// Asks for a pong.
    Ping {
        /// Comes back as it is.
        data: Option<Value>,
    },
}

#[cfg(test)]
impl Command {
    /// Its name on the wire.
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

/// Where a client stands in a session's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// The log's incarnation that the client knows; may be missing at 0.
    pub epoch: Option<String>,
    /// The last event it has.
    pub last_seq: i64,
}

/// A command with the client's own id for it.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Comes back in the reply.
    pub id: Option<String>,
    /// The command, or why it is refused.
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

/// Data of `authenticate`.
#[derive(Deserialize, ToSchema)]
pub(super) struct AuthenticateData {
    /// A JWT.
    token: String,
}

/// Data of `join_session`.
#[derive(Deserialize, ToSchema)]
pub(super) struct JoinData {
    /// Which session.
    session_id: SessionId,
    /// The log's incarnation that the client knows; needed with a `last_seq` over 0.
    #[serde(default)]
    epoch: Option<String>,
    /// The last event that the client has; without it only what comes from now on.
    #[serde(default)]
    #[schema(minimum = 0)]
    last_seq: Option<i64>,
}

/// Data of `leave_session` and `cancel_evaluation`.
#[derive(Deserialize, ToSchema)]
pub(super) struct SessionData {
    /// Which session.
    session_id: SessionId,
}

/// Data of `start_evaluation`.
#[derive(Deserialize, ToSchema)]
pub(super) struct StartData {
    /// Which session.
    session_id: SessionId,
    /// The same value again means the same start.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    client_request_id: Option<String>,
}

/// Decodes one text message. Never fails as a whole: what can't be read is a refusal to be sent back.
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
            // Nested too deep, or a number that no double holds: it could not be sent back.
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

/// Checks a `client_request_id`, for both doors.
///
/// # Errors
/// `validation` for an empty one, one of over 128 characters, or one with a NUL.
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

/// Serde's sentence without " at line … column …", which means nothing inside a part of the message.
fn without_place(message: &str) -> String {
    brief(message.split(" at line ").next().unwrap_or(message))
}

#[cfg(test)]
#[path = "tests/command_properties.rs"]
mod properties;

#[cfg(test)]
#[path = "tests/command.rs"]
mod tests;
