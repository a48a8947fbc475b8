//! The state of a room's polling of the database.

use actix::SpawnHandle;
use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Polling {
    /// True while a query is running.
    pub(super) is_under_way: bool,
    /// The time of the last query.
    pub(super) last: Option<Instant>,
    /// The last sequence number that another node has announced since the last query.
    pub(super) told: i64,
    pub(super) next: Option<SpawnHandle>,
}
