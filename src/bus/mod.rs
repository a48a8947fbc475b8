//! What the nodes of a fleet tell each other: that something has happened, so that nobody has to look for it all the
//! time.
//!
//! A signal may be lost, doubled, late or out of order, and nothing depends on it but how soon it is noticed: what is
//! true stands in the database, and whoever follows a session looks there now and then. Imports `domain`, `store` and
//! `telemetry`. Deliberately not here: what is done about a signal, which is the actors' business.

mod alone;
mod postgres;
mod signal;

use crate::domain::ids::SessionId;

pub(crate) use alone::{Alone, Silent};
pub(crate) use postgres::PostgresBus;
pub(crate) use signal::{Events, Signal};

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

    /// Whether nothing may be heard at the moment.
    fn is_deaf(&self) -> bool;

    /// How many nodes there are, this one included; a single one tells nothing.
    fn has_nodes(&self, nodes: usize);
}
