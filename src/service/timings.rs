//! The times that sockets and event streams keep alike.

use std::time::Duration;

/// How often a connection hears something, if only a heartbeat.
pub const HEARTBEAT: Duration = Duration::from_secs(25);

/// How long before its end a token is warned of.
pub const EXPIRY_WARNING: Duration = Duration::from_secs(60);

/// The shortest wait before a client comes back, in milliseconds.
pub const RECONNECT_MIN_MS: u64 = 500;
