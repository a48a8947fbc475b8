//! Messages of the server over the socket other than a session's events: replies and control
//! messages.

use bytestring::ByteString;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::ids::{ConnectionId, RunId, SessionId, UserId};
use crate::domain::run::Status;

use super::check::CheckProgress;
use super::error::Refusal;
use super::{rfc3339_millis, timestamp};

/// `welcome`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Welcome {
    /// Names this connection in logs.
    pub connection_id: ConnectionId,
    /// Who the server takes the client for.
    pub user: WelcomeUser,
    /// When the token or the API key ends; null for a key that lasts until it is revoked.
    #[serde(with = "rfc3339_millis::option")]
    pub token_expires_at: Option<DateTime<Utc>>,
    /// The server's clock.
    #[serde(with = "rfc3339_millis")]
    pub server_time: DateTime<Utc>,
    /// What the client has to keep to.
    pub limits: WelcomeLimits,
    /// How liveness is checked.
    pub heartbeat: WelcomeHeartbeat,
    /// How to come back.
    pub reconnect: WelcomeReconnect,
}

/// The user part of `welcome`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WelcomeUser {
    /// Account.
    pub id: UserId,
    /// Its name.
    pub username: String,
}

/// The limits of `welcome`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WelcomeLimits {
    /// Longest message, in bytes.
    pub max_message_bytes: usize,
    /// Sessions a connection may join.
    pub max_sessions: usize,
    /// Steady rate of commands.
    pub commands_per_second: u32,
    /// Events that a join replays at most.
    pub replay: i64,
}

/// The heartbeat of `welcome`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct WelcomeHeartbeat {
    /// How often the server pings.
    pub interval_ms: u64,
    /// How long it waits for any sign of life.
    pub timeout_ms: u64,
}

/// The back-off that `welcome` asks for.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct WelcomeReconnect {
    /// Shortest wait.
    pub min_ms: u64,
    /// Longest wait.
    pub max_ms: u64,
    /// `full`: a random wait between 0 and the current bound.
    #[schema(value_type = String, example = "full")]
    pub jitter: &'static str,
}

/// Why a join brings no replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotRecovered {
    /// The log is another one than the client knows.
    EpochMismatch,
    /// More missed than a join replays.
    TooFarBehind,
    /// The client claims to have events that do not exist.
    FuturePosition,
}

impl NotRecovered {
    /// The reason's name on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::EpochMismatch => "epoch_mismatch",
            Self::TooFarBehind => "too_far_behind",
            Self::FuturePosition => "future_position",
        }
    }
}

/// `session_joined`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SessionJoined {
    /// Which session.
    pub session_id: SessionId,
    /// Where its evaluation stands.
    pub status: Status,
    /// The log's incarnation.
    pub epoch: String,
    /// The log's end at this moment.
    pub last_seq: i64,
    /// Whether everything missed follows.
    pub recovered: bool,
    /// Why not, where a position was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<NotRecovered>,
    /// Connections in the session, this one included.
    pub members: usize,
}

/// Everything that goes to one client alone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(crate) enum Reply {
    /// Answers `authenticate`, and greets.
    Welcome(Box<Welcome>),
    /// Answers `join_session`.
    SessionJoined(SessionJoined),
    /// Answers `leave_session`.
    SessionLeft {
        /// Which session.
        session_id: SessionId,
    },
    /// Answers `start_evaluation`.
    EvaluationStarted {
        /// Which session.
        session_id: SessionId,
        /// The run.
        run_id: RunId,
    },
    /// Answers `cancel_evaluation`.
    EvaluationCancelling {
        /// Which session.
        session_id: SessionId,
        /// The run that is being ended.
        run_id: RunId,
    },
    /// Answers `begin_check` and `add_to_check`.
    CheckProgress(Box<CheckProgress>),
    /// Control: the token ends soon.
    TokenExpiring {
        /// When.
        #[serde(with = "rfc3339_millis")]
        expires_at: DateTime<Utc>,
    },
    /// Control: the server is about to stop.
    Drain {
        /// When to come back, from now.
        reconnect_after_ms: u64,
        /// When the socket is closed, from now.
        deadline_ms: u64,
    },
    /// Control: the session is no more.
    SessionClosed {
        /// Which.
        session_id: SessionId,
        /// `deleted`.
        #[schema(value_type = String, example = "deleted")]
        reason: &'static str,
    },
    /// Control: still there.
    Heartbeat {},
}

#[derive(Serialize)]
struct Enveloped<'a, T: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    body: T,
}

#[derive(Serialize)]
struct ErrorReply<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    error: ErrorBody<'a>,
}

/// Why a command was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = SocketError)]
pub(super) struct ErrorBody<'a> {
    /// What kind of refusal.
    #[schema(value_type = crate::protocol::error::ErrorCode)]
    code: &'static str,
    /// For people.
    message: &'a str,
    /// Whether the same command can succeed later.
    retryable: bool,
    /// When another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// Machine-readable facts: for `validation` its `errors`, for `evaluation_in_progress` the `run_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<serde_json::Value>,
}

/// Encodes a reply to the command `id`, or a control message (no `id`).
pub(crate) fn encode(id: Option<&str>, reply: &Reply) -> ByteString {
    to_text(&Enveloped { id, body: reply })
}

/// Encodes a refusal of the command `id`.
pub(crate) fn encode_refusal(id: Option<&str>, refusal: &Refusal) -> ByteString {
    let details = if refusal.fields.is_empty() {
        refusal.details.clone()
    } else {
        Some(serde_json::json!({ "errors": refusal.fields }))
    };
    to_text(&ErrorReply {
        kind: "error",
        id,
        error: ErrorBody {
            code: refusal.code.as_str(),
            message: &refusal.message,
            retryable: refusal.code.retryable(),
            retry_after_ms: refusal
                .retry_after
                .map(|wait| wait.as_millis().try_into().unwrap_or(u64::MAX)),
            details,
        },
    })
}

/// Encodes a `pong`. If the data is an object, `server_time` is added to it; otherwise
/// `server_time` stands beside `data`.
pub(crate) fn encode_pong(id: Option<&str>, data: Option<Value>, now: DateTime<Utc>) -> ByteString {
    #[derive(Serialize)]
    struct Pong<'a> {
        #[serde(rename = "type")]
        kind: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        data: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        server_time: Option<String>,
    }
    let (data, server_time) = match data.unwrap_or_else(|| Value::Object(serde_json::Map::new())) {
        Value::Object(mut fields) => {
            fields.insert("server_time".into(), timestamp(now).into());
            (Value::Object(fields), None)
        }
        other => (other, Some(timestamp(now))),
    };
    to_text(&Pong {
        kind: "pong",
        id,
        data,
        server_time,
    })
}

fn to_text<T: Serialize>(value: &T) -> ByteString {
    // Failure is not expected: these types consist of strings, numbers, lists and maps.
    serde_json::to_string(value).map_or_else(
        |error| {
            tracing::error!(%error, "a reply could not be encoded");
            ByteString::from_static(r#"{"type":"error","error":{"code":"internal","message":"the reply could not be encoded","retryable":true}}"#)
        },
        ByteString::from,
    )
}

#[cfg(test)]
#[path = "tests/reply.rs"]
mod tests;
