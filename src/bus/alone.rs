//! No bus: where there can be no other node, and where none is wanted.

use super::interface::Bus;
use super::signal::Signal;
use crate::domain::ids::SessionId;

/// For a database that only one process can serve.
pub(crate) struct Alone;

impl Bus for Alone {
    fn tell(&self, _: Signal) {}

    fn follow(&self, _: SessionId) {}

    fn unfollow(&self, _: SessionId) {}

    fn followed(&self) -> usize {
        0
    }

    fn is_deaf(&self) -> bool {
        false
    }

    fn has_nodes(&self, _: usize) {}
}

/// For nodes that are to do without: they only look, and the more often.
pub(crate) struct Silent;

impl Bus for Silent {
    fn tell(&self, _: Signal) {}

    fn follow(&self, _: SessionId) {}

    fn unfollow(&self, _: SessionId) {}

    fn followed(&self) -> usize {
        0
    }

    fn is_deaf(&self) -> bool {
        true
    }

    fn has_nodes(&self, _: usize) {}
}
