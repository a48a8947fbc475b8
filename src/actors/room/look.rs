//! What a room knows of its looks at the database.

use actix::SpawnHandle;
use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Look {
    /// Whether it waits for an answer.
    pub(super) is_under_way: bool,
    /// When it last asked.
    pub(super) last: Option<Instant>,
    /// Where somebody has said since then that the log stands.
    pub(super) told: i64,
    pub(super) next: Option<SpawnHandle>,
}
