//! The times that sockets and event streams keep alike.

use std::time::Duration;

/// How often a connection hears something, if only a heartbeat.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(25);

/// How long before its end a token is warned of.
pub(crate) const EXPIRY_WARNING: Duration = Duration::from_secs(60);

/// The shortest wait before a client comes back, in milliseconds.
pub(crate) const RECONNECT_MIN_MS: u64 = 500;
