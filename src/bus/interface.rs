//! The interface of a bus, and what it receives.

use crate::domain::ids::SessionId;

use super::signal::Signal;

/// A message of the bus to this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Told(Signal),
    /// A signal may have been lost or could not be understood; whatever depends on signals has
    /// to be read again.
    Missed,
}

/// Sends signals to the other nodes and receives theirs.
pub(crate) trait Bus: Send + Sync {
    /// Sends a signal to the other nodes. Never waits: a signal that does not fit into the queue
    /// is dropped and counted.
    fn tell(&self, signal: Signal);

    /// Starts receiving signals about a session.
    fn follow(&self, session: SessionId);

    /// Stops receiving signals about a session.
    fn unfollow(&self, session: SessionId);

    /// Returns the number of followed sessions.
    fn followed(&self) -> usize;

    /// Returns true if signals may be lost at present.
    fn is_deaf(&self) -> bool;

    /// Sets the number of nodes, including this one; a single node sends no signals.
    fn has_nodes(&self, nodes: usize);
}
