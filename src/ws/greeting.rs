//! The greeting that a client receives once it is authenticated, and the limits that the greeting
//! states.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::{Config, Limits};
use crate::domain::ids::ConnectionId;
use crate::protocol::reply::{
    Welcome, WelcomeHeartbeat, WelcomeLimits, WelcomeReconnect, WelcomeUser,
};
use crate::service::accounts::Identity;
use crate::service::timings::{HEARTBEAT, reconnect_min_ms};

/// Maximum time that a client may take to authenticate.
pub(super) const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(10);
/// Time without any frame after which the peer counts as gone.
pub(super) const DEAD_AFTER: Duration = Duration::from_secs(33);

const RECONNECT_MAX_MS: u64 = 30_000;

/// Returns the maximum size of a message, in bytes. A configured limit of 0 still leaves one that
/// memory can bear.
pub(super) const fn max_message_bytes(limits: &Limits) -> usize {
    if limits.max_message_bytes == 0 {
        16 << 20
    } else {
        limits.max_message_bytes
    }
}

/// Returns the maximum number of sessions that one connection may join.
pub(super) const fn max_sessions(limits: &Limits) -> usize {
    if limits.sessions_per_connection == 0 {
        usize::MAX
    } else {
        limits.sessions_per_connection as usize
    }
}

pub(super) fn welcome(
    connection_id: ConnectionId,
    identity: &Identity,
    config: &Config,
    connections: usize,
    now: DateTime<Utc>,
) -> Welcome {
    let limits = &config.limits;
    let millis = |time: Duration| time.as_millis().try_into().unwrap_or(u64::MAX);
    Welcome {
        connection_id,
        user: WelcomeUser {
            id: identity.user.id,
            username: identity.user.username.clone(),
        },
        token_expires_at: identity.grant.expires_at,
        server_time: now,
        limits: WelcomeLimits {
            max_message_bytes: max_message_bytes(limits),
            max_sessions: limits.sessions_per_connection as usize,
            commands_per_second: limits.commands_per_second,
            replay: i64::from(limits.replay_events),
        },
        heartbeat: WelcomeHeartbeat {
            interval_ms: millis(HEARTBEAT),
            timeout_ms: millis(DEAD_AFTER),
        },
        reconnect: WelcomeReconnect {
            min_ms: reconnect_min_ms(connections),
            max_ms: RECONNECT_MAX_MS,
            jitter: "full",
        },
    }
}
