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

/// The data of `welcome`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Welcome {
    /// The id of this connection in the server's log.
    pub connection_id: ConnectionId,
    /// The authenticated user.
    pub user: WelcomeUser,
    /// The expiry of the token or the API key; null for a key that is valid until it is revoked.
    #[serde(with = "rfc3339_millis::option")]
    pub token_expires_at: Option<DateTime<Utc>>,
    /// The time of the server's clock.
    #[serde(with = "rfc3339_millis")]
    pub server_time: DateTime<Utc>,
    /// The limits of this connection.
    pub limits: WelcomeLimits,
    /// The heartbeat of this connection.
    pub heartbeat: WelcomeHeartbeat,
    /// The delays for reconnecting.
    pub reconnect: WelcomeReconnect,
}

/// The user in `welcome`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WelcomeUser {
    /// The id of the account.
    pub id: UserId,
    /// The account's name.
    pub username: String,
}

/// The limits in `welcome`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WelcomeLimits {
    /// The maximum size of a message, in bytes.
    pub max_message_bytes: usize,
    /// The maximum number of sessions that a connection may join.
    pub max_sessions: usize,
    /// The sustained rate of commands per second.
    pub commands_per_second: u32,
    /// The maximum number of events that a join replays.
    pub replay: i64,
}

/// The heartbeat in `welcome`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct WelcomeHeartbeat {
    /// The interval of the server's pings, in milliseconds.
    pub interval_ms: u64,
    /// The time without any sign of life after which the connection is closed, in milliseconds.
    pub timeout_ms: u64,
}

/// The delays for reconnecting in `welcome`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct WelcomeReconnect {
    /// The minimum delay, in milliseconds.
    pub min_ms: u64,
    /// The maximum delay, in milliseconds.
    pub max_ms: u64,
    /// `full`: the delay is random, between 0 and the current maximum.
    #[schema(value_type = String, example = "full")]
    pub jitter: &'static str,
}

/// The reason why a join replays nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotRecovered {
    /// The epoch that the client knows is not the log's.
    EpochMismatch,
    /// The client missed more events than a join replays.
    TooFarBehind,
    /// The position is greater than the log's last sequence number.
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

/// The data of `session_joined`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SessionJoined {
    /// The id of the session.
    pub session_id: SessionId,
    /// The state of the evaluation.
    pub status: Status,
    /// The epoch of the log: it changes when earlier sequence numbers are no longer valid.
    pub epoch: String,
    /// The sequence number of the last event in the log.
    pub last_seq: i64,
    /// True if all missed events follow.
    pub recovered: bool,
    /// The reason why they do not; only if a position was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<NotRecovered>,
    /// The number of connections in the session, this one included.
    pub members: usize,
}

/// The messages to a single client.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(crate) enum Reply {
    /// Answers `authenticate`, and greets.
    Welcome(Box<Welcome>),
    /// Answers `join_session`.
    SessionJoined(SessionJoined),
    /// Answers `leave_session`.
    SessionLeft {
        /// The id of the session.
        session_id: SessionId,
    },
    /// Answers `start_evaluation`.
    EvaluationStarted {
        /// The id of the session.
        session_id: SessionId,
        /// The id of the run.
        run_id: RunId,
    },
    /// Answers `cancel_evaluation`.
    EvaluationCancelling {
        /// The id of the session.
        session_id: SessionId,
        /// The id of the run that is being cancelled.
        run_id: RunId,
    },
    /// Answers `begin_check` and `add_to_check`.
    CheckProgress(Box<CheckProgress>),
    /// Control message: the token expires soon.
    TokenExpiring {
        /// The expiry of the token.
        #[serde(with = "rfc3339_millis")]
        expires_at: DateTime<Utc>,
    },
    /// Control message: the server is about to stop.
    Drain {
        /// The time after which to reconnect, in milliseconds from now.
        reconnect_after_ms: u64,
        /// The time after which the connection is closed, in milliseconds from now.
        deadline_ms: u64,
    },
    /// Control message: the session has ended.
    SessionClosed {
        /// The id of the session.
        session_id: SessionId,
        /// The reason, which is `deleted`.
        #[schema(value_type = String, example = "deleted")]
        reason: &'static str,
    },
    /// Control message: the server is alive.
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

/// The reason why a command was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = SocketError)]
pub(super) struct ErrorBody<'a> {
    /// One of the contract's error codes.
    #[schema(value_type = crate::protocol::error::ErrorCode)]
    code: &'static str,
    /// The error in words, for display.
    message: &'a str,
    /// True if the same command can succeed later.
    retryable: bool,
    /// The time after which to try again, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// Machine-readable facts: `errors` for `validation`, and `run_id` for `evaluation_in_progress`.
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
