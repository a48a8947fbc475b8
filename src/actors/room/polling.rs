//! The state of a room's polling of the database.

use actix::SpawnHandle;
use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Polling {
    pub(super) is_under_way: bool,
    /// True while a log that has lost its end is being given a new epoch; nothing is read meanwhile.
    pub(super) is_replacing: bool,
    /// The time of the last query; `None` before the first.
    pub(super) last: Option<Instant>,
    /// The highest sequence number that another node has announced since the last query.
    pub(super) told: i64,
    pub(super) next: Option<SpawnHandle>,
}
