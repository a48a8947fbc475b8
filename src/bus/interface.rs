//! What every bus offers, and what is heard by it.

use crate::domain::ids::SessionId;

use super::signal::Signal;

/// What comes from other nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Told(Signal),
    /// Something may have been told that was not heard or not understood.
    Missed,
}

/// The way to other nodes.
pub(crate) trait Bus: Send + Sync {
    /// Tells the others. Never waits: what there is no room for is dropped, and counted.
    fn tell(&self, signal: Signal);

    /// From now on what happens in a session is of interest here.
    fn follow(&self, session: SessionId);

    /// It no longer is.
    fn unfollow(&self, session: SessionId);

    /// How many sessions that are.
    fn followed(&self) -> usize;

    /// Whether nothing may be heard at the moment.
    fn is_deaf(&self) -> bool;

    /// How many nodes there are, this one included; a single one tells nothing.
    fn has_nodes(&self, nodes: usize);
}
