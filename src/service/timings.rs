//! Intervals that sockets and event streams share.

use std::time::Duration;

/// Interval of heartbeats on an idle connection.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(25);

/// Time before the expiry of a token at which its client is warned.
pub(crate) const EXPIRY_WARNING: Duration = Duration::from_secs(60);

/// Minimum delay before a client reconnects, in milliseconds.
pub(crate) const RECONNECT_MIN_MS: u64 = 500;

/// The same for a client of a node with very many connections.
const RECONNECT_MIN_MS_OF_MANY: u64 = 5_000;

/// Number of clients for which a millisecond is enough to reconnect.
const CLIENTS_PER_MS: usize = 2;

/// Returns the minimum delay before a client of a node with so many connections reconnects its
/// socket, in milliseconds; event streams have no random delay and are not spread. Each client waits for a random part of it: if the node dies, the other nodes get
/// its clients over that time, and not all at once.
pub(crate) fn reconnect_min_ms(connections: usize) -> u64 {
    let spread = u64::try_from(connections / CLIENTS_PER_MS).unwrap_or(u64::MAX);
    spread.clamp(RECONNECT_MIN_MS, RECONNECT_MIN_MS_OF_MANY)
}

#[cfg(test)]
#[path = "tests/timings.rs"]
mod tests;
