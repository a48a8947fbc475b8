//! Intervals that sockets and event streams share.

use std::time::Duration;

/// Interval of heartbeats on an idle connection.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(25);

/// Time before the expiry of a token at which its client is warned.
pub(crate) const EXPIRY_WARNING: Duration = Duration::from_secs(60);

/// Minimum delay before a client reconnects, in milliseconds.
pub(crate) const RECONNECT_MIN_MS: u64 = 500;
