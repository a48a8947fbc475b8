//! Implementations without signals: for a single process, and for nodes configured to use none.

use super::interface::Bus;
use super::signal::Signal;
use crate::domain::ids::SessionId;

/// The bus of a database that only one process can serve.
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

/// The bus of nodes configured to use no signals: they poll, more often than others.
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
